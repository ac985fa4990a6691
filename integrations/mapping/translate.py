"""A mapping, compiled, and what it makes of one record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from config.errors import MappingInvalid, RollcallError
from config.sentences import sentence
from integrations.canonical import Attribute
from integrations.mapping.models import Direction, FieldMapping, MappingState, MappingVersion, Route
from integrations.mapping.rows import Row, RowLike, Sheet, compile_row
from integrations.mapping.shapes import Shape, shape_of
from integrations.mapping.value_maps import ValueMaps

__all__ = ["Mapping", "Translated", "ValueMaps", "compile_mapping", "compile_version", "published"]

COMPILED_KEPT = 200  # versions in memory: a hundred connectors with two streams each


@dataclass(slots=True)
class Translated:
    """What became of one record. With a problem the record must wait; `values` then still holds what could be read, or stood before.

    `unmapped` are (key of the value map, code as the source writes it).
    """

    values: dict[str, Any]
    problems: list[RollcallError]
    unmapped: list[tuple[str, str]]


class Mapping:
    """All rows of one version, ready to run. Holds no record and no table: safe to share between threads.

    `strengths`: attribute → always, fill_if_empty or suggest. `routes`: fields of a target whose changes can wait → hourly or nightly.
    `roots`: the top-level fields of the payload that its rows read, which is all of a payload that need be kept. `lookups`: keys of the
    value maps it needs.
    """

    def __init__(self, rows: Iterable[Row], number: int = 0) -> None:
        self.rows = tuple(rows)
        self.number = number
        self.strengths = {row.target: row.strength for row in self.rows}
        self.routes = {row.target: row.route for row in self.rows if row.route != Route.AT_ONCE}
        self.roots: frozenset[str] = frozenset().union(*(row.roots for row in self.rows))
        self.lookups = frozenset(key for row in self.rows for key in row.lookups)
        self._runs = tuple(row.run for row in self.rows)

    def translate(self, payload: dict[str, Any], maps: ValueMaps, on: date, previous: dict[str, Any] | None = None) -> Translated:
        """`payload` in our words. Raises nothing: what is wrong with the record stands in `problems`.

        `on` picks the dated rows of value maps. `previous` are the values of the last translation: what “keep” keeps.
        """
        sheet = Sheet(maps, on, previous or {})
        for run in self._runs:
            run(payload, sheet)
        return Translated(sheet.values, sheet.problems, sheet.unmapped)


def compile_mapping(rows: Sequence[RowLike], shape: Shape, number: int = 0) -> Mapping:
    """Raises MappingInvalid, naming the first row that is wrong."""
    twice = {row.target for row in rows if sum(other.target == row.target for other in rows) > 1}
    if twice:
        raise MappingInvalid(sentence("two rows fill %(twice)s", twice=sorted(twice)), field=min(twice))
    return Mapping([compile_row(row, attribute_for(row.target, shape)) for row in rows if _is_used(row, shape)], number)


def attribute_for(target: str, shape: Shape) -> Attribute | None:
    """The attribute a row fills; None for a field of another system. Raises MappingInvalid for a name we do not know."""
    known = shape.attributes.get(target)
    if known is None and not shape.is_open:
        raise MappingInvalid(
            sentence("there is no attribute “%(target)s”; there are %(attributes)s", target=target[:60], attributes=list(shape.attributes)),
            field=target,
        )
    return known


def _is_used(row: RowLike, shape: Shape) -> bool:
    """A row that is never written back takes no part on the way out."""
    return not (shape.is_out and getattr(row, "direction", Direction.OUT) == Direction.NEVER)


class StoredRow(NamedTuple):
    """A FieldMapping as a plain value: two equal rows are the same row, whichever version they stand in."""

    target: str
    source: str
    transforms: tuple[str, ...]
    condition: str
    required: bool
    null_policy: str
    strength: str
    direction: str
    route: str


def published(connector_id: int, stream: str) -> Mapping:
    """The mapping in force: two queries, and compiled only when a process meets these rows for the first time.

    Raises MappingInvalid when there is none, or it cannot be compiled.
    """
    version = (
        MappingVersion.objects.filter(connector=connector_id, stream=stream, state=MappingState.PUBLISHED)
        .select_related("connector")
        .first()
    )
    if version is None:
        raise MappingInvalid(sentence("no mapping is published for “%(stream)s”", stream=stream))
    return compile_version(version)


def compile_version(version: MappingVersion) -> Mapping:
    """Any version, a draft too, as it stands in the table now."""
    stored = FieldMapping.objects.filter(mapping=version).values_list(*StoredRow._fields)
    rows = tuple(row._replace(transforms=tuple(row.transforms)) for row in map(StoredRow._make, stored))
    return _compiled(rows, version.connector.vendor, version.stream, version.number)


@lru_cache(maxsize=COMPILED_KEPT)
def _compiled(rows: tuple[StoredRow, ...], vendor: str, stream: str, number: int) -> Mapping:
    """Kept by what the rows say, not by their id: nothing can be stale."""
    return compile_mapping(rows, shape_of(vendor, stream), number)
