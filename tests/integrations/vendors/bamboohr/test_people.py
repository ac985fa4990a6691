from __future__ import annotations

from typing import Any

import jmespath
import pytest

from integrations.vendors.bamboohr.fields import MAPPING
from tests.integrations.vendors.bamboohr.other_side import Bamboo, payload, person


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
