"""One row, compiled: from the payload to one attribute. Plain Python but for the words of the transforms.

The speed of a night is made here: a row of a plain field takes about half a microsecond (docs/mapping.md, “How fast”). So a row is a
closure with everything decided beforehand, and the rare things (conditions, look-ups, errors) stay out of the common way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from config.errors import FixData, MappingInvalid, RollcallError, ValueMissing, ValueUnmapped
from config.sentences import Sentence, sentence
from integrations.canonical import Attribute
from integrations.mapping.checks import Check, for_attribute
from integrations.mapping.conditions import Condition, condition, fields_of
from integrations.mapping.expressions import Getter, roots, source
from integrations.mapping.steps import Step
from integrations.mapping.text import LARGEST, as_text, shown, within
from integrations.mapping.transforms import Lookup, build_all
from integrations.mapping.value_maps import LONGEST_CODE, UNKNOWN, ValueMaps

NULL_POLICIES = ("keep", "clear", "reject")
STRENGTHS = ("always", "fill_if_empty", "suggest")
ROUTES = ("at_once", "hourly", "nightly")


class RowLike(Protocol):
    """What a FieldMapping (a table row) and a MappingRow (a vendor's default) have in common."""

    @property
    def target(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def transforms(self) -> Sequence[str]: ...
    @property
    def required(self) -> bool: ...
    @property
    def null_policy(self) -> str: ...
    @property
    def strength(self) -> str: ...
    @property
    def condition(self) -> str: ...
    @property
    def route(self) -> str: ...
    @property
    def direction(self) -> str: ...


class UnmappedCodeError(Exception):
    """A code without a name: leaves the chain of a row, never the row."""


@dataclass(slots=True)
class Sheet:
    """What is filled in while one record is translated."""

    maps: ValueMaps
    on: date
    previous: dict[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[RollcallError] = field(default_factory=list)
    unmapped: list[tuple[str, str]] = field(default_factory=list)


Run = Callable[[dict[str, Any], Sheet], None]


@dataclass(slots=True)
class Row:
    """The parts of a row. `run` is how records are translated; trace.py walks the same parts one by one to show them."""

    target: str
    label: str
    path: str
    get: Getter
    applies: Condition | None
    specs: tuple[str, ...]
    steps: tuple[Step | Lookup, ...]
    check: Check
    roots: frozenset[str]
    required: bool
    null_policy: str
    strength: str
    route: str

    @property
    def lookups(self) -> tuple[str, ...]:
        return tuple(step.key for step in self.steps if isinstance(step, Lookup))

    @property
    def run(self) -> Run:
        return _careful(self) if self.applies or self.lookups else _swift(self)


def compile_row(row: RowLike, attribute: Attribute | None) -> Row:
    """`attribute` None: a field of a target, of any type. Raises MappingInvalid naming the row."""
    label = attribute.label if attribute else row.target
    try:
        if row.null_policy not in NULL_POLICIES:
            raise MappingInvalid(
                sentence(
                    "“%(null_policy)s” is not one of %(null_policies)s",
                    null_policy=shown(row.null_policy),
                    null_policies=list(NULL_POLICIES),
                )
            )
        if row.strength not in STRENGTHS:
            raise MappingInvalid(
                sentence("“%(strength)s” is not one of %(strengths)s", strength=shown(row.strength), strengths=list(STRENGTHS))
            )
        if row.route not in ROUTES:
            raise MappingInvalid(sentence("“%(route)s” is not one of %(routes)s", route=shown(row.route), routes=list(ROUTES)))
        return Row(
            target=row.target,
            label=label,
            path=row.source,
            get=source(row.source),
            applies=condition(row.condition),
            specs=tuple(row.transforms),
            steps=tuple(build_all(row.transforms)),
            check=for_attribute(attribute),
            roots=frozenset(roots(row.source) | fields_of(row.condition)),
            required=row.required,
            null_policy=row.null_policy,
            strength=row.strength,
            route=row.route,
        )
    except MappingInvalid as error:
        raise MappingInvalid(
            sentence(
                "%(label)s (taken from “%(source)s”): %(detail)s", label=Sentence(label), source=shown(row.source), detail=error.detail
            ),
            field=row.target,
        ) from error


def _swift(row: Row) -> Run:
    """A row without condition and look-up."""
    target, get, steps, check = row.target, row.get, row.steps, row.check
    nothing = when_empty(row)

    if not steps:

        def run(payload: dict[str, Any], sheet: Sheet) -> None:
            try:
                value = get(payload)
                if value is not None:
                    value = check(value)
            except FixData as error:
                refuse(row, error, sheet)
                return
            if value is None:
                nothing(sheet)
            else:
                sheet.values[target] = value

        return run

    first, *others = steps
    rest = tuple(others)

    def run_steps(payload: dict[str, Any], sheet: Sheet) -> None:
        try:
            value = get(payload)
            if value.__class__ is str and len(value) > LARGEST:
                within(len(value))
            value = first(value)  # type: ignore[operator]
            for step in rest:
                value = step(value)  # type: ignore[operator]
            if value is not None:
                value = check(value)
        except FixData as error:
            refuse(row, error, sheet)
            return
        if value is None:
            nothing(sheet)
        else:
            sheet.values[target] = value

    return run_steps


def _careful(row: Row) -> Run:
    """A row with a condition or a look-up."""
    nothing, silent = when_empty(row), when_silent(row)

    def run(payload: dict[str, Any], sheet: Sheet) -> None:
        try:
            value = row.get(payload)
            if row.applies and not row.applies(value, payload):
                silent(sheet)
                return
            if isinstance(value, str):
                within(len(value))
            for step in row.steps:
                value = find(step, value, sheet) if isinstance(step, Lookup) else step(value)
            if value is not None:
                value = row.check(value)
        except (FixData, MappingInvalid) as error:
            refuse(row, error, sheet)
        except UnmappedCodeError as code:
            wait_for_name(row, str(code), sheet)
        else:
            if value is None:
                nothing(sheet)
            else:
                sheet.values[row.target] = value

    return run


def find(step: Lookup, value: Any, sheet: Sheet) -> Any:
    """The name for a code, or for each of a list. Notes an unknown code and raises UnmappedCodeError."""
    table = sheet.maps.table(step.key)
    if isinstance(value, list):
        return [find(step, item, sheet) for item in value if not isinstance(item, list)]
    code = as_text(value)
    if not code or code.isspace():
        return None
    within(len(code), LONGEST_CODE)
    standing = step.stays(code) if step.stays else None
    if standing is not None:
        return standing
    name = table.find(code, sheet.on)
    if name is UNKNOWN or (step.stays and name == code.strip()):  # where unknown codes may pass: this one is no name either
        sheet.unmapped.append((step.key, code.strip()))
        raise UnmappedCodeError(code.strip())
    return name


def keep(row: Row, sheet: Sheet) -> None:
    """What was there before stays, if there was anything."""
    before = sheet.previous.get(row.target)
    if before is not None:
        sheet.values[row.target] = before


def refuse(row: Row, error: RollcallError, sheet: Sheet) -> None:
    """The value cannot be used: the same kind of error, naming the attribute."""
    sheet.problems.append(type(error)(sentence("%(label)s: %(detail)s", label=Sentence(row.label), detail=error.detail), field=row.target))
    keep(row, sheet)


def wait_for_name(row: Row, code: str, sheet: Sheet) -> None:
    """The old value stays while the code waits for a name; without it a required row parks the record."""
    if row.required:
        sheet.problems.append(
            ValueUnmapped(sentence("%(label)s: “%(code)s”", label=Sentence(row.label), code=shown(code)), field=row.target)
        )
    keep(row, sheet)


def when_empty(row: Row) -> Callable[[Sheet], None]:
    """What happens where the source says nothing."""
    if row.required or row.null_policy == "reject":

        def reject(sheet: Sheet) -> None:
            sheet.problems.append(
                ValueMissing(sentence("%(label)s: “%(path)s” is empty", label=Sentence(row.label), path=shown(row.path)), field=row.target)
            )
            keep(row, sheet)

        return reject
    return when_silent(row)


def when_silent(row: Row) -> Callable[[Sheet], None]:
    """What happens where the row does not apply: nothing is missing, so nothing is rejected."""
    if row.null_policy == "clear":

        def clear(sheet: Sheet) -> None:
            sheet.values[row.target] = None

        return clear
    return lambda sheet: keep(row, sheet)
