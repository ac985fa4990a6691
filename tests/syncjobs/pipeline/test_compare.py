"""Recorded against there, without a database."""

from __future__ import annotations

import pytest

from syncjobs.pipeline.compare import Compared, compared, fields_of, findings, is_equal, is_same

WATCHED = {"city", "department", "suspended", "cohorts", "manager"}


def test_only_fields_that_we_write_are_compared() -> None:
    found = compared({"city": "Rome", "lastaccess": 5}, {"city": "Rome", "lastaccess": 9}, WATCHED, {"city", "lastaccess"})
    assert found == Compared({}, frozenset())


def test_a_missing_field_was_emptied_where_others_show_it_and_tells_nothing_where_nobody_does() -> None:
    recorded = {"city": "Rome", "department": "Sales"}
    assert compared(recorded, {}, WATCHED, {"city"}) == Compared({"city": ("Rome", "")}, frozenset({"department"}))


def test_what_is_recorded_as_empty_needs_not_be_shown() -> None:
    assert compared({"city": "", "department": None, "cohorts": []}, {}, WATCHED, set()) == Compared({}, frozenset())


@pytest.mark.parametrize(
    ("recorded", "there", "same"),
    [
        (["b", "a"], ["a", "b"], True),
        (["a"], [], False),
        (None, [], True),
        ("", None, True),
        (True, True, True),
        (True, False, False),
        (False, None, True),
        ("5", 5, True),
    ],
)
def test_empty_is_absent_and_order_says_nothing(recorded: object, there: object, same: bool) -> None:
    assert is_same(recorded, there) is same


@pytest.mark.parametrize(
    ("operation", "values", "fields"),
    [
        ("cohorts", {"add": ["a"], "remove": []}, {"cohorts"}),
        ("set_manager", {"manager": "P-1", "former_manager": None}, {"manager"}),
        ("deactivate", {"suspended": True}, {"suspended"}),
        ("update", {"city": "Rome"}, {"city"}),
    ],
)
def test_a_write_says_which_fields_it_carried(operation: str, values: dict[str, object], fields: set[str]) -> None:
    assert fields_of(operation, values) == fields


def test_each_difference_stands_with_the_write_that_carried_it_and_the_rest_with_the_last() -> None:
    account = Compared({"cohorts": (["a"], []), "department": ("Sales", "Elsewhere")}, frozenset())
    found = findings([(1, {"city"}), (2, {"cohorts"}), (3, {"suspended"})], account, ())
    assert found == {1: {}, 2: {"differs": {"cohorts": [["a"], []]}}, 3: {"differs": {"department": ["Sales", "Elsewhere"]}}}
    assert [is_equal(found[pk], {"x"}) for pk in found] == [True, False, False]


def test_what_the_vendor_never_shows_is_not_equal_and_not_different() -> None:
    found = findings([(1, {"manager"}), (2, {"city", "manager"})], Compared({}, frozenset()), {"manager"})
    assert found == {1: {"unshown": ["manager"]}, 2: {"unshown": ["manager"]}}
    assert not is_equal(found[1], {"manager"}) and is_equal(found[2], {"city", "manager"})
    assert not is_equal({"absent": True}, {"city"})
