"""A sentence that is kept: small, never too long, said in the reader's language, and harmless when it is broken or somebody else's."""

from __future__ import annotations

from datetime import date

import orjson
import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from config.errors import PlanStale
from config.say import language_of, neutral, said, told
from config.sentences import LONGEST, Sentence, Share, altered, english, named, sentence

DAY = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def english_reader():
    with translation.override("en"):
        yield


@pytest.fixture
def german(english_reader):
    with translation.override("de"):
        yield


def test_without_values_it_is_the_english_message_and_nothing_else():
    assert sentence("on leave") == "on leave"
    assert isinstance(sentence("on leave"), Sentence)


def test_it_is_said_in_the_language_that_is_active(german):
    assert said(sentence("on leave")) == "abwesend"


def test_days_numbers_and_shares_are_said_as_each_language_writes_them():
    stored = sentence("%(day)s %(n)s %(share)s", day=DAY, n=1204, share=Share(0.176))
    assert (english(stored), said(stored)) == ("30 November 2026 1,204 17.6 %", "30 November 2026 1,204 17.6 %")
    with translation.override("de"):
        assert said(stored) == "30. November 2026 1.204 17,6 %"


def test_one_and_many(german):
    assert [said(sentence("%(n)s person", "%(n)s people", n=n)) for n in (1, 2)] == ["1 Person", "2 Personen"]
    assert [english(sentence("%(n)s person", "%(n)s people", n=n)) for n in (0, 1, 2)] == ["0 people", "1 person", "2 people"]


def test_a_sentence_in_a_sentence_is_translated_and_a_name_is_not(german):
    assert said(sentence("%(a)s: %(b)s", a="on leave", b=sentence("on leave"))) == "on leave: abwesend"


def test_lists_of_sentences_and_of_names(german):
    words = sentence("%(what)s", what=[sentence("on leave"), sentence("Location"), sentence("Language")])
    assert said(words) == "abwesend, Standort und Sprache"
    assert said(sentence("%(what)s", what=["on leave", "Location"])) == "on leave und Location"
    assert said(sentence("%(what)s", what=["one"])) == "one"


def test_a_long_list_ends_with_a_sign():
    assert english(sentence("%(what)s", what=[str(n) for n in range(40)])).endswith("11 and …")


def test_what_was_stored_before_is_said_as_it_stands(german):
    assert said("left after 2026-01-31") == "left after 2026-01-31"
    assert said("100 %(sure)s, he said") == "100 %(sure)s, he said"
    assert said("") == ""


@pytest.mark.parametrize("broken", ['a %(x)s␟{"x":"cu', "a %(x)s␟[1]", "a %(x)s␟{}", 'a %(x)s␟{"x":{"d":"31 Feb"}}', "␟␟", "a␞"])
def test_a_broken_one_is_said_as_far_as_it_can_be_read(broken):
    said(broken)
    assert "␟" not in english(broken).replace("␟␟", "")


def test_a_stored_text_cannot_ask_for_more_than_its_values():
    assert len(said("%(x)999999999s %(x)s␟" + '{"x":"a"}')) < 40


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True),
        st.one_of(st.text(max_size=2000), st.lists(st.text(), max_size=30), st.integers(-9999, 10**9)),
        max_size=6,
    )
)
def test_it_always_fits_and_can_always_be_read(values):
    kept = sentence("a message of some length with %(n)s places", **values)
    assert len(kept) <= LONGEST
    assert isinstance(english(kept), str)


def test_a_long_name_is_shortened_and_everything_else_stays():
    kept = sentence("%(name)s is in %(system)s since %(day)s", name="N" * 5000, system="Moodle", day=DAY)
    assert len(kept) <= LONGEST
    assert english(kept).endswith("N… is in Moodle since 30 November 2026")


def test_a_long_text_in_an_inner_sentence_is_shortened_too(german):
    inner = sentence("%(who)s on leave until %(day)s", who="N" * 900, day=DAY)
    kept = sentence("%(happened)s %(detail)s", happened=sentence("The other side took too long to answer."), detail=inner)
    assert len(kept) <= LONGEST
    assert said(kept).startswith("Die Gegenseite") and said(kept).endswith("N… on leave until 30. November 2026")


def test_shortening_counts_what_json_makes_of_a_text():
    assert len(sentence("%(a)s", a="\x01" * 500)) <= LONGEST
    assert len(sentence("%(a)s %(b)s", a='"' * 500, b=["\\" * 100] * 20)) <= LONGEST


@pytest.mark.parametrize("value", [True, 1.5, {"a": 1}, gettext_lazy("on leave")])
def test_a_value_of_one_language_is_refused(value):
    with pytest.raises(TypeError):
        sentence("%(x)s", x=value)


def test_half_a_character_of_a_damaged_file_does_no_harm():
    assert english(sentence("%(x)s, %(y)s", x="a\ud800b", y=["\udfff"])) == "a?b, ?"


def test_the_same_words_about_thousands_are_made_once():
    assert named("first seen in %(name)s", "Workday") is named("first seen in %(name)s", "Workday")


def test_it_is_text_for_everything_that_stores_text():
    kept = sentence("%(a)s", a="ä")
    assert orjson.loads(orjson.dumps({"why": kept})) == {"why": str(kept)}


def test_texts_in_it_can_be_changed_down_to_inner_sentences():
    inner = sentence("%(who)s waits", who="jane@example.com")
    kept = sentence("%(why)s, %(name)s, %(n)s", why=inner, name=["jane"], n=3)
    assert english(altered(kept, lambda text: text.replace("jane", "***"))) == "***@example.com waits, ***, 3"
    assert altered("plain jane", lambda text: text.replace("jane", "***")) == "plain ***"


def test_a_lazy_text_is_kept_in_no_language(german):
    assert neutral(gettext_lazy("on leave")) == "on leave"


def test_an_error_is_told_with_its_detail_and_next_step(german):
    assert told(PlanStale(sentence("on leave"))) == (
        "Seit der Plan gemacht wurde, hat sich etwas geändert. Abwesend. Für diese Personen wurde nichts geschrieben; "
        "der nächste Lauf plant sie neu."
    )


def test_the_language_of_a_recipient_or_of_the_installation():
    with language_of("de"):
        assert said("on leave") == "abwesend"
        with language_of(""):
            assert said("on leave") == "on leave"
