"""Look-up tables while a run is at work: a snapshot, folded, with the names that hold on a date."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from config.errors import MappingInvalid
from config.sentences import sentence
from integrations.mapping.models import ValueMap, ValueMapRow

LONGEST_CODE = 200  # as the column
KEPT = 10_000  # codes remembered as written; folding one takes a microsecond

UNKNOWN: Final = object()

Dated = tuple[date, date, str]  # from, until (both included), name


def fold(code: str) -> str:
    """How codes are compared: without case, accents, outer spaces, and with single spaces inside."""
    text = code.casefold()
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
    return " ".join(text.split())[:LONGEST_CODE].rstrip()


class Table:
    """One value map. Rows of one code may follow each other in time; the latest start that has come wins."""

    def __init__(self, key: str, keep_unknown: bool = False) -> None:
        self.key = key
        self.keep_unknown = keep_unknown
        self.names: dict[str, list[Dated]] = {}
        self._found: dict[tuple[str, date], Any] = {}

    def add(self, folded: str, name: str, valid_from: date | None = None, valid_until: date | None = None) -> None:
        self.names.setdefault(folded, []).append((valid_from or date.min, valid_until or date.max, name))
        self._found.clear()

    def find(self, code: str, on: date) -> Any:
        """The name of `code` on that date; the code itself if unknown ones pass; else UNKNOWN."""
        try:
            return self._found[code, on]
        except KeyError:
            pass
        if len(self._found) >= KEPT:
            self._found.clear()
        found = self._found[code, on] = self._search(fold(code), on, code)
        return found

    def _search(self, folded: str, on: date, code: str) -> Any:
        valid = [row for row in self.names.get(folded, ()) if row[0] <= on <= row[1]]
        if valid:
            return max(valid)[2]
        return code.strip() if self.keep_unknown else UNKNOWN


class ValueMaps:
    """The value maps a mapping needs, read once."""

    def __init__(self, tables: Iterable[Table] = ()) -> None:
        self._tables = {table.key: table for table in tables}

    @classmethod
    def load(cls, keys: Iterable[str] | None = None) -> ValueMaps:
        """Those called for, or all. Two queries. A key without a map is left out: `table` says so for the record that needs it."""
        wanted = ValueMap.objects.all() if keys is None else ValueMap.objects.filter(key__in=set(keys))
        maps = {row.pk: Table(row.key, row.keep_unknown) for row in wanted}
        rows = ValueMapRow.objects.filter(value_map__in=maps).values_list("value_map_id", "folded", "target", "valid_from", "valid_until")
        for map_id, folded, target, valid_from, valid_until in rows.iterator(chunk_size=5000):
            maps[map_id].add(folded, target, valid_from, valid_until)
        return cls(maps.values())

    def table(self, key: str) -> Table:
        """Raises MappingInvalid for a map that is not there."""
        try:
            return self._tables[key]
        except KeyError:
            raise MappingInvalid(sentence("there is no value map “%(key)s”", key=key)) from None
