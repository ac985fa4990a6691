from __future__ import annotations

from datetime import date
from typing import Any

import jmespath
import pytest

from integrations.canonical import BY_KEY, UNIT_ATTRIBUTES
from integrations.mapping.expressions import roots
from integrations.vendors.workday import mapping
from integrations.vendors.workday.bsvc import T
from integrations.vendors.workday.parse import Reading, worker
from integrations.vendors.workday.vendor import Workday
from integrations.wire import soap
from tests.integrations.vendors.workday.recorded import recording


def payloads(name: str) -> list[dict[str, Any]]:
    return [worker(element, Reading(date(2026, 5, 20))) for element in soap.elements([recording(name)], (T.Worker,))]


def mapped(payload: dict[str, Any]) -> dict[str, Any]:
    return {row.target: jmespath.search(row.source, payload) for row in mapping.WORKERS}


def test_every_target_is_a_word_of_ours() -> None:
    assert {row.target for row in mapping.WORKERS} <= set(BY_KEY)
    assert {row.target for row in mapping.UNITS} == {attribute.key for attribute in UNIT_ATTRIBUTES}


def test_a_whole_worker_reads_as_expected() -> None:
    ana = mapped(payloads("workers__page_1_of_2.xml")[0])
    assert ana == {
        "employee_number": "21001",
        "given_name": "Ana",
        "family_name": "Ruiz",
        "middle_name": None,
        "preferred_name": "Ana",
        "name_suffix": "PhD",
        "username": "aruiz",
        "work_email": "Ana.Ruiz@meridian.example",
        "personal_email": "ana.privat@example.com",
        "phone": "+34915550101",
        "worker_type": "employee",
        "job_title": "Senior Buyer",
        "department": "Buying Iberia",
        "unit": "0b00000000000000000000000000d0d3",
        "unit_path": [f"0b00000000000000000000000000d0d{level}" for level in range(4)],
        "company": "Meridian Works SL",
        "cost_center": "470",
        "location": "MAD",
        "country": "ES",
        "language": "es",
        "time_zone": "Europe/Madrid",
        "status": "leave",
        "hire_on": "2024-03-04",
        "original_hire_on": "2015-09-01",
        "last_day_on": None,
        "termination_on": None,
        "termination_reason": None,
        "on_leave": True,
        "leave_from_on": "2026-05-04",
        "leave_until_on": "2026-08-31",
        "manager_lines": [
            {"type": "supervisory", "manager": "11111111111111111111111111111103", "unit": "0b00000000000000000000000000d0d3"},
            {"type": "supervisory", "manager": "11111111111111111111111111111105", "unit": "0b00000000000000000000000000d0d4"},
            {"type": "matrix", "manager": "11111111111111111111111111111104", "unit": "0c00000000000000000000000000e003"},
        ],
    }


def test_a_contractors_number_cannot_be_mistaken_for_an_employees() -> None:
    omar = mapped(payloads("workers__page_1_of_2.xml")[1])
    assert omar["employee_number"] == "CW-123" and omar["worker_type"] == "contingent" and omar["last_day_on"] == "2026-12-31"


def test_a_report_row_finds_its_usual_columns() -> None:
    row = {"wid": "x", "report": {"Employee_ID": "7", "First_Name": "Ana", "Last_Name": "Ruiz", "Work_Email": "a@meridian.example"}}
    found = mapped(row)
    assert (found["employee_number"], found["given_name"], found["family_name"]) == ("7", "Ana", "Ruiz")
    assert found["work_email"] == "a@meridian.example" and found["manager_lines"] is None


@pytest.mark.parametrize("stream", ["workers", "units"])
def test_a_mapping_reads_only_fields_that_may_be_stored(stream: str) -> None:
    for row in Workday.default_mapping[stream]:
        assert roots(row.source) <= set(Workday.stream(stream).fields), row.target
