"""The German catalogue: complete, nothing left over, placeholders intact, and compiled from what is written."""

from __future__ import annotations

import gettext
import re
from datetime import date

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.dates import MONTHS, MONTHS_3, MONTHS_AP, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from config.roles.models import User
from tests.config.messages import in_code, in_po, in_templates

FOLDER = settings.BASE_DIR / "config" / "locale" / "de" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")


@pytest.fixture(scope="module")
def written():
    return in_po(FOLDER / "django.po")


@pytest.fixture(scope="module")
def asked():
    return set(in_code()) | set(in_templates())


def test_every_text_of_code_and_templates_is_in_the_catalogue(written, asked):
    assert len(asked) > 900
    assert sorted(asked - set(written)) == []


def test_nothing_in_the_catalogue_is_left_over(written, asked):
    assert sorted(set(written) - asked) == []


def test_every_entry_has_a_translation(written):
    assert [key for key, (_english, _plural, said) in written.items() if not said or not all(said)] == []


def test_placeholders_are_the_same_in_both_languages(written):
    for english, plural, said in written.values():
        for source, german in zip([english, plural] if plural else [english], said, strict=True):
            assert sorted(PLACEHOLDER.findall(source)) == sorted(PLACEHOLDER.findall(german)), english


def test_quotes_and_the_polite_form_are_german(written):
    texts = [text for _english, _plural, said in written.values() for text in said]
    assert [text for text in texts if "”" in text or text.count("„") != text.count("“")] == []
    assert [text for text in texts if re.search(r"\b(du|dich|dein|deine)\b", text)] == []


def test_what_runs_was_compiled_from_what_is_written(written):
    with (FOLDER / "django.mo").open("rb") as compiled:
        catalogue = gettext.GNUTranslations(compiled)._catalog
    expected = {}
    for (context, english), (_english, plural, said) in written.items():
        key = f"{context}\x04{english}" if context else english
        expected |= {(key, number): text for number, text in enumerate(said)} if plural else {key: said[0]}
    assert {key: text for key, text in catalogue.items() if key} == expected


def test_a_sentence_a_plural_and_a_word_in_context_are_german():
    with translation.override("de"):
        assert _("Needs a decision") == "Zu entscheiden"
        assert [ngettext("%(n)s person", "%(n)s people", n) % {"n": n} for n in (1, 2)] == ["1 Person", "2 Personen"]
        assert pgettext("connector", "new") == "neu"


@pytest.mark.django_db
def test_a_page_comes_in_the_language_of_the_reader(client):
    client.force_login(User.objects.create(username="lea", is_staff=True))
    answer = client.get(reverse("help"), headers={"Accept-Language": "de"})
    assert '<html lang="de"' in answer.text
    assert "Wozu jede Seite da ist." in answer.text


def test_no_word_of_ours_takes_the_place_of_a_month_or_day_of_django():
    """Catalogues share one room: an entry “may” of ours would be the month in every date. Django asks for “M” in small letters."""
    with (FOLDER / "django.mo").open("rb") as compiled:
        ours = gettext.GNUTranslations(compiled)._catalog
    with translation.override("en"):
        words = {str(word) for names in (MONTHS, MONTHS_3, MONTHS_AP, WEEKDAYS, WEEKDAYS_ABBR) for word in names.values()}
    assert len(words) > 40
    assert sorted(words & set(ours)) == []


def test_the_fifth_month_is_mai_in_a_date():
    with translation.override("de"):
        assert date_format(date(2026, 5, 6), "j. M Y") == "6. Mai 2026"
        assert date_format(date(2026, 5, 6), "j. F Y") == "6. Mai 2026"


def test_what_goes_on_is_marked_in_one_way(written):
    """A blank before the three dots: the word is whole, and something else comes."""
    texts = [text for _english, _plural, said in written.values() for text in said]
    assert [text for text in texts if re.search(r"\w…$", text)] == []
