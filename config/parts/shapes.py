"""What the parts are given: plain values, made by a page, drawn by templates/rollcall/parts/. README.md says which part takes which."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Chip:
    """A chip outside the vocabulary: “14 people”, “override”. `tone`: ok, warn, bad, info, hold, idle."""

    label: Text
    tone: str = "idle"
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Kpi:
    """One number of the strip. `value` is ready to read (“1,197”, “1.4 s”); `tone` colours it only when it is bad or warn."""

    label: Text
    value: Text
    note: Text = ""
    href: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """One line of “Needs you”: who or what (bold), the rest of the sentence, the harm (grey), the one button."""

    chip: Chip
    title: Text
    rest: Text = ""
    harm: Text = ""
    button: Text = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a run. `state`: done, now, held, failed, todo. `count` is what stands above the word."""

    label: Text
    count: Text = "–"
    state: str = "todo"


@dataclass(frozen=True, slots=True)
class Example:
    """One person in a group of changes; before and after of `field` are shown as a difference when either is given."""

    name: str
    href: str = ""
    before: str = ""
    after: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """Changes of one kind for one reason. `kind` is a key of the vocabulary table “change”."""

    kind: str
    why: Text
    people: int
    examples: tuple[Example, ...] = ()
    href: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One attribute of a person: its value, where it comes from and why, and what the other sources say."""

    label: Text
    value: Text
    source: Text = ""
    why: Text = ""
    others: tuple[str, ...] = ()
    chip: Chip | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a timeline, newest first. `tone` colours the dot; `href` leads from the title."""

    at: datetime
    title: Text
    rest: Text = ""
    note: Text = ""
    before: str = ""
    after: str = ""
    tone: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Weight:
    """One piece of evidence. `points` in −100…100; None when only the direction is known (`speaks_for`)."""

    label: Text
    points: int | None = None
    speaks_for: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """One side of a comparison; `age` is how old its data is, in words."""

    key: str
    label: Text
    age: Text = ""


@dataclass(frozen=True, slots=True)
class CompareRow:
    """One attribute across the columns, in their order; None means that the side does not hold it.

    `name` makes radio buttons of the cells (value = column key, `chosen` = the one preselected). `result` and `why` fill the last column.
    """

    label: Text
    cells: tuple[str | None, ...]
    result: Text = ""
    why: Text = ""
    chosen: str = ""
    name: str = ""
    is_equal: bool = False


@dataclass(frozen=True, slots=True)
class Consequence:
    """One thing that will happen: a chip (“− 1”) and the sentence."""

    chip: Chip
    sentence: Text


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a decision bar. `tone`: go, stop or empty. `key` is its shortcut. With `href` it is a link instead."""

    label: Text
    value: str = ""
    tone: str = ""
    key: str = ""
    name: str = "answer"
    href: str = ""


@dataclass(frozen=True, slots=True)
class Pager:
    """Keyset paging: addresses of the neighbours, empty at either end, and what is shown (“50 of about 1,200,000”)."""

    shown: Text = ""
    previous: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """One field of a filter row: a choice when `choices` (value, label) are given, else free text.

    `problem`: why this value cannot be meant, where only the page can tell.
    """

    name: str
    label: Text
    value: str = ""
    choices: tuple[tuple[str, Text], ...] = field(default=())
    problem: Text = ""


@dataclass(frozen=True, slots=True)
class Tab:
    label: Text
    href: str
    is_current: bool = False
    count: Text = ""
