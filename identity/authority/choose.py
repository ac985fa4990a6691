"""The surviving value of every attribute, and why. Pure.

Until the authority matrix exists, sources rank by a fixed number per connector, and one that is switched off behind every other
(docs/decisions/0023). One record leads: the one whose employment is alive, then the one whose connector ranks first. But where a source
of a higher rank says that somebody left, a lower one only overrules it by an employment that began afterwards (0021). What belongs to one
employment (dates, status, manager) comes from the leading record as a whole; every other attribute from the first record in that order
that says something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from config.sentences import Sentence, named, sentence

EMPLOYMENT = frozenset(
    {
        "hire_on",
        "last_day_on",
        "termination_on",
        "termination_reason",
        "status",
        "on_leave",
        "leave_from_on",
        "leave_until_on",
        "worker_type",
        "manager_lines",
        "unit",
        "unit_path",
    }
)
LEAD = "*"
STANDING_ORDER = {"active": 0, "on_leave": 1, "before": 2, "left": 3}


class Statement(NamedTuple):
    """What one record says about one person, already translated, and how it stands by itself.

    `strengths` names the attributes that do not simply count: fill_if_empty or suggest.
    """

    record_id: int
    version: int
    mapping: int
    connector_id: int
    connector_name: str
    rank: int
    standing: str
    hired: str
    values: Mapping[str, Any]
    strengths: Mapping[str, str]
    is_gone: bool = False
    is_off: bool = False  # the source is switched off: what it said last still counts, behind everybody else

    @property
    def place(self) -> tuple[bool, int]:
        """The lower one leads."""
        return self.is_off, self.rank


@dataclass(frozen=True, slots=True)
class Choice:
    """Values by attribute; where each comes from: [record id, record version, mapping number, why].

    `sources["*"]` is the leading record's and holds for every attribute that is not named (`source_of`). `lead` decides employment.
    """

    values: dict[str, Any]
    sources: dict[str, list[Any]]
    lead: Statement


def ordered(statements: Sequence[Statement]) -> list[Statement]:
    """The leading record first. Ties end at the row id, so that the order never depends on the database."""

    def place(one: Statement) -> tuple[bool, int, tuple[bool, int], int, int]:
        later_hire_first = -date.fromisoformat(one.hired).toordinal() if one.hired else 0
        return (one.is_gone, STANDING_ORDER.get(one.standing, 9), one.place, later_hire_first, -one.record_id)

    order = sorted(statements, key=place)
    left = _ended_above(order) if len(order) > 1 else None
    return order if left is None else [left, *(one for one in order if one is not left)]


def _ended_above(order: Sequence[Statement]) -> Statement | None:
    """The end of employment, told by a source that ranks above the first one of `order`, which the first one does not come after.

    A source that also knows the person as alive (hired again, a contractor who was taken on) has not told an end; nor has one that just
    does not list somebody any more: absence is not termination (D11).
    """
    first = order[0]
    if first.standing == "left" or first.is_gone:
        return None
    here = {one.connector_id for one in order if not one.is_gone and one.standing != "left"}
    ended = [
        one for one in order if one.standing == "left" and not one.is_gone and one.place < first.place and one.connector_id not in here
    ]
    above = min(ended, key=lambda one: one.place, default=None)
    return above if above is not None and not _began_after(first, above) else None


def _began_after(one: Statement, other: Statement) -> bool:
    """Whether this employment began after the other had ended. Days as ISO text; without both nothing is proven."""
    ended = max((str(other.values.get(key) or "") for key in ("termination_on", "last_day_on")), default="")
    return bool(one.hired and ended) and one.hired > ended


def choose(statements: Sequence[Statement], previous: Mapping[str, Any]) -> Choice:
    """`previous` are the person's values until now; a mapping row of strength "fill if empty" only writes where they are empty."""
    order = ordered(statements)
    lead = order[0]
    values: dict[str, Any] = {}
    sources: dict[str, list[Any]] = {}
    for index, one in enumerate(order):
        said = [one.record_id, one.version, one.mapping, _why(one, lead, order)]
        if not index:
            sources[LEAD] = said
            if not one.strengths:  # the common case: a leading record of which every row always counts
                values = {key: value for key, value in one.values.items() if value is not None}
                continue
        for key, value in one.values.items():
            if value is None or key in values or (index and key in EMPLOYMENT):
                continue
            strength = one.strengths.get(key, "always")
            if strength == "suggest" or (strength == "fill_if_empty" and previous.get(key) not in (None, "", value)):
                continue
            values[key] = value
            if index:
                sources[key] = said
    for one in order:  # what is only filled if empty keeps what stands
        for key, strength in one.strengths.items():
            if strength == "fill_if_empty" and key not in values and previous.get(key) not in (None, ""):
                values[key] = previous[key]
    return Choice(values, sources, lead)


def source_of(sources: Mapping[str, list[Any]], key: str) -> list[Any] | None:
    """Where the value of this attribute comes from; None for a person nobody speaks of."""
    return sources.get(key) or sources.get(LEAD)


ALONE = sentence("the only source")
STANDINGS = {
    "active": sentence("active"),
    "on_leave": sentence("on leave"),
    "before": sentence("starts soon"),
    "left": sentence("left"),
}


def _why(one: Statement, lead: Statement, order: Sequence[Statement]) -> Sentence:
    if len(order) == 1:
        return ALONE
    if one is lead:
        off = next((other.connector_name for other in order if other.is_off and other.rank < lead.rank), "") if not lead.is_off else ""
        return _leads(one.connector_name, one.rank, one.standing, off)
    return named("%(name)s says nothing", lead.connector_name)


@lru_cache(maxsize=1024)
def _leads(name: str, rank: int, standing: str, off: str) -> Sentence:
    if off:
        return sentence(
            "%(name)s leads: rank %(rank)s, %(standing)s; %(off)s is switched off",
            name=name,
            rank=rank,
            standing=STANDINGS.get(standing, Sentence(standing)),
            off=off,
        )
    return sentence(
        "%(name)s leads: rank %(rank)s, %(standing)s", name=name, rank=rank, standing=STANDINGS.get(standing, Sentence(standing))
    )
