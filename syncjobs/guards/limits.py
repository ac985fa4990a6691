"""How much a run may change alone, per kind of change. Pure.

A plan is held when, for a kind of change, at least `people` are hit and they are more than `share` of the people it could hit, or
when they are `most` or more: so it works for 12 people as for 100,000.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.sentences import Sentence, Share, sentence


@dataclass(frozen=True)
class Limit:
    people: int = 3
    share: float = 0.10
    most: int = 200

    def is_reached(self, people: int) -> bool:
        """Whether so many are worth counting what they are a share of, which takes half a second among 100,000."""
        return people >= min(self.people, self.most)


@dataclass(frozen=True)
class Breach:
    """What is too much, in numbers and in words."""

    kind: str
    people: int
    of: int
    why: Sentence


def would(kind: str, people: int) -> Sentence:
    """How many people would get what."""
    match kind:
        case "create":
            return sentence("%(n)s person would get a new account", "%(n)s people would get a new account", n=people)
        case "update":
            return sentence("%(n)s person would be changed", "%(n)s people would be changed", n=people)
        case "deactivate":
            return sentence("%(n)s person would be deactivated", "%(n)s people would be deactivated", n=people)
        case "reactivate":
            return sentence("%(n)s person would be reactivated", "%(n)s people would be reactivated", n=people)
        case "empty":
            return sentence("%(n)s person would lose the value they have", "%(n)s people would lose the value they have", n=people)
        case "link":
            return sentence(
                "%(n)s person would be joined to an account that is already there",
                "%(n)s people would be joined to an account that is already there",
                n=people,
            )
    return sentence("%(n)s people: %(kind)s", n=people, kind=kind)


def limit_for(kind: str, *settings: Mapping[str, Any]) -> Limit:
    """What these connectors say of this kind, else the default. Where two say something, the stricter number holds: neither lifts what
    the other was told to protect."""
    own = [said.get(kind) or said.get("all") or {} for said in settings]
    strictest = {name: min((one[name] for one in own if name in one), default=getattr(Limit, name)) for name in ("people", "share", "most")}
    return Limit(people=int(strictest["people"]), share=float(strictest["share"]), most=int(strictest["most"]))


def weigh(kind: str, people: int, of: int, limit: Limit, source: str = "") -> Breach | None:
    """Whether `people` changes of this kind, out of `of` people there whom `source` speaks of, are too many to make without asking."""
    if people == 0:
        return None
    share = people / of if of else 1.0
    if people >= limit.most:
        return Breach(kind, people, of, sentence("%(people)s; the limit is %(limit)s", people=would(kind, people), limit=limit.most))
    if people >= limit.people and share > limit.share:
        return Breach(kind, people, of, _share_of(would(kind, people), share, of, source, limit))
    return None


def _share_of(people: Sentence, share: float, of: int, source: str, limit: Limit) -> Sentence:
    if source and not of:
        return sentence("%(people)s, and nobody from %(source)s was there before", people=people, source=source)
    if not source:
        return sentence(
            "%(people)s, %(share)s of %(of)s; the limit is %(limit)s", people=people, share=Share(share), of=of, limit=Share(limit.share)
        )
    return sentence(
        "%(people)s, %(share)s of %(of)s from %(source)s; the limit is %(limit)s",
        people=people,
        share=Share(share),
        of=of,
        source=source,
        limit=Share(limit.share),
    )
