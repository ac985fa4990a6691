"""Reports as a service: formats, prompts, empties."""

from __future__ import annotations

import base64
import csv
import io
import json
from typing import Any

import pytest
from lxml import etree

from integrations.sandbox import cast
from tests.integrations.sandbox.workday_caller import PASSWORD, Tenant

REPORT = "/ccx/service/customreport2/meridian/isu_rollcall/Rollcall_Workers"
NS = {"wd": "urn:com.workday.report/Rollcall_Workers"}


def basic(user: str = "isu_rollcall", password: str = PASSWORD) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def entries(tenant: Tenant, query: str = "") -> list[dict[str, Any]]:
    answer = tenant.get(f"{REPORT}?format=json{query}", **basic())
    assert answer.status == 200
    return list(json.loads(answer.content).get("Report_Entry", []))


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return Tenant()


def test_json_entries_are_text_and_leave_out_what_is_empty(tenant: Tenant) -> None:
    found = {entry["Workday_ID"]: entry for entry in entries(tenant)}
    jane = found[cast.JANE_DOE.key]
    assert (jane["Employee_ID"], jane["Work_Email"], jane["Active_Status"]) == ("10001", cast.JANE_DOE.email, "1")
    assert "Preferred_First_Name" not in jane and "Termination_Date" not in jane and "Matrix_Managers" not in jane
    assert all(isinstance(value, str) for value in jane.values())


def test_a_repeated_group_is_an_array(tenant: Tenant) -> None:
    marco = entries(tenant, f"&Worker!WID={cast.MARCO_ROSSI.key}")[0]
    expected = tenant.world.worker("workday", cast.MARCO_ROSSI.key)
    assert expected is not None
    assert [manager["Manager_WID"] for manager in marco["Matrix_Managers"]] == list(expected.matrix_manager_keys)


def test_xml_is_the_default_and_has_the_reports_own_namespace(tenant: Tenant) -> None:
    answer = tenant.get(REPORT, **basic())
    root = etree.fromstring(answer.content)
    assert root.tag == "{urn:com.workday.report/Rollcall_Workers}Report_Data"
    assert len(root.findall("wd:Report_Entry", NS)) == len(entries(tenant))


def test_the_schema_fits_the_xml(tenant: Tenant) -> None:
    schema = etree.XMLSchema(etree.fromstring(tenant.get(f"{REPORT}?xsds", **basic()).content))
    schema.assertValid(etree.fromstring(tenant.get(REPORT, **basic()).content))


def test_csv_has_one_line_a_person(tenant: Tenant) -> None:
    rows = list(csv.DictReader(io.StringIO(tenant.get(f"{REPORT}?format=csv", **basic()).content.decode())))
    assert len(rows) == len(entries(tenant)) and {row["Workday_ID"] for row in rows} >= {member.key for member in cast.WORKDAY}


def test_prompts_narrow_the_report_and_join_values_by_an_exclamation_mark(tenant: Tenant) -> None:
    found = entries(tenant, f"&Worker!WID={cast.JANE_DOE.key}!{cast.ANA_RUIZ.key}")
    assert {entry["Workday_ID"] for entry in found} == {cast.JANE_DOE.key, cast.ANA_RUIZ.key}
    assert {entry["Location_ID"] for entry in entries(tenant, "&Location!Location_ID=TYO")} == {"TYO"}


def test_the_effective_date_is_a_prompt(tenant: Tenant) -> None:
    query = f"&Worker!WID={cast.LENA_VOGT.key}"
    assert entries(tenant, query)[0]["Active_Status"] == "0"
    assert entries(tenant, f"{query}&Effective_as_of_Date=2026-06-15")[0]["Active_Status"] == "1"


@pytest.mark.parametrize("query", ["format=pdf", "Colour=red", "Effective_as_of_Date=soon"])
def test_what_the_report_does_not_know_is_refused(tenant: Tenant, query: str) -> None:
    assert tenant.get(f"{REPORT}?{query}", **basic()).status == 400
    assert Tenant(size=500, refused_report_status=500).get(f"{REPORT}?{query}", **basic()).status == 500


def test_reports_take_basic_with_and_without_the_tenant_and_nothing_else(tenant: Tenant) -> None:
    assert tenant.get(REPORT, **basic("isu_rollcall@meridian")).status == 200
    for headers in ({}, basic(password="wrong"), basic("isu_rollcall@acme"), {"Authorization": "Bearer x"}, {"Authorization": "Basic ???"}):
        refused = tenant.get(REPORT, **headers)
        assert refused.status == 401 and refused.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("path", ["acme/isu_rollcall/Rollcall_Workers", "meridian/other/Rollcall_Workers", "meridian/isu_rollcall/Other"])
def test_another_report_is_not_found(tenant: Tenant, path: str) -> None:
    assert tenant.get(f"/ccx/service/customreport2/{path}", **basic()).status == 404


def test_an_empty_report_has_two_faces() -> None:
    for setting, expected in (("list", {"Report_Entry": []}), ("absent", {})):
        tenant = Tenant(size=500, empty_report=setting)
        tenant.faults.set("workday", empty=True)
        assert json.loads(tenant.get(f"{REPORT}?format=json", **basic()).content) == expected


def test_faults_reach_reports_too() -> None:
    tenant = Tenant(size=500)
    whole = entries(tenant)
    tenant.faults.set("workday", truncate_last_page=True, bad_dates=True, unknown_location=True, rename_field={"Work_Email": "Email"})
    broken = entries(tenant)
    assert 0.85 < len(broken) / len(whole) < 0.95
    assert "2026-02-31" in {entry["Hire_Date"] for entry in broken}
    assert "ATL-9" in {entry["Location_ID"] for entry in broken}
    assert all("Work_Email" not in entry for entry in broken) and "Email" in broken[0]


def test_a_throttled_report_is_a_429_without_retry_after() -> None:
    tenant = Tenant(size=500)
    tenant.faults.set("workday", rate_limited=1)
    throttled = tenant.get(REPORT, **basic())
    assert throttled.status == 429 and "Retry-After" not in throttled.headers
    assert tenant.get(REPORT, **basic()).status == 200
