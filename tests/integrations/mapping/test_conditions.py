"""When a row applies."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import MappingInvalid, ValueInvalid, ValueTooLarge
from integrations.mapping.conditions import FUNCTIONS, condition, fields_of
from tests.integrations.mapping.outcome import KNOWN, outcome_of

RECORD = {"status": "Active", "Cost centre": "100", "job": {"level": 3}, "tags": ["a"], "gone": None}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('row.status == "Active"', True),
        ('row.status != "Active"', False),
        ('row["Cost centre"] in ["100", "200"]', True),
        ("row.job.level >= 3 and not empty(value)", True),
        ('row.job["level"] < 3', False),
        ("row.nothing.deeper == None", True),
        ("empty(row.gone) or row.gone > 3", True),
        ('lower(value) == "x" and startswith(value, "X") and endswith(value, "X")', True),
        ("len(row.tags) == 1", True),
        ('"a" in row.tags', True),
        ("value is not None", True),
        ("-1 < row.job.level", True),
    ],
)
def test_it_holds_or_not(text: str, holds: bool) -> None:
    check = condition(text)
    assert check is not None
    assert check("X", RECORD) is holds


def test_no_condition_is_none() -> None:
    assert condition("  ") is None


def test_it_is_known_which_fields_it_looks_at() -> None:
    assert fields_of('row.status == "A" and row["Cost centre"] != row.job.level and value') == {"status", "Cost centre", "job"}
    assert fields_of("") == set()


@pytest.mark.parametrize(
    "text",
    [
        "row",
        "row()",
        "row.a()",
        "row[0]",
        "row[value]",
        "value.upper()",
        "value.a",
        "value[0]",
        "9**9",
        '"a" * 9',
        "1 + 1",
        "foo",
        "len",
        "len(len)",
        "open('x')",
        "__import__('os')",
        "(lambda: 1)()",
        "[x for x in value]",
        "{1: 2}",
        "f'{value}'",
        "value if value else 1",
        "row.a := 1",
        "import os",
        "value == 1; value",
        "x" * 301,
        "(" * 150,
        "value ==",
        "lower(text=value)",
        "list(value)",
        "value and print(value)",
        "\x00",
    ],
)
def test_what_is_more_than_a_comparison_is_refused(text: str) -> None:
    with pytest.raises(MappingInvalid) as refused:
        condition(text)
    assert refused.value.detail


def test_looking_at_conditions_does_not_teach_them_new_functions() -> None:
    check = condition("empty(value)")
    assert check is not None
    check("", {})
    assert set(FUNCTIONS) == {"len", "lower", "startswith", "endswith", "empty"}


@pytest.mark.parametrize("text", ["row.job > 3", "row.gone > 3", "len(row.job.level) > 0", "lower(row.gone) == 'x'", "row.status in 3"])
def test_what_cannot_be_worked_out_is_an_error_about_the_data(text: str) -> None:
    check = condition(text)
    assert check is not None
    with pytest.raises(ValueInvalid, match="cannot be worked out"):
        check("X", RECORD)


def test_a_huge_list_is_not_walked() -> None:
    check = condition("'x' in row.tags")
    assert check is not None
    with pytest.raises(ValueTooLarge):
        check("", {"tags": ["a"] * 2_000_000})


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        ["row.a == value", "row.a < row.b", "value in row.a", "not row.a.b", "len(row.a) > 2", "lower(value) == row.a", "empty(row.b)"]
    ),
    st.dictionaries(
        st.sampled_from("ab"), st.recursive(st.none() | st.integers() | st.text(max_size=3), st.lists, max_leaves=4), max_size=2
    ),
    st.none() | st.text(max_size=3) | st.integers(),
)
def test_a_condition_lets_nothing_out_but_errors_about_the_data(text: str, record: dict[str, Any], value: Any) -> None:
    check = condition(text)
    assert check is not None
    assert outcome_of(lambda: check(value, record)) in KNOWN
