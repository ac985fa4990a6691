"""The connection test: what can go wrong with a file, one step after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any, TypeVar

from config.errors import RollcallError, SourceEmpty
from config.sentences import sentence
from integrations.vendors.base import Health, Step
from integrations.vendors.csv_file.opening import opened, refuse_missing
from integrations.vendors.csv_file.places import FoundFile
from integrations.wire.tables.table import Batch, Table

T = TypeVar("T")


class Check:
    """Shows names of columns and no values."""

    def __init__(self, place: Callable[[], AbstractContextManager[FoundFile]], config: Mapping[str, Any]) -> None:
        self.place = place
        self.config = config
        self.health = Health([])

    def run(self) -> Health:
        with ExitStack() as stack:
            file = self._step(sentence("Find the file"), lambda: stack.enter_context(self.place()), _of_file)
            if file is not None:
                self._read(file)
        return self.health

    def _read(self, file: FoundFile) -> None:
        self.health.facts |= {"file": file.name, "bytes": f"{file.size:,}", "written": f"{file.modified_at:%Y-%m-%d %H:%M} UTC"}
        table = self._step(sentence("Read the header"), lambda: opened(file, self.config), _of_columns)
        if table is None:
            return
        self.health.facts |= table.facts
        if self._step(sentence("Compare the columns"), lambda: self._columns(table), _of_names):
            self._step(sentence("Read the first row"), lambda: _first(table), _of_batch)

    def _columns(self, table: Table) -> list[str]:
        refuse_missing(table.columns, self.config)
        return [self.config["id_column"], *self.config["required_columns"]]

    def _step(self, name: str, action: Callable[[], T], words: Callable[[T], str]) -> T | None:
        try:
            result = action()
        except RollcallError as error:
            self.health.steps.append(Step(name, False, error.detail, error=error))
            return None
        self.health.steps.append(Step(name, True, words(result)))
        return result


def _first(table: Table) -> Batch:
    batch = next(table.batches(1))
    if batch.faults:
        raise batch.faults[0].error
    if not batch.rows:
        raise SourceEmpty(sentence("the file has a header and no rows"))
    return batch


def _of_columns(table: Table) -> str:
    return sentence("%(n)s columns", n=len(table.columns))


def _of_names(names: list[str]) -> str:
    return sentence("%(n)s asked for, all there", n=len(names))


def _of_file(file: FoundFile) -> str:
    return sentence("%(name)s, %(n)s bytes", name=file.name, n=file.size)


def _of_batch(batch: Batch) -> str:
    filled = sum(value is not None for value in batch.rows[0].values())
    return sentence("%(filled)s of %(all)s cells are filled", filled=filled, all=len(batch.rows[0]))
