from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.errors import AnswerCutOff, CursorExpired
from integrations.vendors.base import Page
from tests.integrations.vendors.csv_file.files import NIGHT, read, small_pages, told


@pytest.mark.parametrize("content", ['id,name\n1,Ana\n2,"Mar', "id,name\n1,Ana\n2"])
def test_a_file_that_was_cut_off_has_no_last_page(people: Any, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    small_pages(monkeypatch, 1)
    pages = people(content).fetch("people", NIGHT)
    assert not next(pages).is_last
    with pytest.raises(AnswerCutOff):
        next(pages)


def test_a_file_that_grows_while_it_is_read_has_no_last_page(people: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pages(monkeypatch, 1)
    pages = people("id,name\n1,Ana\n2,Marco\n").fetch("people", NIGHT)
    next(pages)
    with (tmp_path / "people.csv").open("a") as stream:
        stream.write("3,Jane\n")
    seen: list[Page] = []
    with pytest.raises(AnswerCutOff, match="while it was read"):
        seen.extend(pages)
    assert not any(page.is_last for page in seen)


def test_a_file_of_a_header_alone_is_complete_and_empty(people: Any) -> None:
    (page,) = read(people("id,name\n"))
    assert page.is_last and page.records == []


def test_every_page_says_where_to_go_on_and_only_the_last_that_it_is(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pages(monkeypatch, 10)
    vendor = people("id,name\n" + "".join(f"{number},P{number}\n" for number in range(35)))
    pages = read(vendor)
    assert [page.is_last for page in pages] == [False, False, False, True]
    for number, page in enumerate(pages[:-1], start=1):
        assert [told(rest) for rest in read(vendor, cursor=page.cursor)] == [told(rest) for rest in pages[number:]]


def test_a_cursor_of_another_file_has_expired(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pages(monkeypatch, 1)
    cursor = read(people("id,name\n1,Ana\n2,Marco\n"))[0].cursor
    with pytest.raises(CursorExpired):
        read(people("id,name\n1,Ana\n2,Marcos\n"), cursor=cursor)
