"""Every transform: what it makes of ordinary, odd and hostile values, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import MappingInvalid, ValueInvalid, ValueTooLarge
from integrations.mapping.text import LARGEST
from integrations.mapping.transforms import TRANSFORMS, Lookup, Transform, build, build_all
from tests.integrations.mapping.outcome import KNOWN, outcome_of

PLAIN = [transform for transform in TRANSFORMS.values() if transform.name not in ("lookup", "time_zone")]


def made(value: Any, *specs: str) -> Any:
    for step in build_all(specs):
        assert not isinstance(step, Lookup)
        value = step(value)
    return value


@pytest.mark.parametrize("transform", PLAIN, ids=lambda transform: transform.name)
def test_the_example_of_every_transform_is_true(transform: Transform) -> None:
    value, argument, result = transform.example
    assert made(value, f"{transform.name}:{argument}" if argument else transform.name) == result


def test_the_names_that_default_mappings_use_are_all_there() -> None:
    wanted = (
        "trim lower upper title digits split join first last date boolean default lookup time_zone replace regex prefix suffix ascii slug "
        "strip_accents email email_local hash truncate country"
    )
    assert set(wanted.split()) == set(TRANSFORMS)


@pytest.mark.parametrize("transform", PLAIN, ids=lambda transform: transform.name)
def test_no_value_passes_through_untouched(transform: Transform) -> None:
    if transform.name == "default":
        assert made(None, transform.sample) == "Other"
    else:
        assert made(None, transform.sample) is None


TABLE: list[tuple[Any, str, Any]] = [
    ("\u200b Anna\u00a0 Maria \ufeff", "trim", "Anna Maria"),
    ("a b", "trim", "a b"),
    (1001.0, "trim", "1001"),
    (1001, "trim", "1001"),
    (True, "trim", "true"),
    ([" a ", None, 7], "trim", ["a", None, "7"]),
    ("ISTANBUL", "lower", "istanbul"),
    ("straße", "upper", "STRASSE"),
    ("ANNE-MARIE VAN DEN BERG", "title", "Anne-Marie Van Den Berg"),
    ("D'ARCY O’HARA", "title", "D'Arcy O’Hara"),
    ("it's", "title", "It's"),
    ("٤٢ / 7", "digits", "427"),
    ("a,, b ,", "split:,", ["a", "b"]),
    ("a\tb", "split:\\t", ["a", "b"]),
    (["x"], "split:,", ["x"]),
    (["a", "", None, 3], "join:-", "a-3"),
    (["a", "b"], "join", "ab"),
    ("already text", "join:, ", "already text"),
    ([None, "", " "], "join:-", None),
    ([], "first", None),
    ("scalar", "first", "scalar"),
    ([None, "x", ""], "last", "x"),
    ("2026-02-28", "date", "2026-02-28"),
    ("2026-02-28T23:30:00.000-08:00", "date", "2026-02-28"),
    ("2026-02-28-08:00", "date", "2026-02-28"),
    ("2026-02-28 00:00:00", "date", "2026-02-28"),
    (" 2026-02-28 ", "date", "2026-02-28"),
    ("", "date", None),
    ("0000-00-00", "date", None),
    ("0000-00-00 00:00:00", "date", None),
    ("2024-02-29", "date", "2024-02-29"),
    ("28.02.2026", "date:%d.%m.%Y", "2026-02-28"),
    ("02/28/26", "date:MM/DD/YY", "2026-02-28"),
    ("5-Feb-2026", "date:D-MMM-YYYY", "2026-02-05"),
    ("20260228", "date:YYYYMMDD", "2026-02-28"),
    ("", "date:DD.MM.YYYY", None),
    ("2020-03-01", "date:%d.%m.%Y", "2020-03-01"),
    ("2020-03-01 00:00:00", "date:DD.MM.YYYY", "2020-03-01"),
    ("Ja", "boolean", True),
    ("0", "boolean", False),
    (0, "boolean", False),
    (1.0, "boolean", True),
    (False, "boolean", False),
    ("  ", "boolean", None),
    ("", "default:n/a", "n/a"),
    (0, "default:n/a", 0),
    (False, "default:n/a", False),
    ([], "default:n/a", "n/a"),
    ("a-b", "replace:-|", "ab"),
    ("aXb", "replace:X|:", "a:b"),
    ("no digits", r"regex:\d+", None),
    ("id 42", r"regex:\d+", "42"),
    ("id 42", r"regex:id (\d)(\d)", "4"),
    ("", "prefix:EMP-", ""),
    ("jane", "suffix:@x.example", "jane@x.example"),
    ("東京 Łódź", "ascii", "DongJing Lodz"),
    ("ŁÓDŹ José ñ", "strip_accents", "ŁODZ Jose n"),
    ("Ünïted & Co.", "slug", "united-co"),
    ("", "email", None),
    (" JANE.DOE@MERIDIAN.EXAMPLE ", "email", "jane.doe@meridian.example"),
    ("o'hara+hr@mail.meridian.example", "email", "o'hara+hr@mail.meridian.example"),
    (["Noor", "van den Berg"], "email_local", "noor.van.den.berg"),
    (["Noor", "van den Berg"], "email_local:-", "noor.van-den-berg"),
    (["José María", "Núñez-Ruiz"], "email_local", "jose.maria.nunez-ruiz"),
    (["Sinéad", "O’Connor"], "email_local", "sinead.oconnor"),
    (["陈", "伟"], "email_local", "chen.wei"),
    (["Cher", ""], "email_local", "cher"),
    ([None, None], "email_local", None),
    (["", "'"], "email_local", None),
    ("Jane Doe", "email_local", "jane.doe"),
    ("", "hash", None),
    ("Engineering", "truncate:50", "Engineering"),
    ("deu", "country", "DE"),
    ("United States of America", "country", "US"),
    ("Österreich", "country", "AT"),
    ("Côte d’Ivoire", "country", "CI"),
    ("Korea, Republic of", "country", "KR"),
    ("  ", "country", None),
]


@pytest.mark.parametrize(("value", "spec", "result"), TABLE, ids=lambda part: str(part)[:40])
def test_values_become(value: Any, spec: str, result: Any) -> None:
    assert made(value, spec) == result


@pytest.mark.parametrize(
    ("value", "spec", "says"),
    [
        ("2026-02-31", "date", "2026-02-31"),
        ("31.02.2026", "date:DD.MM.YYYY", "31.02.2026"),
        ("2026-02-281", "date", "2026-02-281"),
        ("2026-W01-1", "date", "2026-W01-1"),
        ("20260228", "date", "20260228"),
        ("tomorrow", "date", "tomorrow"),
        ("9" * 400, "date:YYYYMMDD", "999"),
        ("maybe", "boolean", "maybe"),
        ("Atlantis", "country", "Atlantis"),
        ("not an address", "email", "not an address"),
        ("a@b", "email", "a@b"),
        ("a..b@meridian.example", "email", "a..b"),
        ("a@@meridian.example", "email", "a@@"),
        ("\ud800@meridian.example", "email", "@meridian.example"),
        ({"a": 1}, "trim", "an object"),
        ([["a"]], "trim", "a list"),
        ([{"a": 1}], "join:,", "an object"),
    ],
)
def test_values_that_cannot_be_read_are_refused_and_named(value: Any, spec: str, says: str) -> None:
    with pytest.raises(ValueInvalid) as refused:
        made(value, spec)
    assert says in refused.value.detail


@pytest.mark.parametrize(
    "spec",
    [
        "nonsense",
        "",
        ":x",
        "trim:x",
        "split",
        "split:",
        "default",
        "lookup",
        "lookup: ",
        "replace",
        "replace:a",
        "replace:|b",
        "replace:||",
        "regex",
        "regex:(",
        r"regex:(a)\1",
        "regex:(?=x)",
        "truncate",
        "truncate:0",
        "truncate:-1",
        "truncate:many",
        "date:%Q",
        "date:nonsense",
        "date:%Y-%m",
        "date:%H:%M",
        "boolean:x",
        "first:2",
        "email_local:@",
        "prefix:" + "x" * 300,
        "regex:" + "\ud800",
    ],
)
def test_arguments_that_cannot_be_meant_are_refused_when_the_row_is_read(spec: str) -> None:
    with pytest.raises(MappingInvalid):
        build(spec)


def test_a_row_holds_at_most_twenty_transforms() -> None:
    build_all(["trim"] * 20)
    with pytest.raises(MappingInvalid, match="20"):
        build_all(["trim"] * 21)


def test_transforms_are_texts() -> None:
    with pytest.raises(MappingInvalid):
        build_all([{"name": "trim"}])  # type: ignore[list-item]


@pytest.mark.parametrize(
    "specs",
    [
        ("replace:a|" + "b" * 100, "replace:b|" + "c" * 100),
        ("split:a",) + ("join:" + "a," * 90, "split:,") * 3 + ("join:x",),
        ("ascii",),
    ],
)
def test_a_row_cannot_be_made_to_grow_without_bound(specs: tuple[str, ...]) -> None:
    with pytest.raises(ValueTooLarge):
        made("aé" * 200_000, *specs)


def test_a_pattern_that_would_hang_other_engines_answers() -> None:
    assert made("a" * 5000 + "!", r"regex:^(a+)+$") is None


def test_a_text_over_the_limit_is_too_large() -> None:
    with pytest.raises(ValueTooLarge):
        made([["x"] * 3, 10**5000][1], "trim")
    with pytest.raises(ValueTooLarge):
        made(["x" * (LARGEST + 1)], "regex:x")


def test_what_no_database_can_store_is_dropped() -> None:
    assert made(["a\x00b\ud800c\nd"], "regex:(?s).*") == ["abc\nd"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(st.characters(), max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([transform.sample for transform in PLAIN]), max_size=5), JSON)
def test_no_chain_of_transforms_lets_anything_out_but_errors_about_the_data(specs: list[str], value: Any) -> None:
    assert outcome_of(lambda: made(value, *specs)) in KNOWN
