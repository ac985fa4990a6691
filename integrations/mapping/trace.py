"""One record through a mapping, step by step, for people to look at. Walks the parts that translate runs; a test holds the two together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from config.errors import FixData, MappingInvalid, ValueUnmapped
from integrations.mapping.rows import Row, Sheet, UnmappedCodeError, find, refuse, wait_for_name, when_empty, when_silent
from integrations.mapping.text import within
from integrations.mapping.transforms import Lookup
from integrations.mapping.translate import Mapping
from integrations.mapping.value_maps import ValueMaps


@dataclass(slots=True)
class RowTrace:
    """What one row made of a record. `state`: ok, empty, unmapped, skipped (its condition does not hold) or error.

    `steps`: each transform and the value after it, as far as it got. `result` is what the attribute holds afterwards; `stands` says
    that this is the value from before.
    """

    target: str
    label: str
    path: str
    raw: Any = None
    steps: list[tuple[str, Any]] = field(default_factory=list)
    result: Any = None
    state: str = "ok"
    message: str = ""
    sentence: str = ""  # the same without any value of the record, for those who may not see it
    stands: bool = False


def trace(mapping: Mapping, payload: dict[str, Any], maps: ValueMaps, on: date, previous: dict[str, Any] | None = None) -> list[RowTrace]:
    """Every row in order. Raises nothing."""
    sheet = Sheet(maps, on, previous or {})
    return [_walk(row, payload, sheet) for row in mapping.rows]


def _walk(row: Row, payload: dict[str, Any], sheet: Sheet) -> RowTrace:
    seen = RowTrace(row.target, row.label, row.path)
    known = len(sheet.problems)
    try:
        value = _value(row, payload, sheet, seen)
    except UnmappedCodeError as code:
        seen.state, seen.message, seen.sentence = "unmapped", str(code), ValueUnmapped().sentence
        wait_for_name(row, str(code), sheet)
    except (FixData, MappingInvalid) as error:
        refuse(row, error, sheet)
    else:
        if seen.state == "skipped":
            when_silent(row)(sheet)
        elif value is None:
            seen.state = "empty"
            when_empty(row)(sheet)
        else:
            sheet.values[row.target] = value
    if len(sheet.problems) > known and seen.state != "unmapped":
        problem = sheet.problems[-1]
        seen.state, seen.message, seen.sentence = "error", problem.detail, problem.sentence
    seen.result = sheet.values.get(row.target)
    seen.stands = seen.state != "ok" and seen.result is not None
    return seen


def _value(row: Row, payload: dict[str, Any], sheet: Sheet, seen: RowTrace) -> Any:
    value = seen.raw = row.get(payload)
    if row.applies and not row.applies(value, payload):
        seen.state = "skipped"
        return None
    if isinstance(value, str):
        within(len(value))
    for spec, step in zip(row.specs, row.steps, strict=True):
        value = find(step, value, sheet) if isinstance(step, Lookup) else step(value)
        seen.steps.append((spec, value))
    return None if value is None else row.check(value)
