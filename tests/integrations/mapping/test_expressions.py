"""Where values come from: fields, paths, JMESPath, and what is refused before it can hurt."""

from __future__ import annotations

from typing import Any

import jmespath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError

from config.errors import MappingInvalid, ValueInvalid, ValueTooLarge
from integrations.mapping.closures import LeftToTheLibraryError, closure
from integrations.mapping.expressions import roots, source
from tests.integrations.mapping.outcome import KNOWN, outcome_of

RECORD = {
    "first": "Jane",
    "last": "Doe",
    "Cost centre": "100",
    "E-Mail": "jane@meridian.example",
    "Straße": "Ring 1",
    "a.b": "dotted",
    "address": {"city": "Berlin", "Postal code": "10115"},
    "emails": [{"type": "home", "value": "j@home.example"}, {"type": "work", "value": "jane@meridian.example"}],
    "zero": 0,
    "empty": "",
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("first", "Jane"),
        (" first ", "Jane"),
        ("Cost centre", "100"),
        ("E-Mail", "jane@meridian.example"),
        ("Straße", "Ring 1"),
        ('"a.b"', "dotted"),
        ("address.city", "Berlin"),
        ('address."Postal code"', "10115"),
        ("address.Postal code", "10115"),
        ("address.city.deeper", None),
        ("first.deeper", None),
        ("nobody", None),
        ("empty || first", "Jane"),
        ("zero || first", 0),
        ("emails[?type=='work'].value | [0]", "jane@meridian.example"),
        ("emails[-1].value", "jane@meridian.example"),
        ("emails[5].value", None),
        ("[first, last]", ["Jane", "Doe"]),
        ("join('.', [first, last])", "Jane.Doe"),
        ("'employee'", "employee"),
        ("sort_by(emails, &value)[0].type", "home"),
        ("emails[:1].type", ["home"]),
        ("{given: first, city: address.city}", {"given": "Jane", "city": "Berlin"}),
    ],
)
def test_a_path_leads_to(path: str, value: Any) -> None:
    assert source(path)(RECORD) == value


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("first", {"first"}),
        ('"a.b"', {"a.b"}),
        ("address.city", {"address"}),
        ("empty || first", {"empty", "first"}),
        ("emails[?type=='work'].value | [0]", {"emails"}),
        ("join('.', [first, last])", {"first", "last"}),
        ("(jobs[?primary].title | [0]) || report.Title", {"jobs", "report"}),
        ("'employee'", set()),
    ],
)
def test_it_is_known_which_fields_a_path_touches(path: str, fields: set[str]) -> None:
    assert roots(path) == fields


@pytest.mark.parametrize("path", ["@", "@.first", "keys(@)", "*", "*.city", "[0] || values(@)"])
def test_a_path_over_the_whole_record_is_refused(path: str) -> None:
    with pytest.raises(MappingInvalid, match="begin with the name of a field"):
        roots(path)


@pytest.mark.parametrize(
    "path",
    [
        "", "  ", "a..b", "a[", "a || ", "nope(first)", "x" * 501, "(" * 400, "first; import os", "__import__('os').system('x')",
        "join(first, [last])", "|".join(["[@,@][]"] * 40), "|".join(["to_string([@])"] * 30), "[a,b,c,d,e].[f,g,h,i,j].[k,l,m]",
    ],
)  # fmt: skip
def test_a_path_that_cannot_be_read_or_could_grow_without_bound_is_refused(path: str) -> None:
    with pytest.raises(MappingInvalid) as refused:
        source(path)
    assert refused.value.detail


def test_data_that_does_not_suit_the_expression_is_an_error_about_the_data() -> None:
    with pytest.raises(ValueInvalid, match="does not suit"):
        source("join('.', [first, last])")({"first": "Jane", "last": None})


def test_a_huge_record_is_not_multiplied() -> None:
    huge = {"words": ["x" * 100] * 20_000}
    with pytest.raises(ValueTooLarge):
        source("join(', ', words)")(huge)
    with pytest.raises(ValueTooLarge):
        source("[words, words, words] | [] | sort_by(@, &length(@))")({"words": [["x" * 10] * 100_000]})


NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.recursive(
    NAMES | st.sampled_from(["'a'", "`1`", "`true`", "a[0]", "b[-1]", "a[]", "a[].b", "b[*].a", "@"]),
    lambda inner: st.one_of(
        st.tuples(inner, NAMES).map(lambda p: f"({p[0]}).{p[1]}"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}) || ({p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}) && ({p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}) == ({p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}) != ({p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"[{p[0]}, {p[1]}]"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}) | ({p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"a[?{p[0]}].{'{'}x: {p[1]}{'}'}"),
        inner.map(lambda p: f"!({p})"),
        inner.map(lambda p: f"length({p})"),
        inner.map(lambda p: f"not_null(a, {p})"),
        inner.map(lambda p: f"join(', ', {p})"),
    ),
    max_leaves=5,
)
DATA = st.recursive(
    st.none() | st.booleans() | st.sampled_from([0, 1, 0.0, 1.5, "", "a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=10,
)


def typed(value: Any) -> Any:
    """1, 1.0 and True apart."""
    if isinstance(value, list):
        return [typed(item) for item in value]
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    return type(value).__name__, value


@settings(max_examples=600, deadline=None)
@given(PATHS, DATA)
def test_the_quick_way_answers_as_the_library_does(path: str, data: Any) -> None:
    compiled = jmespath.compile(path)
    try:
        quick = closure(compiled.parsed)
    except LeftToTheLibraryError:
        return
    try:
        wanted = typed(compiled.search(data))
    except (JMESPathError, TypeError, AttributeError) as error:
        with pytest.raises(type(error)):
            quick(data)
        return
    assert typed(quick(data)) == wanted


@settings(max_examples=200, deadline=None)
@given(PATHS, st.dictionaries(NAMES, DATA, max_size=3))
def test_a_compiled_path_lets_nothing_out_but_errors_about_the_data(path: str, record: dict[str, Any]) -> None:
    assert outcome_of(lambda: source(path)(record)) in KNOWN
