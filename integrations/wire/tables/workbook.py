"""Workbooks (XLSX, XLS, ODS) as tables. The sheet is unpacked in memory, so there is a limit here that a CSV does not have.

What a workbook shows and what it holds differ: a number formatted as “0042” is 42 here, and a date is a date.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, WorksheetNotFound

from config.errors import FileUnreadable, SettingInvalid, ValueTooLarge
from config.sentences import sentence
from integrations.wire.tables.table import CELL_LIMIT, Batch, Cells, Fault, Source, checked_header

SIGNATURES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # zip (XLSX, ODS); compound file (XLS, or XLSX with a password)
UNPACKED_LIMIT = 512 * 1024 * 1024  # bytes of XML: 400,000 rows of 24 columns, and twice as much again in memory while they are read
RATIO_LIMIT = 200  # honest sheets shrink to a tenth or a twentieth; beyond this the file is meant to fill the memory

Cell = str | int | float | bool | date | datetime | time | timedelta


class WorkbookTable:
    """One sheet of a workbook, by name, by number (from 1), or the first. Rows as a CsvTable gives them; the cursor is a row number.

    Raises FileUnreadable for a damaged, protected or oversized file and a wrong header, SettingInvalid for a sheet that is not there.
    """

    def __init__(self, source: Source, *, sheet: str = "", header_row: int = 1) -> None:
        self._sheet = _opened(source, sheet.strip())
        self._top = self._sheet.start[0] if self._sheet.start else 0  # empty rows above the first used one are left out
        rows = self._rows()
        header = next((cells for number, cells in rows if number >= header_row), None)
        if header is None:
            raise FileUnreadable(sentence("the sheet “%(name)s” ends before its header row", name=self._sheet.name))
        self._names = checked_header([_text(cell) for cell in header])
        self._header_row = header_row
        self.columns = [name for name in self._names if name]
        self.facts = {"sheet": self._sheet.name}

    def batches(self, size: int, cursor: dict[str, int] | None = None) -> Iterator[Batch]:
        """All rows from `cursor` on, `size` at a time; the last batch may be empty."""
        begin = cursor or {"row": 0, "line": self._header_row}
        row, batch = begin["row"], Batch()
        for line, cells in self._rows():
            if line <= begin["line"]:
                continue
            values = [_text(cell) or None for cell in cells]
            if not any(values):
                continue
            row += 1
            if any(value is not None and len(value) > CELL_LIMIT for value in values):
                error = ValueTooLarge(
                    sentence("row %(line)s: a cell beyond %(cell_limit)s characters", line=str(line), cell_limit=CELL_LIMIT)
                )
                batch.faults.append(Fault(row, line, error))
            else:
                record: Cells = {name: value for name, value in zip(self._names, values, strict=True) if name}
                batch.rows.append(record)
                batch.positions.append(row)
                batch.digests.append(hash(tuple(values)))
            if len(batch.rows) + len(batch.faults) == size:
                batch.cursor = {"row": row, "line": line}
                yield batch
                batch = Batch(cursor=batch.cursor)
        batch.is_last = True
        batch.cursor = {"row": row, "line": self._top + self._sheet.height}
        yield batch

    def _rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """Rows with their numbers as the workbook shows them."""
        return enumerate(self._sheet.iter_rows(), start=self._top + 1)


def is_workbook(head: bytes) -> bool:
    return head.startswith(SIGNATURES)


def _opened(source: Source, wanted: str) -> CalamineSheet:
    stream = _seekable(source.open())
    _refuse_bomb(stream)
    try:
        workbook = CalamineWorkbook.from_filelike(stream)
        if not workbook.sheet_names:
            raise FileUnreadable(sentence("the workbook has no sheets"))
        return _sheet(workbook, wanted)
    except PasswordError as error:
        raise FileUnreadable(sentence("the workbook is protected by a password")) from error
    except CalamineError as error:
        raise FileUnreadable(sentence("the workbook is damaged: %(error)s", error=str(error))) from error


def _sheet(workbook: CalamineWorkbook, wanted: str) -> CalamineSheet:
    try:
        if wanted and wanted not in workbook.sheet_names and wanted.isdecimal():
            return workbook.get_sheet_by_index(int(wanted) - 1)
        return workbook.get_sheet_by_name(wanted or workbook.sheet_names[0])
    except (WorksheetNotFound, IndexError, OverflowError) as error:
        names = ", ".join(f"“{name}”" for name in workbook.sheet_names)
        raise SettingInvalid(
            sentence("there is no sheet “%(wanted)s”; the workbook has %(names)s", wanted=wanted, names=names), field="sheet"
        ) from error


def _seekable(stream: BinaryIO) -> BinaryIO:
    """An archive is read from its end, which a remote file cannot do: it is copied first."""
    if stream.seekable():
        return stream
    copy = TemporaryFile()  # noqa: SIM115 - lives as long as the workbook
    with stream:
        shutil.copyfileobj(stream, copy)
    copy.seek(0)
    return cast(BinaryIO, copy)


def _refuse_bomb(stream: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(stream) as archive:
            packed = sum(item.compress_size for item in archive.infolist())
            unpacked = sum(item.file_size for item in archive.infolist())
    except zipfile.BadZipFile:
        packed = unpacked = 0  # the old format is no archive; a damaged one is told by the reader
    if unpacked > UNPACKED_LIMIT or unpacked > RATIO_LIMIT * max(packed, 100_000):
        raise FileUnreadable(sentence("the workbook unpacks to %(unpacked)s bytes, which is more than is read", unpacked=unpacked))
    stream.seek(0)


def _text(cell: Any) -> str:
    """A cell as a CSV export would have written it."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return str(cell)
