from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.vendors.bamboohr.other_side import Bamboo, payload, person


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
