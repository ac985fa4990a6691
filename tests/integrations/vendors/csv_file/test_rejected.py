from __future__ import annotations

from typing import Any

import pytest

from config.errors import DuplicateId, RowUnreadable, ValueMissing, ValueTooLarge
from config.sentences import english
from tests.integrations.vendors.csv_file.files import ids, read, reasons, small_pages, told


def test_a_bad_row_is_rejected_and_the_rest_goes_on(people: Any) -> None:
    pages = read(people(f"id,name\n1,Ana\n2\n,Nobody\n{'x' * 201},Long\n5,Marco,x\n6,Jane\n"))
    assert ids(pages) == ["1", "6"]
    assert reasons(pages) == [(2, RowUnreadable), (3, ValueMissing), (4, ValueTooLarge), (5, RowUnreadable)]
    assert "line 3" in english(pages[0].rejected[0].error.detail)
    assert pages[0].is_last


def test_the_same_row_twice_is_one_record(people: Any) -> None:
    pages = read(people('id,name\n1,Ana\n2,Marco\n1,Ana\n2,"Marco"\n1,Ana'))
    assert ids(pages) == ["1"]
    assert [item.external_id for item in pages[0].rejected] == ["2", "2"]  # written differently: better asked once too often


def test_two_rows_with_one_id_are_both_rejected_where_they_differ(people: Any) -> None:
    pages = read(people("id,name\n1,Ana\n2,Marco\n1,Anna\n3,Jane\n1,Hannah\n"))
    assert ids(pages) == ["2", "3"]
    assert reasons(pages) == [(1, DuplicateId), (3, DuplicateId), (5, DuplicateId)]
    assert [item.external_id for item in pages[0].rejected] == ["1", "1", "1"]
    assert "row 1" in english(pages[0].rejected[1].error.detail)


def test_a_second_row_on_a_later_page_is_rejected_and_names_the_first(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pages(monkeypatch, 2)
    pages = read(people("id,name\n1,Ana\n2,Marco\n3,Jane\n1,Anna\n2,Marco\n"))
    assert ids(pages) == ["1", "2", "3"]
    assert reasons(pages) == [(4, DuplicateId)]
    assert "row 1" in english(pages[1].rejected[0].error.detail)


def test_a_second_row_is_still_noticed_after_a_restart(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pages(monkeypatch, 2)
    vendor = people("id,name\n1,Ana\n2,Marco\n3,Jane\n4\n1,Anna\n2,Marco\n")
    first, *rest = read(vendor)
    again = read(vendor, cursor=first.cursor)
    assert [told(page) for page in again] == [told(page) for page in rest]
    assert reasons(again) == [(4, RowUnreadable), (5, DuplicateId)]
