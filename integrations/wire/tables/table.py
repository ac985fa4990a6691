"""What a table in a file is, whatever wrote it: CSV and its relatives are read in csv_table.py, workbooks in workbook.py.

A file is refused as a whole when its header is wrong, a row alone when the row is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from config.errors import FileUnreadable, RollcallError
from config.sentences import sentence

CELL_LIMIT = 1024 * 1024  # characters; the longest real cell (a job description) has some ten thousand

Cells = dict[str, str | None]


class Source(Protocol):
    """A file that can be opened at any byte, more than once."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    def open(self, offset: int = 0) -> BinaryIO: ...


@dataclass(frozen=True)
class Fault:
    """A row that is no record. `position` counts data rows from 1, `line` lines of the file (for a workbook, its rows)."""

    position: int
    line: int
    error: RollcallError


@dataclass(slots=True)
class Batch:
    """Some rows. `cursor` (JSON) is where the next batch begins; `is_last` when the file ended as a table ends.

    `digests`: a number for each row, the same for rows that are written the same; good within this process only.
    """

    rows: list[Cells] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    digests: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    cursor: dict[str, int] = field(default_factory=dict)
    is_last: bool = False


class Table(Protocol):
    """A header and rows. `facts` says what was found out, for people."""

    columns: list[str]
    facts: dict[str, str]

    def batches(self, size: int, cursor: dict[str, int] | None = None) -> Iterator[Batch]: ...


def checked_header(cells: Sequence[str]) -> list[str]:
    """The names of the columns, stripped; a column without a name stays as "" and is not read. Raises FileUnreadable."""
    names = [cell.strip() for cell in cells]
    if not any(names):
        raise FileUnreadable(sentence("the header row is empty"))
    doubled = sorted(name for name, times in Counter(names).items() if times > 1 and name)
    if doubled:
        raise FileUnreadable(sentence("more than one column is named %(doubled)s", doubled=[f"“{name}”" for name in doubled]))
    return names
