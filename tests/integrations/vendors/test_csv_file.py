from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jmespath
import pytest
from paramiko import Ed25519Key

from config.errors import (
    AddressRefused,
    AnswerCutOff,
    CursorExpired,
    DuplicateId,
    FileUnreadable,
    HostKeyChanged,
    NotFound,
    NotSupported,
    RollcallError,
    RowUnreadable,
    SettingInvalid,
    SettingMissing,
    SourceEmpty,
    SourceFieldMissing,
    Unavailable,
    ValueMissing,
    ValueTooLarge,
)
from config.sentences import english
from integrations.canonical import BY_KEY
from integrations.vendors import vendor_class
from integrations.vendors.base import Family, Page, Rejected, Window
from integrations.vendors.csv_file import vendor as vendor_module
from integrations.vendors.csv_file.columns import MAPPING
from integrations.vendors.csv_file.row_ids import RowIds
from integrations.vendors.csv_file.vendor import CsvFile
from integrations.wire.http import Line
from integrations.wire.safe_url import Guard
from tests.contracts.vendor import SourceContract
from tests.integrations.wire.sftp_server import PASSWORD, USERNAME, SftpServer
from tests.integrations.wire.tables.test_workbook import workbook
from tests.integrations.wire.test_sftp import HOST_KEY, OTHER_KEY

CONGRESS = Path(__file__).parent / "recordings" / "people_in_congress.csv"
WRITTEN = datetime(2026, 5, 20, 3, tzinfo=UTC)
NIGHT = Window(until=WRITTEN + timedelta(hours=1))


@pytest.fixture
def people(tmp_path: Path) -> Callable[..., CsvFile]:
    """A connector for a file with this content; further settings by name."""

    def make(content: bytes | str, name: str = "people.csv", **settings: Any) -> CsvFile:
        write(tmp_path / name, content)
        return connector(tmp_path, {"source": "upload", "path": name, "id_column": "id", **settings})

    return make


def write(path: Path, content: bytes | str, at: datetime = WRITTEN) -> None:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (at.timestamp(), at.timestamp()))


def connector(folder: Path, settings: dict[str, Any], secrets: dict[str, str] | None = None, guard: Guard | None = None) -> CsvFile:
    guard = guard or Guard(allow_folders=[folder], allow_networks=["127.0.0.0/8"])
    return CsvFile(settings, secrets or {}, Line(guard=guard))


def read(vendor: CsvFile, window: Window = NIGHT, cursor: Any = None) -> list[Page]:
    return list(vendor.fetch("people", window, cursor))


def ids(pages: list[Page]) -> list[str]:
    return [record.external_id for page in pages for record in page.records]


def reasons(pages: list[Page]) -> list[tuple[int, type[RollcallError]]]:
    return [(item.position, type(item.error)) for page in pages for item in page.rejected]


def small_pages(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(vendor_module, "BATCH", size)


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


class TestContract(SourceContract):
    vendor = "csv_file"


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────


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


# ── a file that is refused ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"id_column": "Employee ID"}, "“Employee ID”"),
        ({"required_columns": ["name", "email", "title"]}, "“email” and “title”"),
        ({"required_columns": "email\n\n name "}, "“email”"),
        ({"changed_column": "changed"}, "“changed”"),
    ],
)
def test_a_missing_column_is_named_with_those_that_are_there(people: Any, settings: dict[str, Any], missing: str) -> None:
    pages = people("id,name\n1,Ana\n", **settings).fetch("people", NIGHT)
    with pytest.raises(SourceFieldMissing) as caught:
        next(pages)
    assert english(caught.value.detail) == f"there is no column {missing}; the file has “id” and “name”"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"-----BEGIN PGP MESSAGE-----\n", "PGP"),
        (b"%PDF-1.7", "PDF"),
        (b"<!DOCTYPE html><title>Sign in</title>", "web page"),
        (b"id,id\n1,2\n", "more than one column"),
    ],
)
def test_what_is_no_table_is_refused(people: Any, content: bytes, words: str) -> None:
    with pytest.raises(FileUnreadable, match=words):
        read(people(content))


# ── rows that are rejected ──────────────────────────────────────────────────────────────────────────


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


def told(page: Page) -> tuple[Any, ...]:
    rejected: list[Rejected] = page.rejected
    return page.records, page.cursor, page.is_last, [(item.position, type(item.error), item.error.detail) for item in rejected]


# ── the end of the file ─────────────────────────────────────────────────────────────────────────────


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


# ── where the file lies ─────────────────────────────────────────────────────────────────────────────


def in_folder(folder: Path, **settings: Any) -> CsvFile:
    return connector(folder, {"source": "folder", "folder": str(folder), "id_column": "id", **settings})


def test_the_newest_finished_file_of_a_folder_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "id\n1\n", WRITTEN - timedelta(days=1))
    write(tmp_path / "b.csv", "id\n2\n")
    write(tmp_path / "c.csv.part", "id\n3\n", WRITTEN + timedelta(hours=1))
    write(tmp_path / ".d.csv", "id\n4\n", WRITTEN + timedelta(hours=1))
    write(tmp_path / "e.txt", "id\n5\n", WRITTEN + timedelta(hours=1))
    (tmp_path / "f.csv").mkdir()
    assert ids(read(in_folder(tmp_path))) == ["2"]
    assert ids(read(in_folder(tmp_path, pattern="e.*"), Window())) == ["5"]
    with pytest.raises(NotFound, match="g"):
        read(in_folder(tmp_path, pattern="g.csv"))


def test_a_file_that_was_just_written_to_waits(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "id\n1\n")
    vendor = in_folder(tmp_path, settle_seconds="30")
    with pytest.raises(AnswerCutOff) as caught:
        read(vendor, Window(until=WRITTEN + timedelta(seconds=29)))
    assert caught.value.retry_at == WRITTEN + timedelta(seconds=30)
    assert ids(read(vendor, Window(until=WRITTEN + timedelta(seconds=30)))) == ["1"]
    assert ids(read(vendor, Window(until=WRITTEN - timedelta(hours=2)))) == ["1"]  # the other clock is ahead


def test_an_old_file_is_not_taken_for_todays(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "id\n1\n")
    vendor = in_folder(tmp_path, longest_age_hours=26)
    with pytest.raises(Unavailable, match="2026-05-20 03:00 UTC, older than 26 hours"):
        read(vendor, Window(until=WRITTEN + timedelta(hours=27)))
    assert ids(read(vendor, Window(until=WRITTEN + timedelta(hours=25)))) == ["1"]


def test_files_outside_of_the_open_folders_are_not_read(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    write(outside / "secret.csv", "id\n1\n")
    (inside / "link.csv").symlink_to(outside / "secret.csv")
    guard = Guard(allow_folders=[inside])
    for path in (str(outside / "secret.csv"), "../out/secret.csv", "/etc/passwd", "/proc/self/environ", "link.csv"):
        vendor = connector(inside, {"source": "upload", "path": path, "id_column": "id"}, guard=guard)
        with pytest.raises(AddressRefused):
            read(vendor)
    for folder in (str(outside), "..", "/"):
        vendor = connector(inside, {"source": "folder", "folder": folder, "id_column": "id"}, guard=guard)
        with pytest.raises(AddressRefused):
            read(vendor)
    with pytest.raises(AddressRefused):
        read(connector(inside, {"source": "folder", "folder": str(inside), "id_column": "id"}, guard=guard))
    with pytest.raises(AddressRefused):
        read(connector(inside, {"source": "upload", "path": str(inside / "x"), "id_column": "id"}, guard=Guard()))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"gone\.csv"):
        read(connector(tmp_path, {"source": "upload", "path": "gone.csv", "id_column": "id"}))
    with pytest.raises(SettingMissing):
        read(connector(tmp_path, {"source": "upload", "id_column": "id"}))
    write(tmp_path / "a.csv", "id\n")
    with pytest.raises(NotFound, match="not a folder"):
        read(connector(tmp_path, {"source": "folder", "folder": "a.csv", "id_column": "id"}))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    folder = tmp_path / "served"
    folder.mkdir()
    with SftpServer(folder, HOST_KEY) as running:
        yield running


def over_sftp(server: SftpServer, key: Ed25519Key = HOST_KEY, **settings: Any) -> CsvFile:
    pin = f"{key.get_name()} {key.get_base64()}"
    base = {
        "source": "sftp",
        "host": "127.0.0.1",
        "port": server.port,
        "username": USERNAME,
        "folder": "/",
        "host_key": pin,
        "id_column": "id",
    }
    return connector(server.folder, {**base, **settings}, {"password": PASSWORD})


def test_the_newest_file_of_an_sftp_server_is_read(server: SftpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pages(monkeypatch, 10)
    write(server.folder / "old.csv", "id\n1\n", WRITTEN - timedelta(days=1))
    write(server.folder / "new.csv", "id,name\n" + "".join(f"{number},Zoë\n" for number in range(25)))
    vendor = over_sftp(server)
    pages = read(vendor)
    assert ids(pages) == [str(number) for number in range(25)]
    assert pages[-1].is_last and pages[-1].mark == WRITTEN
    assert ids(read(vendor, cursor=pages[0].cursor)) == [str(number) for number in range(10, 25)]
    assert ids(read(over_sftp(server, path="/old.csv"))) == ["1"]


def test_a_workbook_on_an_sftp_server_is_read(server: SftpServer) -> None:
    write(server.folder / "people.xlsx", workbook(People=[["id"], [1], [2]]))
    assert ids(read(over_sftp(server, pattern="*.xlsx"))) == ["1", "2"]


def test_an_sftp_server_with_another_key_is_not_signed_in_to(server: SftpServer) -> None:
    health = over_sftp(server, OTHER_KEY).check()
    assert [(step.name, step.ok) for step in health.steps] == [("Find the file", False)]
    assert isinstance(health.steps[0].error, HostKeyChanged)
    assert server.tried == 0


# ── settings ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, "id_column"),
        ({"id_column": "id", "source": "folder"}, "folder"),
        ({"id_column": "id", "source": "folder", "folder": "/in", "pattern": " "}, "pattern"),
        ({"id_column": "id", "source": "sftp", "username": "u", "folder": "/"}, "host"),
        ({"id_column": "id", "source": "sftp", "host": "h", "folder": "/"}, "username"),
        ({"id_column": "id", "source": "sftp", "host": "h", "username": "u"}, "folder"),
        ({"id_column": "id", "source": "sftp", "host": "h", "username": "u", "folder": "/"}, "password"),
    ],
)
def test_a_setting_that_is_needed_is_named(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingMissing) as caught:
        CsvFile.checked(settings, {})
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("port", 0),
        ("port", "x"),
        ("header_row", 0),
        ("settle_seconds", -1),
        ("source", "ftp"),
        ("delimiter", "#"),
        ("longest_age_hours", 1.5e9),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(key: str, value: Any) -> None:
    with pytest.raises(SettingInvalid) as caught:
        CsvFile.checked({"id_column": "id", key: value}, {})
    assert caught.value.field == key


def test_an_empty_form_gets_the_defaults() -> None:
    config = CsvFile.checked({"id_column": " id ", "port": "", "header_row": "2", "encoding": None}, {})
    assert (config["id_column"], config["port"], config["header_row"], config["encoding"], config["delimiter"]) == ("id", 22, 2, "", "auto")
    assert "password" not in config and "private_key" not in config


def test_an_encoding_that_is_none_is_a_wrong_setting(people: Any) -> None:
    with pytest.raises(SettingInvalid):
        read(people("id\n1\n", encoding="klingon"))


# ── the connection test ─────────────────────────────────────────────────────────────────────────────


def test_the_connection_test_shows_what_was_found_and_nobody(people: Any) -> None:
    health = people("id;First Name;email\n1;Zoë;zoe@client-company.example\n", required_columns=["email"]).check()
    assert health.ok
    assert [step.name for step in health.steps] == ["Find the file", "Read the header", "Compare the columns", "Read the first row"]
    assert (health.facts["delimiter"], health.facts["encoding"], health.facts["file"]) == (";", "utf-8", "people.csv")
    assert "Zo" not in repr(health) and "zoe@" not in repr(health)


@pytest.mark.parametrize(
    ("content", "settings", "step", "kind"),
    [
        ("", {}, "Read the header", FileUnreadable),
        ("id\n1\n", {"path": "other.csv"}, "Find the file", NotFound),
        ("name\nAna\n", {}, "Compare the columns", SourceFieldMissing),
        ("id\n", {}, "Read the first row", SourceEmpty),
        ("id,name\n1\n", {}, "Read the first row", RowUnreadable),
        ('id,name\n"1', {}, "Read the first row", AnswerCutOff),
    ],
)
def test_the_connection_test_stops_at_the_step_that_fails(
    people: Any, content: str, settings: dict[str, Any], step: str, kind: type[RollcallError]
) -> None:
    health = people(content, **settings).check()
    assert not health.ok
    assert (health.steps[-1].name, health.steps[-1].ok, type(health.steps[-1].error)) == (step, False, kind)
    assert all(earlier.ok for earlier in health.steps[:-1])


# ── the mapping to start from ───────────────────────────────────────────────────────────────────────


def mapped(row: dict[str, str | None]) -> dict[str, Any]:
    return {item.target: jmespath.search(item.source, row) for item in MAPPING}


def test_common_column_names_are_understood() -> None:
    assert {row.target for row in MAPPING} <= set(BY_KEY)
    assert all(len(row.source) <= 500 for row in MAPPING)
    snake = mapped({"employee_number": "7", "first_name": "Zoë", "last_name": "Doe", "work_email": None, "email": "z@meridian.example"})
    spaced = mapped({"Employee ID": "7", "First Name": "Zoë", "Last Name": "Doe", "Work Email": "z@meridian.example"})
    for found in (snake, spaced):
        assert (found["employee_number"], found["given_name"], found["family_name"], found["work_email"]) == (
            "7",
            "Zoë",
            "Doe",
            "z@meridian.example",
        )


def test_a_manager_becomes_a_reporting_line() -> None:
    assert mapped({"Manager ID": "K-1"})["manager_lines"] == [{"type": "primary", "manager": "K-1"}]


# ── the ids ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_table_of_ids_grows_and_forgets_nothing() -> None:
    table = RowIds(expected=10)
    numbers = range(20_000)
    for start in range(0, 20_000, 1000):
        part = numbers[start : start + 1000]
        assert table.meet([f"E{number}" for number in part], part, [number + 1 for number in part]) == []
    assert len(table) == 20_000
    asked = [0, 777, 19_999]
    again = table.meet([f"E{number}" for number in asked], [0, 778, 19_999], [1, 2, 3])
    assert again == [(0, 1, True), (1, 778, False), (2, 20_000, True)]


def test_an_id_twice_on_one_page_is_met_again() -> None:
    assert RowIds().meet(["a", "b", "a"], [1, 2, 3], [1, 2, 3]) == [(2, 1, False)]
