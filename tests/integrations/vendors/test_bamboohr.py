"""BambooHR against a hand-made other side that says what the fact sheet says. The emulator's turn: TestContract at the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jmespath
import orjson
import pytest

from config.errors import (
    AnswerCutOff,
    CredentialRejected,
    CursorExpired,
    NotSupported,
    PermissionMissing,
    RateLimited,
    SettingInvalid,
    Unavailable,
    UnexpectedAnswer,
)
from config.sentences import english
from integrations.vendors import bamboohr
from integrations.vendors.bamboohr import everybody, rows
from integrations.vendors.bamboohr.fields import ASKED, MAPPING
from integrations.vendors.bamboohr.rows import ArrayReader
from integrations.vendors.bamboohr.vendor import BambooHR
from integrations.vendors.base import Page, Record, Window
from integrations.wire.http import Response
from tests.contracts.vendor import DeltaContract, VendorContract
from tests.integrations.vendors.scripted_line import DATE, Asked, ScriptedLine, said

TODAY = date(2026, 6, 10)
BASE = "/api/v1"
FIELDS = [{"id": name, "type": "text", "name": name} for name in ASKED]


def person(number: int, **values: Any) -> dict[str, Any]:
    """A report row; what is not given is empty, as BambooHR would send it."""
    full = dict.fromkeys(ASKED) | {"id": str(number), "status": "Active", "hireDate": "2020-01-01", "firstName": f"Person {number}"}
    return full | values


class Bamboo:
    """The other side. `people` by id are in the report, `listed` in the list of employees; change either to play a fault."""

    def __init__(self, *people: dict[str, Any]) -> None:
        self.people = {row["id"]: row for row in people}
        self.listed = list(self.people)
        self.reports_to: dict[str, str] = {}
        self.total: int | None = None
        self.changes: Any = {}
        self.latest = "2026-06-10T07:00:00+00:00"
        self.tables: dict[str, list[dict[str, Any]]] = {}
        self.hidden: set[str] = set()
        self.list_page = 3
        self.other: Callable[[Asked], Response | None] = lambda asked: None

    def __call__(self, asked: Asked) -> Response:
        other = self.other(asked)
        if other is not None:
            return other
        path = asked.path.removeprefix(BASE)
        if path == "/reports/custom":
            return self.report(asked)
        if path == "/employees":
            return self.list(asked)
        if path == "/employees/changed":
            return said({"latest": self.latest, "employees": self.changes})
        if "/tables/" in path:
            _, _, who, _, table = path.split("/")
            return said([row for row in self.tables.get(table, []) if who in ("all", row["employeeId"])])
        row = self.people.get(path.removeprefix("/employees/"))
        return said({"id": "0"}) if path == "/employees/0" else said(row) if row else Response(404, DATE)

    def report(self, asked: Asked) -> Response:
        body = asked.json
        fields = [name for name in body["fields"] if name not in self.hidden]
        ids = [str(one) for one in body.get("filters", {}).get("employeeIds", self.people)]
        found = [{name: row.get(name) for name in ("id", *fields)} for one, row in self.people.items() if one in ids]
        named = [{"id": name, "type": "text", "name": name} for name in fields]
        return said({"title": body["title"], "fields": named, "employees": found})

    def list(self, asked: Asked) -> Response:
        ids = asked.param("filter[ids]").split(",") if asked.param("filter[ids]") else self.listed
        ids = [one for one in ids if one in self.listed]
        start = int(asked.param("page[after]") or 0)
        data = [
            {"employeeId": one, "reportsToId": self.reports_to.get(one), "_restrictedFields": []}
            for one in ids[start : start + self.list_page]
        ]
        following = str(start + self.list_page) if start + self.list_page < len(ids) else None
        total = len(ids) if self.total is None else self.total
        return said({"data": data, "meta": {"total": total, "page": {"limit": 250, "nextCursor": following, "prevCursor": None}}})


def connect(bamboo: Callable[[Asked], Response], **settings: Any) -> tuple[BambooHR, ScriptedLine]:
    line = ScriptedLine(bamboo)
    return BambooHR({"company": "meridian", **settings}, {"api_key": "k-1"}, line), line  # type: ignore[arg-type]


def read(bamboo: Callable[[Asked], Response], window: Window | None = None, cursor: Any = None, **settings: Any) -> list[Page]:
    return list(connect(bamboo, **settings)[0].fetch("employees", window or Window(as_of=TODAY), cursor))


def records(pages: list[Page]) -> dict[str, Record]:
    return {record.external_id: record for page in pages for record in page.records}


def payload(row: dict[str, Any], bamboo: Bamboo | None = None, **settings: Any) -> dict[str, Any]:
    """The payload of one person who is read alone in a full read."""
    other_side = bamboo or Bamboo(row)
    other_side.people = {row["id"]: row}
    other_side.listed = [row["id"]]
    return records(read(other_side, **settings))[row["id"]].payload


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(everybody, "PAGE", 2)


# ── the full read, and what proves it ───────────────────────────────────────────────────────────────


def test_a_full_read_is_complete_when_everybody_on_the_list_has_come() -> None:
    pages = read(Bamboo(*(person(number) for number in range(501, 508))))
    assert sorted(records(pages)) == [str(number) for number in range(501, 508)]
    assert pages[-1].is_last and pages[-1].total == 7


def test_the_report_is_asked_with_exactly_the_headers_it_needs() -> None:
    vendor, line = connect(Bamboo(person(501)))
    list(vendor.fetch("employees", Window(as_of=TODAY)))
    report = next(asked for asked in line.asked if asked.path.endswith("/reports/custom"))
    assert report.headers["Content-Type"] == "application/json"
    assert report.headers["Accept"] == "application/json"
    assert report.query == [("format", "JSON"), ("onlyCurrent", "false")]
    assert report.headers["Authorization"] == "Basic ay0xOng="  # the key as user, any password


def test_somebody_in_the_report_alone_does_no_harm() -> None:
    bamboo = Bamboo(person(501), person(502, status="Inactive", hireDate="2026-07-01"))
    bamboo.listed = ["501"]  # whether the list holds future hires is not confirmed
    pages = read(bamboo)
    assert pages[-1].is_last and pages[-1].total == 2
    assert records(pages)["502"].payload["rollcall_status"] == "pending"


def test_a_report_that_lacks_somebody_is_asked_again_by_id() -> None:
    bamboo = Bamboo(person(501), person(502))

    def leave_one_out(asked: Asked) -> Response | None:
        if asked.path.endswith("/reports/custom") and "filters" not in asked.json:
            return said({"title": "R", "fields": FIELDS, "employees": [person(501)]})
        return None

    bamboo.other = leave_one_out
    pages = read(bamboo)
    assert sorted(records(pages)) == ["501", "502"]
    assert pages[-1].is_last


def test_a_read_without_somebody_on_the_list_is_not_called_complete() -> None:
    bamboo = Bamboo(person(501))
    bamboo.listed = ["501", "502"]  # on the list, and nowhere else: hidden, or erased a moment ago
    pages = read(bamboo)
    assert sorted(records(pages)) == ["501"]
    assert not pages[-1].is_last and pages[-1].total == 2


def test_a_list_shorter_than_its_own_total_proves_nothing() -> None:
    bamboo = Bamboo(person(501), person(502))
    bamboo.total = 3
    assert not read(bamboo)[-1].is_last


def test_without_the_comparison_absence_is_never_proven() -> None:
    vendor, line = connect(Bamboo(person(501)), completeness="off")
    pages = list(vendor.fetch("employees", Window(as_of=TODAY)))
    assert not pages[-1].is_last and pages[-1].total is None
    assert [asked.path for asked in line.asked] == ["/api/v1/reports/custom"]


def test_a_company_without_anybody_is_one_empty_page() -> None:
    pages = read(Bamboo())
    assert len(pages) == 1 and pages[0].records == [] and pages[0].is_last and pages[0].total == 0


@pytest.mark.usefixtures("small_pages")
def test_a_read_goes_on_after_a_crash_where_it_stopped() -> None:
    bamboo = Bamboo(*(person(number) for number in range(501, 508)))
    first = read(bamboo)
    assert [len(page.records) for page in first] == [2, 2, 2, 1]
    again = read(bamboo, cursor=orjson.loads(orjson.dumps(first[1].cursor)))
    assert sorted(records(again)) == ["505", "506", "507"]
    assert again[-1].is_last and again[-1].total == 7
    assert again[-1].mark == first[1].mark  # not later: what was handed out then may have changed since


@pytest.mark.usefixtures("small_pages")
def test_going_on_is_refused_when_the_order_changed() -> None:
    people = [person(number) for number in range(501, 508)]
    cursor = read(Bamboo(*people))[1].cursor
    with pytest.raises(CursorExpired):
        read(Bamboo(*reversed(people)), cursor=cursor)


@pytest.mark.usefixtures("small_pages")
def test_going_on_is_refused_when_there_are_fewer_people_than_were_handed_out() -> None:
    people = [person(number) for number in range(501, 508)]
    cursor = read(Bamboo(*people))[2].cursor
    with pytest.raises(CursorExpired):
        read(Bamboo(*people[:3]), cursor=cursor)


def test_the_mark_is_the_newest_stamp_of_the_people() -> None:
    people = [person(501, lastChanged="2026-06-09T10:13:20+00:00"), person(502, lastChanged="2026-06-01T00:00:00Z"), person(503)]
    assert read(Bamboo(*people))[-1].mark == datetime(2026, 6, 9, 10, 13, 20, tzinfo=UTC)


def test_without_stamps_the_mark_is_the_sources_clock_and_never_later_than_the_frozen_moment() -> None:
    assert read(Bamboo(person(501)))[-1].mark == datetime(2026, 6, 10, 8, 0, tzinfo=UTC)
    until = datetime(2026, 6, 10, 7, 30, tzinfo=UTC)
    assert read(Bamboo(person(501)), Window(until=until, as_of=TODAY))[-1].mark == until


def test_a_row_that_comes_twice_is_taken_once_and_a_contradiction_is_rejected() -> None:
    bamboo = Bamboo(person(501))
    twice = {"title": "R", "fields": FIELDS, "employees": [person(501), person(501), person(501, firstName="Other")]}
    bamboo.other = lambda asked: said(twice) if asked.path.endswith("/reports/custom") else None
    (page,) = read(bamboo)
    assert [record.payload["firstName"] for record in page.records] == ["Person 501"]
    assert [(one.external_id, one.error.code, one.position) for one in page.rejected] == [("501", "duplicate_id", 3)]


def test_a_value_of_megabytes_rejects_its_row_alone() -> None:
    pages = read(Bamboo(person(501), person(502, jobTitle="X" * 5_000_000), person(503)))
    assert sorted(records(pages)) == ["501", "503"]
    assert [(one.external_id, one.error.code, one.error.field) for one in pages[-1].rejected] == [("502", "value_too_large", "jobTitle")]
    assert pages[-1].is_last


def test_what_was_not_asked_for_is_dropped_at_the_edge() -> None:
    kept = payload(person(501))
    assert "payRate" not in kept
    bamboo = Bamboo(person(501))
    chatty = {"title": "R", "fields": FIELDS, "employees": [person(501) | {"payRate": "90000 USD", "ssn": "1"}]}
    bamboo.other = lambda asked: said(chatty) if asked.path.endswith("/reports/custom") else None
    assert not {"payRate", "ssn"} & set(records(read(bamboo))["501"].payload)


def test_values_stay_word_for_word() -> None:
    kept = payload(person(501, lastName=" Ruíz ", terminationDate="0000-00-00", preferredName=""))
    assert (kept["lastName"], kept["terminationDate"], kept["preferredName"]) == (" Ruíz ", "0000-00-00", "")


def test_a_key_that_may_not_see_the_status_stops_the_read() -> None:
    bamboo = Bamboo(person(501))
    bamboo.hidden = {"status"}
    with pytest.raises(PermissionMissing) as caught:
        read(bamboo)
    assert caught.value.field == "status"


def test_a_status_hidden_for_one_person_leaves_that_person_without_one() -> None:
    row = person(501)
    del row["status"]
    bamboo = Bamboo()
    bamboo.listed = ["501"]
    only = {"title": "R", "fields": FIELDS, "employees": [row]}
    bamboo.other = lambda asked: said(only) if asked.path.endswith("/reports/custom") else None
    assert "rollcall_status" not in records(read(bamboo))["501"].payload


def test_further_fields_stand_under_custom() -> None:
    bamboo = Bamboo(person(501) | {"customTier": "Gold", "4388": "x"})
    assert records(read(bamboo, extra_fields=["customTier", "4388"]))["501"].payload["custom"] == {"customTier": "Gold", "4388": "x"}


@pytest.mark.parametrize("name", ["payRate", "SSN", "dateOfBirth", "customBankAccount", "compensationPayRate"])
def test_pay_and_the_like_cannot_be_asked_for(name: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        connect(Bamboo(), extra_fields=[name])
    assert caught.value.field == "extra_fields"


@pytest.mark.parametrize("name", ["customTraining", "languages", "className", "4388"])
def test_harmless_fields_are_not_mistaken_for_such(name: str) -> None:
    assert name in connect(Bamboo(), extra_fields=[name])[0].terms.asked


# ── a long answer in pieces ─────────────────────────────────────────────────────────────────────────


def pieces(document: bytes, size: int) -> list[bytes]:
    return [document[start : start + size] for start in range(0, len(document), size)]


AWKWARD = [
    {"id": "1", "name": 'she said "}, {" and left'},
    {"id": "2", "name": 'back\\slash \\" quote'},
    {"id": "3", "nested": {"a": [{"b": "}"}, {}]}, "x": None},
    {"id": "4", "name": "東京 – ünïcode"},
    {},
    {"id": "5", "name": "],[{"},
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100_000])
def test_objects_are_found_however_the_document_is_cut(size: int) -> None:
    document = orjson.dumps({"title": '"employees":[', "fields": [{"id": "x"}], "employees": AWKWARD, "after": {"employees": [1]}})
    reader = ArrayReader(pieces(document, size), "employees")
    assert [item for batch in reader for item in batch] == AWKWARD
    assert reader.frame["after"] == {"employees": [1]} and reader.frame["fields"] == [{"id": "x"}]


@pytest.mark.parametrize("size", [1, 5, 4096])
def test_spaces_and_line_breaks_between_objects_do_no_harm(size: int) -> None:
    document = b'{ "employees" : [ {"id": "1"} ,\n\t{"id": "2"}\r\n ] }\n'
    assert [item for batch in ArrayReader(pieces(document, size), "employees") for item in batch] == [{"id": "1"}, {"id": "2"}]


def test_a_document_that_is_the_list_itself_can_be_read() -> None:
    assert [item for batch in ArrayReader([b' [{"id":"1"},{"id":"2"}] ']) for item in batch] == [{"id": "1"}, {"id": "2"}]
    assert list(ArrayReader([b"[]"])) == []


@pytest.mark.parametrize("keep", range(1, 60))
def test_a_document_cut_anywhere_is_never_taken_for_whole(keep: int) -> None:
    document = b'{"fields":[{"id":"x"}],"employees":[{"id":"1","a":{}},{"id":"2"}],"z":1}'
    with pytest.raises(AnswerCutOff):
        list(ArrayReader([document[:keep]], "employees"))


@pytest.mark.parametrize("document", [b"<html>Sign in</html>", b'{"title":"R"}', b"", b'{"employees":{"1":{}}}'])
def test_another_document_is_unexpected(document: bytes) -> None:
    with pytest.raises(UnexpectedAnswer):
        list(ArrayReader([document], "employees"))


def test_one_unreadable_object_does_not_take_the_others_along() -> None:
    document = b'{"employees":[{"id":"1"},{"id":"2","n":"\xff\xfe"},{"id":"3"}]}'
    (batch,) = ArrayReader([document], "employees")
    assert [isinstance(item, rows.Unreadable) for item in batch] == [False, True, False]


def test_the_rejected_row_names_its_place() -> None:
    bamboo = Bamboo(person(501))
    broken = b'{"fields":' + orjson.dumps(FIELDS) + b',"employees":[' + orjson.dumps(person(501)) + b',{"id":"502","n":"\xff"}]}'
    bamboo.other = lambda asked: Response(200, {"Content-Type": "application/json"}, broken) if asked.path.endswith("custom") else None
    (page,) = read(bamboo)
    assert [(one.position, one.error.code) for one in page.rejected] == [(2, "record_rejected")]
    assert "501" in records([page])


# ── what a row means on a day ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("values", "status", "leaves_on"),
    [
        ({}, "active", None),
        ({"terminationDate": "2024-05-01"}, "active", None),  # left over from before a rehire
        ({"terminationDate": "2026-07-31"}, "active", "2026-07-31"),
        ({"status": "Inactive", "terminationDate": "2026-06-01"}, "terminated", "2026-06-01"),
        ({"status": "Inactive", "terminationDate": "0000-00-00"}, "terminated", None),
        ({"status": "Inactive", "hireDate": "2026-06-15"}, "pending", None),
        ({"status": "Inactive", "hireDate": "2026-06-15", "terminationDate": "2024-05-01"}, "pending", None),  # a rehire to come
        ({"status": "Inactive", "hireDate": "2026-06-10"}, "terminated", None),  # the day is reached, and still Inactive
        ({"status": "Inactive", "hireDate": "2025-02-01", "terminationDate": "2024-05-01"}, "terminated", None),
        ({"status": "Inactive", "terminationDate": "2026-07-31"}, "terminated", "2026-07-31"),
        ({"status": "Inactive", "hireDate": ""}, "terminated", None),
    ],
)
def test_active_and_inactive_are_read_with_the_dates(values: dict[str, Any], status: str, leaves_on: str | None) -> None:
    kept = payload(person(501, **values))
    assert (kept["rollcall_status"], kept["rollcall_termination_on"]) == (status, leaves_on)


def test_somebody_inactive_ahead_of_time_can_count_as_working() -> None:
    row = person(501, status="Inactive", terminationDate="2026-07-31")
    assert payload(row, early_leaver="active")["rollcall_status"] == "active"


@pytest.mark.parametrize("hired", ["2026-02-31", "31/12/2026", "soon"])
def test_a_date_that_is_none_leaves_the_status_open(hired: str) -> None:
    assert "rollcall_status" not in payload(person(501, status="Inactive", hireDate=hired))


def test_leave_is_told_by_the_customers_own_words() -> None:
    row = person(501, employmentHistoryStatus="Parental Leave")
    assert payload(row)["rollcall_status"] == "active"
    kept = payload(row, leave_statuses=["Parental Leave"])
    assert (kept["rollcall_status"], kept["rollcall_on_leave"]) == ("leave", True)


def test_the_status_table_tells_the_days_of_a_leave() -> None:
    row = person(501)
    bamboo = Bamboo(row)
    bamboo.tables["employmentStatus"] = [  # unordered, as they come
        {"id": "3", "employeeId": "501", "date": "2026-09-01", "employmentStatus": "Full-Time"},
        {"id": "2", "employeeId": "501", "date": "2026-05-01", "employmentStatus": "Sabbatical", "comment": "private"},
        {"id": "1", "employeeId": "501", "date": "2020-01-01", "employmentStatus": "Full-Time"},
    ]
    kept = payload(row, bamboo, read_status_table=True, leave_statuses=["Sabbatical"])
    assert (kept["rollcall_status"], kept["rollcall_leave_from_on"], kept["rollcall_leave_until_on"]) == (
        "leave",
        "2026-05-01",
        "2026-08-31",
    )


def test_the_status_table_tells_a_planned_termination() -> None:
    row = person(501)
    bamboo = Bamboo(row)
    bamboo.tables["employmentStatus"] = [
        {"id": "2", "employeeId": "501", "date": "2026-07-01", "employmentStatus": "Part-Time"},
        {"id": "3", "employeeId": "501", "date": "2026-08-01", "employmentStatus": "Terminated"},
        {"id": "4", "employeeId": "501", "date": "0000-00-00", "employmentStatus": "Terminated"},
    ]
    kept = payload(row, bamboo, read_status_table=True)
    assert (kept["rollcall_status"], kept["rollcall_termination_on"]) == ("active", "2026-08-01")


def test_the_job_table_tells_the_job_as_of_today_and_the_next_one() -> None:
    row = person(501, department="Sales")  # with onlyCurrent=false the report may already show the coming one
    bamboo = Bamboo(row)
    bamboo.tables["jobInfo"] = [
        {"id": "7", "employeeId": "501", "date": "2026-06-01", "department": "Support"},
        {"id": "6", "employeeId": "501", "date": "2026-06-01", "department": "Typing error"},
        {"id": "8", "employeeId": "501", "date": "2026-07-01", "department": "Sales"},
    ]
    kept = payload(row, bamboo, read_job_table=True)
    assert (kept["rollcall_job"]["department"], kept["rollcall_next_job"]["department"]) == ("Support", "Sales")
    assert jmespath.search(next(line.source for line in MAPPING if line.target == "department"), kept) == "Support"


@pytest.mark.parametrize(("value", "lines"), [("77", [{"type": "primary", "manager": "77"}]), ("", []), (None, [])])
def test_no_manager_is_an_empty_list_of_lines(value: str | None, lines: list[Any]) -> None:
    assert payload(person(501, supervisorEId=value))["rollcall_lines"] == lines


def test_a_hidden_manager_leaves_the_lines_open() -> None:
    row = person(501)
    bamboo = Bamboo(row)
    bamboo.hidden = {"supervisorEId"}
    assert "rollcall_lines" not in payload(row, bamboo)


def test_an_empty_manager_of_a_future_hire_says_nothing() -> None:
    assert "rollcall_lines" not in payload(person(501, status="Inactive", hireDate="2026-07-01", supervisorEId=None))
    assert payload(person(501, status="Inactive", hireDate="2026-07-01", supervisorEId="9"))["rollcall_lines"] != []


def test_the_manager_can_come_from_the_list_of_employees() -> None:
    row = person(501, supervisorEId="wrong")
    bamboo = Bamboo(row)
    bamboo.reports_to = {"501": "9"}
    assert payload(row, bamboo, manager_field="reportsToId")["rollcall_lines"] == [{"type": "primary", "manager": "9"}]


# ── the delta ───────────────────────────────────────────────────────────────────────────────────────

SINCE = datetime(2026, 6, 10, 6, 0, tzinfo=UTC)


def change(number: int, action: str = "Updated", at: str = "2026-06-10T07:00:00+00:00") -> dict[str, str]:
    return {"id": str(number), "action": action, "lastChanged": at}


def test_a_delta_reads_those_who_changed_from_before_the_last_mark() -> None:
    bamboo = Bamboo(person(501), person(502), person(503))
    bamboo.changes = {"502": change(502)}
    vendor, line = connect(bamboo)
    (page,) = vendor.fetch("employees", Window(since=SINCE, as_of=TODAY))
    assert [record.external_id for record in page.records] == ["502"]
    assert page.records[0].changed_at == datetime(2026, 6, 10, 7, 0, tzinfo=UTC)
    assert page.is_last and page.total == 1 and page.mark == datetime(2026, 6, 10, 7, 0, tzinfo=UTC)
    assert line.asked[0].query == [("since", "2026-06-10T05:50:00Z"), ("type", "all")]
    assert line.asked[1].json["filters"] == {"employeeIds": [502]}


def test_an_erased_record_is_said_to_be_deleted_and_not_asked_for() -> None:
    bamboo = Bamboo(person(501))
    bamboo.changes = {"502": change(502, "Deleted")}
    vendor, line = connect(bamboo)
    (page,) = vendor.fetch("employees", Window(since=SINCE, as_of=TODAY))
    assert [(record.external_id, record.deleted) for record in page.records] == [("502", True)]
    assert len(line.asked) == 1


@pytest.mark.parametrize("nothing", [{}, []])
def test_nothing_changed_is_one_empty_last_page_and_the_mark_does_not_go_back(nothing: Any) -> None:
    bamboo = Bamboo(person(501))
    bamboo.changes, bamboo.latest = nothing, "2026-06-09T00:00:00+00:00"
    (page,) = read(bamboo, Window(since=SINCE, as_of=TODAY))
    assert page.records == [] and page.is_last and page.total == 0 and page.mark == SINCE


def test_somebody_gone_between_the_feed_and_the_report_is_erased_only_when_no_list_knows_them() -> None:
    bamboo = Bamboo(person(501))
    bamboo.changes = {"502": change(502), "503": change(503)}
    bamboo.listed = ["501", "503"]
    (page,) = read(bamboo, Window(since=SINCE, as_of=TODAY))
    assert [(record.external_id, record.deleted) for record in page.records] == [("502", True)]
    assert [(one.external_id, one.error.code) for one in page.rejected] == [("503", "permission_missing")]


def test_a_delta_goes_on_after_the_last_id_and_keeps_its_first_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.vendors.bamboohr.changes.BATCH", 2)
    bamboo = Bamboo(*(person(number) for number in (9, 10, 501, 1000)))
    bamboo.changes = {str(number): change(number) for number in (1000, 9, 501, 10)}
    window = Window(since=SINCE, as_of=TODAY)
    pages = read(bamboo, window)
    assert [[record.external_id for record in page.records] for page in pages] == [["9", "10"], ["501", "1000"]]
    bamboo.latest = "2026-06-10T09:00:00+00:00"
    (rest,) = read(bamboo, window, cursor=pages[0].cursor)
    assert [record.external_id for record in rest.records] == ["501", "1000"]
    assert rest.is_last and rest.mark == pages[0].mark and rest.total == 4


def test_people_can_be_read_by_id() -> None:
    (page,) = read(Bamboo(person(501), person(502), person(503)), Window(ids=("503", "501"), as_of=TODAY))
    assert [record.external_id for record in page.records] == ["501", "503"]
    assert page.is_last and page.total == 2 and page.mark is None


def test_people_read_by_id_get_their_status_by_the_sources_own_date() -> None:
    (page,) = read(Bamboo(person(501, status="Inactive", hireDate="2026-06-11")), Window(ids=("501",)))
    assert page.records[0].payload["rollcall_status"] == "pending"


# ── the dataset as second reader ────────────────────────────────────────────────────────────────────


class Dataset(Bamboo):
    """Answers the dataset call as well, in pages of two."""

    def __call__(self, asked: Asked) -> Response:
        if asked.path == "/api/v2/datasets/employee/data":
            page, names = asked.json["page"], asked.json["fields"]
            found = list(self.people.values())[2 * page - 2 : 2 * page]
            ours = {"eeid": "id", "email": "workEmail"}
            data = [
                {"fields": {name: row.get(ours.get(name, name)) for name in names}, "_restrictedFields": sorted(self.hidden)}
                for row in found
            ]
            pages = -(-len(self.people) // 2)
            return said(
                {"data": data, "links": {}, "meta": {"page": page, "pageSize": 2, "totalPages": pages, "totalItems": len(self.people)}}
            )
        return super().__call__(asked)


def test_the_dataset_gives_the_same_records_under_the_same_names() -> None:
    vendor, line = connect(
        Dataset(*(person(number, workEmail=f"p{number}@meridian.example") for number in (501, 502, 503))), reader="dataset"
    )
    pages = list(vendor.fetch("employees", Window(as_of=TODAY)))
    found = records(pages)
    assert sorted(found) == ["501", "502", "503"] and pages[-1].is_last
    assert (found["501"].payload["workEmail"], found["501"].payload["rollcall_status"]) == ("p501@meridian.example", "active")
    body = next(asked.json for asked in line.asked if asked.path.endswith("/data"))
    assert body["orderBy"] == "eeid asc" and body["filter"] == "status in ('Active','Inactive')" and "eeid" in body["fields"]


def test_a_restricted_value_of_the_dataset_is_left_out_instead_of_being_empty() -> None:
    dataset = Dataset(person(501))
    dataset.hidden = {"preferredName"}
    assert "preferredName" not in records(read(dataset, reader="dataset"))["501"].payload


def test_names_of_the_dataset_can_be_given() -> None:
    vendor, _ = connect(Dataset(), reader="dataset", dataset_fields=["jobTitle = title", "division ="])
    assert vendor.terms.names["jobTitle"] == "title" and "division" not in vendor.terms.names
    with pytest.raises(SettingInvalid):
        connect(Dataset(), reader="dataset", dataset_fields=["status ="])


# ── answers that are none, and settings ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "headers", "body", "error"),
    [
        (401, {}, b"", CredentialRejected),
        (403, {"X-BambooHR-Error-Message": "No access"}, b"", PermissionMissing),
        (429, {"Retry-After": "30"}, b"", RateLimited),
        (503, {"Retry-After": "30"}, b"", RateLimited),
        (503, {}, b"<html>down</html>", Unavailable),
        (400, {}, b'{"error":{"code":"BadPage","message":"stale"}}', CursorExpired),
        (200, {"Content-Type": "text/html"}, b"<html>Sign in</html>", UnexpectedAnswer),
        (200, {"Content-Type": "application/xml"}, b"<employees/>", UnexpectedAnswer),
    ],
)
def test_answers_are_explained(status: int, headers: dict[str, str], body: bytes, error: type[Exception]) -> None:
    vendor, _ = connect(Bamboo())
    found = vendor.explain(Response(status, headers, body))
    assert type(found) is error


def test_the_reason_of_the_header_reaches_the_reader() -> None:
    found = connect(Bamboo())[0].explain(Response(403, {"X-BambooHR-Error-Message": "Directory disabled for this account"}))
    assert found is not None and "Directory disabled for this account" in found.detail


def test_throttling_carries_the_moment_to_come_back() -> None:
    received = datetime(2026, 6, 10, 8, 0, tzinfo=UTC)
    found = connect(Bamboo())[0].explain(Response(503, {"Retry-After": "30"}, received_at=received))
    assert found is not None and found.retry_at == datetime(2026, 6, 10, 8, 0, 30, tzinfo=UTC)


def test_a_page_instead_of_the_report_is_refused_before_it_is_read() -> None:
    bamboo = Bamboo(person(501))
    html = Response(200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>Sign in</html>")
    bamboo.other = lambda asked: html if asked.path.endswith("custom") else None
    with pytest.raises(UnexpectedAnswer):
        read(bamboo)


def test_a_list_that_goes_in_a_circle_is_left() -> None:
    bamboo = Bamboo(person(501))
    circle = {"data": [{"employeeId": "501"}], "meta": {"total": 9, "page": {"nextCursor": "1"}}}
    bamboo.other = lambda asked: said(circle) if asked.path.endswith("/employees") else None
    with pytest.raises(UnexpectedAnswer):
        read(bamboo)


@pytest.mark.parametrize(
    ("settings", "base"),
    [
        ({}, "https://meridian.bamboohr.com/api/v1"),
        ({"address": "gateway"}, "https://api.bamboohr.com/api/gateway.php/meridian/v1"),
        ({"base_url": "http://127.0.0.1:9/bamboohr/api/v1/"}, "http://127.0.0.1:9/bamboohr/api/v1"),
    ],
)
def test_the_address_follows_the_settings(settings: dict[str, Any], base: str) -> None:
    assert connect(Bamboo(), **settings)[0].api.base == base


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"company": "https://meridian.bamboohr.com"}, "company"),
        ({"overlap_minutes": "ten"}, "overlap_minutes"),
        ({"overlap_minutes": -1}, "overlap_minutes"),
        ({"reader": "directory"}, "reader"),
        ({"dataset_fields": ["workEmail"]}, "dataset_fields"),
    ],
)
def test_a_setting_that_cannot_be_right_names_its_field(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        connect(Bamboo(), **settings)
    assert caught.value.field == field


def test_another_stream_is_not_supported() -> None:
    with pytest.raises(NotSupported):
        connect(Bamboo())[0].fetch("jobs", Window())


def test_every_source_of_the_mapping_is_a_valid_path_under_the_allowed_fields() -> None:
    for row in MAPPING:
        jmespath.compile(row.source)
    division = next(row.source for row in MAPPING if row.target == "unit_path")
    assert jmespath.search(division, {"division": "EMEA", "department": ""}) == ["EMEA"]


# ── the connection test ─────────────────────────────────────────────────────────────────────────────


def test_a_good_connection_passes_in_named_steps() -> None:
    bamboo = Bamboo(person(501, supervisorEId="502"), person(502))
    bamboo.reports_to = {"501": "502"}
    health = connect(bamboo, read_status_table=True)[0].check()
    assert [(english(step.name), step.ok) for step in health.steps] == [
        ("Sign-in", True),
        ("List of employees", True),
        ("Fields of the report", True),
        ("Feed of changes", True),
        ("Table employmentStatus", True),
    ]
    assert health.facts["people"] == "2" and "1 compared" in health.facts["managers"]


def test_a_wrong_key_fails_the_first_step_and_ends_the_test() -> None:
    health = connect(lambda asked: Response(401, DATE))[0].check()
    assert [(english(step.name), step.ok) for step in health.steps] == [("Sign-in", False)]
    assert isinstance(health.steps[0].error, CredentialRejected)


def test_a_manager_field_that_holds_something_else_is_found_out() -> None:
    bamboo = Bamboo(person(501, supervisorEId="E-77"), person(502))
    bamboo.reports_to = {"501": "502"}
    failed = [step for step in connect(bamboo)[0].check().steps if not step.ok]
    assert [(step.name, step.error.field) for step in failed if step.error] == [("Fields of the report", "manager_field")]


def test_fields_that_do_not_answer_are_named() -> None:
    bamboo = Bamboo(person(501))
    bamboo.hidden = {"division", "homeEmail"}
    step = next(step for step in connect(bamboo)[0].check().steps if step.name == "Fields of the report")
    assert step.ok and "homeEmail" in step.detail and "division" in step.detail


def test_names_that_the_dataset_does_not_offer_are_named() -> None:
    bamboo = Dataset(person(501))
    offered = {"fields": [{"name": name} for name in ("eeid", "status", "hireDate")]}
    bamboo.other = lambda asked: said(offered) if asked.path == "/api/v1_2/datasets/employee/fields" else None
    step = next(step for step in connect(bamboo, reader="dataset")[0].check().steps if step.name == "Fields of the report")
    assert not step.ok and "jobTitle (jobInformationJobTitle)" in step.detail and "status" not in step.detail


# ── as it was recorded ──────────────────────────────────────────────────────────────────────────────

RECORDINGS = Path(bamboohr.__file__).parent / "recordings"


def recorded(asked: Asked) -> Response:
    name = {"/employees": "list", "/reports/custom": "report", "/employees/changed": "changed"}[asked.path.removeprefix(BASE)]
    return said(orjson.loads((RECORDINGS / f"employees__{name}.json").read_bytes()))


def test_the_recorded_report_and_list_make_a_complete_read() -> None:
    pages = read(recorded)
    statuses = {one: record.payload["rollcall_status"] for one, record in records(pages).items()}
    assert statuses == {"501": "active", "502": "pending", "503": "terminated"}
    assert pages[-1].is_last and pages[-1].total == 3 and pages[-1].mark == datetime(2026, 6, 9, 10, 13, 20, tzinfo=UTC)


def test_the_recorded_feed_names_who_changed_and_who_was_erased() -> None:
    pages = read(recorded, Window(since=datetime(2026, 6, 8, tzinfo=UTC), as_of=TODAY))
    assert {one: record.deleted for one, record in records(pages).items()} == {"501": False, "504": True}


# ── the emulator's turn ─────────────────────────────────────────────────────────────────────────────


class TestContract(VendorContract, DeltaContract):
    vendor = "bamboohr"
