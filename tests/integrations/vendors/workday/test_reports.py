from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from config.errors import AnswerCutOff, CursorExpired, NotSupported, SourceFieldMissing, UnexpectedAnswer
from integrations.vendors.base import Page, Window
from integrations.vendors.workday import reports
from integrations.vendors.workday.reports import json_rows, xml_rows
from integrations.wire.http import Response
from tests.integrations.vendors.workday.recorded import RecordedLine, answer, connect, recording

ANA, HARUTO = "3aa5550b7fe348b98d7b5741afc65534", "3aa5550b7fe348b98d7b5741afc65506"
COLUMNS = ["Employee_ID", "First_Name", "Jobs"]


def read(*answers: Response | str, window: Window = Window(), cursor: Any = None, **settings: Any) -> tuple[list[Page], RecordedLine]:  # noqa: B008 - frozen
    owner = {"source": "raas", "report_owner": "isu rollcall", "report_name": "Learners", "report_columns": COLUMNS}
    workday, line = connect(*answers, **{**owner, **settings})
    return list(workday.fetch("workers", window, cursor)), line


def test_rows_keep_only_the_columns_that_were_named() -> None:
    pages, _ = read("report__workers.json")
    assert pages[0].records[0].external_id == ANA
    assert pages[0].records[0].payload["report"] == {
        "Employee_ID": "21001",
        "First_Name": "Ana",
        "Jobs": [{"Title": "Senior Buyer"}, {"Title": "Safety Coordinator"}],
    }
    assert pages[0].records[1].payload["report"] == {"Employee_ID": "21006", "First_Name": "Haruto “Haru”"}  # absent, not empty


def test_a_row_without_an_id_is_rejected_and_the_others_go_on() -> None:
    pages, _ = read("report__workers.json")
    assert [(row.position, row.error.code, row.error.field) for row in pages[-1].rejected] == [(3, "value_missing", "Workday_ID")]
    assert pages[-1].is_last and pages[-1].total == 3


def test_xml_reads_like_json() -> None:
    pages, line = read("report__workers.xml", report_format="xml", report_columns=[*COLUMNS, "Location"])
    row = pages[0].records[0].payload["report"]
    assert row["Location"] == "Madrid Chamberí" and row["Jobs"] == [{"Title": "Senior Buyer"}, {"Title": "Safety Coordinator"}]
    assert line.asked[0]["params"] == {"format": "simplexml"}


def test_the_report_is_called_by_owner_and_name_with_basic_sign_in() -> None:
    _, line = read("report__workers.json")
    assert line.asked[0]["url"] == "https://services1.example/ccx/service/customreport2/acme/isu%20rollcall/Learners"
    assert line.asked[0]["timeout_seconds"] == 80 and line.asked[0]["stream"] is True


def test_the_mark_is_the_clock_of_the_answer() -> None:
    pages, _ = read(answer("report__workers.json", Date="Wed, 20 May 2026 06:00:00 GMT"))
    assert pages[-1].mark == datetime(2026, 5, 20, 6, tzinfo=UTC)
    assert read("report__workers.json")[0][-1].mark is None


def test_a_report_cut_off_never_reaches_its_last_page() -> None:
    content = recording("report__workers.json")
    for length in (len(content) - 3, len(content) // 2, 0):
        with pytest.raises(AnswerCutOff):
            read(Response(200, {}, content[:length]))
    with pytest.raises((AnswerCutOff, UnexpectedAnswer)):
        read(Response(200, {}, recording("report__workers.xml")[:-30]), report_format="xml")


@pytest.mark.parametrize("empty", [b"{}", b'{"Report_Entry":[]}', b' { "Report_Entry" : [ ] } ', b'{"total":0,"Report_Entry":null}'])
def test_an_empty_report_is_an_empty_report(empty: bytes) -> None:
    pages, _ = read(Response(200, {}, empty))
    assert [(page.records, page.total, page.is_last) for page in pages] == [([], 0, True)]


@pytest.mark.parametrize("strange", [b"<html></html>", b'["a"]', b'{"Report_Entry":[1]}', b'{"Report_Entry":[{}}', b'{"a" 1}', b'{"a":1;'])
def test_something_else_than_a_report_is_unexpected(strange: bytes) -> None:
    with pytest.raises((UnexpectedAnswer, AnswerCutOff)):
        read(Response(200, {}, strange))


def test_a_renamed_id_column_is_one_error_and_not_one_for_each_row() -> None:
    with pytest.raises(SourceFieldMissing, match="WID"):
        read("report__workers.json", report_id_column="WID")


def many(*keys: str) -> Response:
    return Response(200, {}, json.dumps({"Report_Entry": [{"Workday_ID": key} for key in keys]}).encode())


def test_an_interrupted_report_is_asked_again_and_goes_on_behind_the_rows_it_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "PAGE", 2)
    pages, _ = read(many("a", "b", "c", "d", "e"))
    assert [[record.external_id for record in page.records] for page in pages] == [["a", "b"], ["c", "d"], ["e"]]
    cursor = json.loads(json.dumps(pages[1].cursor))
    rest, _ = read(many("a", "b", "c", "d", "e"), cursor=cursor)
    assert [[record.external_id for record in page.records] for page in rest] == [["e"]]
    assert rest[-1].is_last and rest[-1].total == 5


@pytest.mark.parametrize("keys", ["abdce", "bacde", "abc", ""])
def test_a_report_in_another_order_begins_again(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setattr(reports, "PAGE", 2)
    cursor = read(many("a", "b", "c", "d", "e"))[0][1].cursor
    with pytest.raises(CursorExpired):
        read(many(*keys), cursor=cursor)


@pytest.mark.parametrize("cursor", [{"row": 100}, {"step": 1}, "x"])
def test_a_cursor_of_something_else_begins_again(cursor: Any) -> None:
    with pytest.raises(CursorExpired):
        read(cursor=cursor)


def test_single_people_are_picked_out_and_prompted_for_where_there_is_a_prompt() -> None:
    window = Window(ids=(HARUTO,))
    pages, line = read("report__workers.json", window=window)
    assert [record.external_id for record in pages[0].records] == [HARUTO] and pages[-1].mark is None and pages[-1].total is None
    assert "Worker!WID" not in line.asked[0]["params"]
    _, line = read("report__workers.json", window=Window(ids=(HARUTO, ANA)), report_prompt="Worker")
    assert line.asked[0]["params"]["Worker!WID"] == f"{HARUTO}!{ANA}"


def test_prompts_are_cut_to_what_an_address_can_carry() -> None:
    wids = tuple(f"{number:032x}" for number in range(60))
    _, line = read(Response(200, {}, b"{}"), Response(200, {}, b"{}"), window=Window(ids=wids), report_prompt="Worker")
    assert len(line.asked) == 2 and all(len(one["params"]["Worker!WID"]) < 1500 for one in line.asked)


def test_a_report_knows_no_organisations() -> None:
    workday, _ = connect(source="raas", report_url="https://services1.example/r", report_columns=COLUMNS)
    with pytest.raises(NotSupported):
        workday.fetch("units", Window())


def test_rows_come_out_whole_however_the_answer_was_cut_into_pieces() -> None:
    content = recording("report__workers.json")
    whole = list(json_rows([content]))
    for size in (1, 2, 7, 64):
        assert list(json_rows(content[start : start + size] for start in range(0, len(content), size))) == whole


def pieces(head: bytes, row: bytes, tail: bytes, count: int) -> Iterator[bytes]:
    yield head
    for number in range(count):
        yield row if number == 0 else (b"," if row.startswith(b"{") else b"") + row
    yield tail


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_a_long_report_takes_no_more_memory_than_a_short_one(kind: str) -> None:
    padding = b"x" * 2000
    if kind == "json":
        rows = json_rows(pieces(b'{"Report_Entry":[', b'{"a":"' + padding + b'"}', b"]}", 3000))
    else:
        entry = b"<wd:Report_Entry><wd:a>" + padding + b"</wd:a></wd:Report_Entry>"
        rows = xml_rows(pieces(b'<wd:Report_Data xmlns:wd="urn:com.workday.report/L">', entry, b"</wd:Report_Data>", 3000))
    tracemalloc.start()
    count = sum(1 for _ in rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 3000 and peak < 1_000_000  # six megabytes went through
