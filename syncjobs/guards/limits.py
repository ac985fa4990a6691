"""How much a run may change alone, per kind of change. Pure.

A plan is held when, for a kind of change, at least `people` are hit and they are more than `share` of everybody there, or when
they are `most` or more: so it works for 12 people as for 100,000.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Limit:
    people: int = 3
    share: float = 0.10
    most: int = 200


@dataclass(frozen=True)
class Breach:
    """What is too much, in numbers and in words."""

    kind: str
    people: int
    of: int
    why: str


WORDS = {
    "create": "would get a new account",
    "update": "would be changed",
    "deactivate": "would be deactivated",
    "reactivate": "would be reactivated",
    "link": "would be joined to an account that is already there",
}


def limit_for(kind: str, settings: Mapping[str, Any]) -> Limit:
    """The connector's own limit for this kind, over the default."""
    own = settings.get(kind) or settings.get("all") or {}
    return Limit(
        people=int(own.get("people", Limit.people)), share=float(own.get("share", Limit.share)), most=int(own.get("most", Limit.most))
    )


def weigh(kind: str, people: int, of: int, limit: Limit) -> Breach | None:
    """Whether `people` changes of this kind, out of `of` people there, are too many to make without asking."""
    if people == 0:
        return None
    share = people / of if of else 1.0
    if people >= limit.most:
        return Breach(kind, people, of, f"{people} people {WORDS.get(kind, kind)}; the limit is {limit.most}")
    if people >= limit.people and share > limit.share:
        return Breach(kind, people, of, f"{people} people {WORDS.get(kind, kind)}, {share:.1%} of {of}; the limit is {limit.share:.0%}")
    return None
