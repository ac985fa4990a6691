"""What an account holds after a write, and what is written from there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from syncjobs.plans.writes import held_after, writes_of


@pytest.mark.parametrize(
    ("held", "operation", "values", "after"),
    [
        ({}, "create", {"email": "a@x", "suspended": False}, {"email": "a@x", "suspended": False}),
        ({"email": "a@x", "city": "Rom"}, "update", {"email": "b@x"}, {"email": "b@x", "city": "Rom"}),
        ({"suspended": False}, "deactivate", {"suspended": True}, {"suspended": True}),
        ({"cohorts": ["a", "b"]}, "cohorts", {"add": ["c"], "remove": ["a"]}, {"cohorts": ["b", "c"]}),
        ({}, "set_manager", {"manager": "P-000001", "former_manager": None}, {"manager": "P-000001"}),
    ],
)
def test_each_write_leaves_what_it_carries(held: dict[str, Any], operation: str, values: dict[str, Any], after: dict[str, Any]) -> None:
    before = dict(held)
    assert held_after(held, operation, values) == after and held == before


def test_groups_are_left_that_were_joined_by_what_is_on_its_way() -> None:
    held = held_after({"cohorts": []}, "cohorts", {"add": ["sales"], "remove": []})
    change = SimpleNamespace(kind="update", before={"cohorts": held["cohorts"]}, after={"cohorts": ["research"]})
    (write,) = writes_of(change)
    assert write.values == {"add": ["research"], "remove": ["sales"]}
