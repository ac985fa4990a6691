from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from config.errors import FileUnreadable, SettingInvalid, ValueTooLarge
from integrations.wire.tables import workbook as workbook_module
from integrations.wire.tables.workbook import WorkbookTable, is_workbook
from tests.integrations.wire.tables.memory_file import MemoryFile

MORNING = datetime.fromisoformat("2026-05-20T06:30:00")  # a workbook knows no zones


def workbook(**sheets: Iterable[Iterable[Any]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table(content: bytes, **options: Any) -> WorkbookTable:
    return WorkbookTable(MemoryFile(content, "people.xlsx"), **options)


def test_cells_become_the_text_a_csv_would_have_carried() -> None:
    content = workbook(
        People=[
            ["id", "name", "hired", "changed", "share", "active", "none"],
            [21001, " Zoë ", date(2024, 3, 4), MORNING, 0.8, True, None],
        ]
    )
    (batch,) = table(content).batches(10)
    assert batch.rows == [
        {
            "id": "21001",
            "name": "Zoë",
            "hired": "2024-03-04",
            "changed": "2026-05-20T06:30:00",
            "share": "0.8",
            "active": "true",
            "none": None,
        }
    ]
    assert batch.is_last


@pytest.mark.parametrize("sheet", ["Leavers", "2"])
def test_a_sheet_is_chosen_by_name_or_number(sheet: str) -> None:
    content = workbook(People=[["id"], [1]], Leavers=[["id"], [9]])
    (batch,) = table(content, sheet=sheet).batches(10)
    assert [row["id"] for row in batch.rows] == ["9"]


@pytest.mark.parametrize("sheet", ["Hires", "3", "0", "99999999999999999999999"])
def test_a_sheet_that_is_not_there_is_named_with_those_that_are(sheet: str) -> None:
    with pytest.raises(SettingInvalid, match="“People”, “Leavers”"):
        table(workbook(People=[["id"], [1]], Leavers=[["id"]]), sheet=sheet)


def test_blank_rows_are_passed_over_and_the_header_may_stand_lower() -> None:
    content = workbook(People=[["Extract"], [], ["id", "name"], [1, "Ana"], [], [2, "Marco"]])
    opened = table(content, header_row=3)
    assert opened.columns == ["id", "name"]
    (batch,) = opened.batches(10)
    assert [row["id"] for row in batch.rows] == ["1", "2"]
    assert batch.positions == [1, 2]


def test_reading_on_from_a_cursor_gives_what_was_left() -> None:
    content = workbook(People=[["id"], *([number] for number in range(7)), [], [7]])
    batches = list(table(content).batches(3))
    assert [batch.is_last for batch in batches] == [False, False, True]
    rest = list(table(content).batches(3, batches[0].cursor))
    assert [batch.rows for batch in rest] == [batch.rows for batch in batches[1:]]
    assert [batch.positions for batch in rest] == [[4, 5, 6], [7, 8]]


def test_a_cell_beyond_the_limit_rejects_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_module, "CELL_LIMIT", 10)
    (batch,) = table(workbook(People=[["id", "name"], [1, "x" * 11], [2, "Ana"]])).batches(10)
    assert [row["id"] for row in batch.rows] == ["2"]
    assert [(fault.position, fault.line, type(fault.error)) for fault in batch.faults] == [(1, 2, ValueTooLarge)]


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 and then nothing sensible",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        workbook(People=[["id"], [1]])[:-200],
        workbook(People=[["id", "id"], [1, 2]]),
        workbook(People=[]),
    ],
)
def test_a_workbook_that_cannot_be_used_is_refused(content: bytes) -> None:
    assert is_workbook(content)
    with pytest.raises(FileUnreadable):
        table(content)


def test_an_archive_that_unpacks_to_far_more_than_it_is_is_not_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(64 * 1024 * 1024))
    with pytest.raises(FileUnreadable, match="unpacks to"):
        table(out.getvalue())


def test_a_remote_workbook_is_copied_before_it_is_read() -> None:
    class Remote(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation("seek")

    source = MemoryFile(b"")
    source.open = lambda offset=0: Remote(workbook(People=[["id"], [1]]))  # type: ignore[method-assign]
    (batch,) = WorkbookTable(source).batches(10)
    assert batch.rows == [{"id": "1"}]
