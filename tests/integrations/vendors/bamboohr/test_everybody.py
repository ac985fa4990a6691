from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from config.errors import CursorExpired
from integrations.vendors.bamboohr.vendor import BambooHR
from integrations.vendors.base import Window
from integrations.wire.http import Response
from tests.integrations.vendors.bamboohr.other_side import FIELDS, TODAY, Bamboo, connect, person, read, records
from tests.integrations.vendors.scripted_line import Asked, said


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BambooHR, "page_rows", 2)


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
