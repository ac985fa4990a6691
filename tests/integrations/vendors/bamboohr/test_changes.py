from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.vendors.base import Window
from tests.integrations.vendors.bamboohr.other_side import TODAY, Bamboo, connect, person, read

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
