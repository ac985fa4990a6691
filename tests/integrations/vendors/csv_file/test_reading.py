from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.errors import NotSupported
from integrations.vendors import vendor_class
from integrations.vendors.base import Family, Window
from integrations.vendors.csv_file.vendor import CsvFile
from tests.integrations.vendors.csv_file.files import CONGRESS, NIGHT, WRITTEN, connector, ids, read, reasons, write
from tests.integrations.wire.tables.test_workbook import workbook


def test_it_declares_what_it_is_and_can() -> None:
    assert vendor_class("csv_file") is CsvFile
    assert (CsvFile.family, CsvFile.stream("people").proof, CsvFile.stream("people").delta) == (Family.FILE, "last_page", False)
    assert CsvFile.targets == ()


def test_what_it_cannot_do_is_said(people: Any) -> None:
    vendor = people("id\n1\n")
    with pytest.raises(NotSupported):
        vendor.push("people", [])
    with pytest.raises(NotSupported):
        next(vendor.fetch("units", NIGHT))


def test_a_file_becomes_records_word_for_word(people: Any) -> None:
    (page,) = read(people("id,First Name,note\n 7 ,Zoë,\n8,Marco, x \n"))
    assert [(record.external_id, record.payload) for record in page.records] == [
        ("7", {"id": "7", "First Name": "Zoë", "note": None}),
        ("8", {"id": "8", "First Name": "Marco", "note": "x"}),
    ]
    assert page.is_last and page.mark == WRITTEN and page.total is None and not page.rejected


def test_the_real_extract_of_537_people_is_read_right(tmp_path: Path) -> None:
    write(tmp_path / "congress.csv", CONGRESS.read_bytes())
    pages = read(connector(tmp_path, {"source": "upload", "path": "congress.csv", "id_column": "bioguide"}))
    with CONGRESS.open(encoding="utf-8", newline="") as stream:
        expected = {row["bioguide"]: {name: value.strip() or None for name, value in row.items()} for row in csv.DictReader(stream)}
    assert len(expected) == 537
    assert {record.external_id: record.payload for page in pages for record in page.records} == expected
    assert pages[-1].is_last and not reasons(pages)


def test_a_stamp_of_the_source_is_read_where_a_column_is_named(people: Any) -> None:
    content = "id,changed\n1,2026-05-20T08:00:00+02:00\n2,2026-05-20\n3,20.05.2026\n4,\n"
    (page,) = read(people(content, changed_column="changed"))
    assert [record.changed_at for record in page.records] == [
        datetime(2026, 5, 20, 6, tzinfo=UTC),
        datetime(2026, 5, 20, tzinfo=UTC),
        None,
        None,
    ]


def test_only_the_people_asked_for_are_handed_on(people: Any) -> None:
    pages = read(people("id,name\n1,Ana\n2,Marco\n\n3\n4,Jane\n4,John\n"), Window(ids=("2", "4", "9")))
    assert ids(pages) == ["2"]
    assert [item.external_id for page in pages for item in page.rejected] == ["4", "4"]
    assert pages[-1].is_last


def test_a_workbook_is_read_like_a_csv(people: Any) -> None:
    content = workbook(People=[["id", "name"], [21001, "Zoë"], [21002, None]])
    (page,) = read(people(content, name="people.xlsx", sheet="People"))
    assert [record.payload for record in page.records] == [{"id": "21001", "name": "Zoë"}, {"id": "21002", "name": None}]
