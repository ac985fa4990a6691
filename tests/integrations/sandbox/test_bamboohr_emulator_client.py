"""The public client PyBambooHR 0.8.1, unchanged, against the emulator over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import requests
from PyBambooHR.PyBambooHR import PyBambooHR

from integrations.sandbox import cast
from integrations.sandbox.server import Running, running_sandbox
from tests.integrations.sandbox.bamboohr_caller import GATEWAY, KEY, TODAY

pytestmark = pytest.mark.servers

SINCE = datetime(2026, 6, 1)  # noqa: DTZ001  the client formats it with a Z itself


@pytest.fixture
def sandbox() -> Iterator[Running]:
    settings: dict[str, dict[str, Any]] = {"bamboohr": {"tables_ignore_accept": True}}
    with running_sandbox(300, TODAY, vendors=("bamboohr",), settings=settings) as running:
        yield running


def client(sandbox: Running, key: str = KEY) -> PyBambooHR:
    made = PyBambooHR(subdomain="meridian", api_key=key)
    made.base_url = f"{sandbox.address('bamboohr')}{GATEWAY}/"
    return made


def test_the_client_reads_people_and_the_directory(sandbox: Running) -> None:
    bamboo = client(sandbox)
    marco = bamboo.get_employee(402)  # asks for every field it has ever heard of
    assert (marco["firstName"], marco["employeeNumber"], marco["status"]) == ("Marco", "10002", "Active")
    directory = bamboo.get_employee_directory()
    assert "402" in {row["id"] for row in directory}
    assert set(bamboo.get_all_employees(["firstName", "status"])) >= {row["id"] for row in directory}


def test_the_client_reads_what_changed(sandbox: Running) -> None:
    sandbox.world.change_title("bamboohr", cast.MARCO_ROSSI_BAMBOO.key, "Analyst II")
    bamboo = client(sandbox)
    assert bamboo.get_employee_changes(SINCE)["employees"]["402"]["action"] == "Updated"
    assert set(bamboo.get_employee_changes(SINCE, _type="deleted")["employees"]) == set()
    table = bamboo.get_employee_changed_table("jobInfo", SINCE)
    assert [row["jobTitle"] for row in table["employees"]["402"]["rows"]][-1] == "Analyst II"


def test_the_client_reads_tables_lists_fields_and_users(sandbox: Running) -> None:
    bamboo = client(sandbox)
    assert bamboo.get_tabular_data("jobInfo", 402)["402"][0]["jobTitle"] == "Sales Engineer"
    assert set(bamboo.get_tabular_data("employmentStatus")) >= {"402", "403"}
    assert {table["alias"] for table in bamboo.get_meta_tables()} == {"jobInfo", "employmentStatus", "compensation"}
    assert any(field.get("alias") == "workEmail" for field in bamboo.get_meta_fields())
    assert any(row["alias"] == "department" for row in bamboo.get_meta_lists())
    assert any(user["employeeId"] == 402 for user in bamboo.get_meta_users().values())
    assert all(row["type"] == "timeOff" for row in bamboo.get_whos_out())


def test_the_client_runs_reports_in_its_three_formats(sandbox: Running) -> None:
    bamboo = client(sandbox)
    fields = ["firstName", "workEmail"]
    report = bamboo.request_custom_report(fields, report_format="json")
    assert {"id": "402", "firstName": "Marco", "workEmail": cast.MARCO_ROSSI_BAMBOO.email} in report["employees"]
    assert "<report>" in bamboo.request_custom_report(fields, report_format="xml")
    assert "Marco" in bamboo.request_custom_report(fields, report_format="csv")
    assert bamboo.request_custom_report(fields, report_format="json", last_changed=datetime(2026, 6, 10))["employees"] == []  # noqa: DTZ001


def test_the_client_creates_and_changes_a_person(sandbox: Running) -> None:
    bamboo = client(sandbox)
    made = bamboo.add_employee({"first_name": "Vera", "last_name": "Klein", "work_email": "vera.klein@meridian.example"})
    assert made["id"].isdigit()
    assert bamboo.update_employee(made["id"], {"job_title": "Auditor I"})
    assert bamboo.get_employee(made["id"], ["firstName", "jobTitle"]) == {"id": made["id"], "firstName": "Vera", "jobTitle": "Auditor I"}


def test_a_wrong_key_reaches_the_client_as_an_http_error(sandbox: Running) -> None:
    with pytest.raises(requests.HTTPError) as refused:
        client(sandbox, "wrong").get_meta_fields()
    assert refused.value.response.status_code == 401
