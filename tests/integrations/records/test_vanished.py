from __future__ import annotations

import pytest

from integrations.records.vanished import filled_fields, lost_fields, vanished

WATCHED = {"nickname", "suffix"}


def test_a_field_is_lost_when_its_value_is_gone_whether_the_key_is_there_or_not() -> None:
    before = {"a": "x", "b": "x", "c": "x", "d": 0, "e": False, "f": "", "g": None, "h": ["x"]}
    assert lost_fields(before, {"b": "", "c": "y", "d": 0, "e": False, "h": []}) == ["a", "b", "h"]


def test_a_field_is_filled_when_anybody_has_a_value_and_nought_is_one() -> None:
    assert filled_fields([{"a": "", "b": None}, {"a": 0, "c": "x"}], {"a", "b", "c"}) == {"a", "c"}
    assert filled_fields([], {"a"}) == set()


@pytest.mark.parametrize(
    ("known", "lost", "filled", "now"),
    [
        ({}, {"nickname": 40}, {"suffix"}, {"nickname": 40}),
        ({}, {"nickname": 40}, {"nickname"}, {}),
        ({}, {"nickname": 2}, (), {}),
        ({}, {"pay": 40}, (), {}),
        ({"nickname": 40}, {}, (), {"nickname": 40}),
        ({"nickname": 40}, {"nickname": 1}, (), {"nickname": 41}),
        ({"nickname": 40}, {}, {"nickname"}, {}),
        ({"pay": 40}, {}, (), {}),
        ({"suffix": 3}, {"nickname": 5}, (), {"nickname": 5, "suffix": 3}),
    ],
)
def test_vanished_is_what_many_had_and_nobody_has(known, lost, filled, now) -> None:
    assert vanished(known, lost, filled, WATCHED) == now
