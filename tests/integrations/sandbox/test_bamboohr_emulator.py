"""What the account tells of its people: one, all, changed, tables, meta."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from lxml import etree

from integrations.sandbox import cast
from tests.integrations.sandbox.bamboohr_caller import GATEWAY, TODAY, Account, basic, error

MARCO, STELLAN = cast.MARCO_ROSSI_BAMBOO, cast.STELLAN_LINDGREN_BAMBOO


@pytest.fixture(scope="module")
def account() -> Account:
    """Shared by tests that only read."""
    return Account()


# ── addresses and languages ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("base", ["/api/v1", GATEWAY])
@pytest.mark.parametrize("slash", ["", "/"])
def test_both_bases_answer_with_and_without_a_trailing_slash(account: Account, base: str, slash: str) -> None:
    answer = account.call("GET", f"{base}/employees/{MARCO.key}{slash}?fields=firstName")
    assert json.loads(answer.content) == {"id": MARCO.key, "firstName": "Marco"}


@pytest.mark.parametrize(
    ("target", "root"),
    [
        ("employees/402?fields=firstName", "employee"),
        ("employees/directory", "directory"),
        ("employees/changed?since=2026-01-01T00:00:00Z", "changeList"),
        ("employees/all/tables/jobInfo", "table"),
        ("employees/changed/tables/jobInfo?since=2026-01-01T00:00:00Z", "table"),
        ("meta/fields", "fields"),
        ("meta/lists", "lists"),
        ("meta/tables", "tables"),
        ("meta/users", "users"),
        ("time_off/whos_out", "calendar"),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", ""])
def test_without_asking_for_json_the_answer_is_xml_with_200(account: Account, target: str, root: str, accept: str) -> None:
    answer = account.get(target, Accept=accept)
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/xml")
    assert etree.fromstring(answer.content).tag == root


# ── one person ──────────────────────────────────────────────────────────────────────────────────────


def test_one_person_has_the_fields_asked_for_and_unknown_ones_vanish(account: Account) -> None:
    marco = account.json(f"employees/{MARCO.key}?fields=employeeNumber,workEmail,noSuchField,4387,status")
    assert marco == {"id": "402", "employeeNumber": "10002", "workEmail": MARCO.email, "4387": marco["4387"], "status": "Active"}
    assert account.json(f"employees/{MARCO.key}") == {"id": "402"}


def test_the_supervisor_is_told_in_four_ways(account: Account) -> None:
    row = account.json(f"employees/{MARCO.key}?fields=supervisor,supervisorId,supervisorEId,supervisorEmail")
    boss = account.world.worker("bamboohr", row["supervisorEId"])
    assert boss is not None
    assert row["supervisorId"] == boss.employee_number and row["supervisorEmail"] == boss.work_email
    assert row["supervisor"] == f"{boss.family}, {boss.given}"


def test_the_two_supervisor_ids_can_be_the_other_way_round() -> None:
    fields = "employees/402?fields=supervisorId,supervisorEId"
    usual, swapped = Account().json(fields), Account(supervisor_ids_swapped=True).json(fields)
    assert (usual["supervisorId"], usual["supervisorEId"]) == (swapped["supervisorEId"], swapped["supervisorId"])


def test_nobody_above_is_null_or_empty(account: Account) -> None:
    head = next(account.world.workers("bamboohr"))
    assert account.json(f"employees/{head.key}?fields=supervisor")["supervisor"] is None
    assert Account(empty_text="").json(f"employees/{head.key}?fields=supervisor")["supervisor"] == ""


def test_employee_zero_is_whoever_owns_the_key() -> None:
    assert Account().json("employees/0?fields=firstName") == {"id": "0"}
    assert Account(own_employee="402").json("employees/0?fields=firstName") == {"id": "402", "firstName": "Marco"}


def test_an_employee_number_used_as_an_id_hits_somebody_else() -> None:
    """Numbers and ids overlap once somebody edits a number."""
    own = Account()
    own.world.edit("bamboohr", MARCO.key, employee_number=STELLAN.key)
    assert own.json(f"employees/{STELLAN.key}?fields=firstName")["firstName"] == "Stellan"


# ── life cycle ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def newcomer() -> tuple[Account, str]:
    account = Account()
    lena = account.world.hire("bamboohr", "Lena", "Vogt", hire_on=TODAY + timedelta(days=5), title="Analyst I")
    return account, lena.key


def test_a_future_hire_is_inactive_and_has_a_job_only_when_the_future_is_asked_for(newcomer: tuple[Account, str]) -> None:
    account, key = newcomer
    fields = "fields=status,hireDate,jobTitle,supervisorEId"
    assert account.json(f"employees/{key}?{fields}") == {
        "id": key,
        "status": "Inactive",
        "hireDate": "2026-06-15",
        "jobTitle": None,
        "supervisorEId": None,
    }
    assert account.json(f"employees/{key}?{fields}&onlyCurrent=false")["jobTitle"] == "Analyst I"


def test_a_future_hire_is_in_report_and_directory_only_with_only_current_false(newcomer: tuple[Account, str]) -> None:
    account, key = newcomer
    assert key not in account.report(["status"], "format=JSON")
    assert account.report(["status", "jobTitle"])[key] == {"id": key, "status": "Inactive", "jobTitle": "Analyst I"}
    assert key not in {row["id"] for row in account.json("employees/directory")["employees"]}
    assert key in {row["id"] for row in account.json("employees/directory?onlyCurrent=false")["employees"]}


def test_the_first_day_makes_a_future_hire_active(newcomer: tuple[Account, str]) -> None:
    account, key = newcomer
    account.clock.advance(days=5)
    assert account.json(f"employees/{key}?fields=status,jobTitle") == {"id": key, "status": "Active", "jobTitle": "Analyst I"}


def test_a_future_leaver_is_active_and_the_date_shows_only_when_asked_for() -> None:
    account = Account()
    account.world.terminate("bamboohr", MARCO.key, last_day_on=TODAY + timedelta(days=3))
    fields = "fields=status,terminationDate,employmentHistoryStatus"
    row = account.json(f"employees/{MARCO.key}?{fields}")
    assert (row["status"], row["terminationDate"], row["employmentHistoryStatus"]) == ("Active", None, "Full-Time")
    assert account.json(f"employees/{MARCO.key}?{fields}&onlyCurrent=false")["terminationDate"] == "2026-06-13"
    account.clock.advance(days=4)
    row = account.json(f"employees/{MARCO.key}?{fields}")
    assert (row["status"], row["terminationDate"], row["employmentHistoryStatus"]) == ("Inactive", "2026-06-13", "Terminated")


@pytest.mark.parametrize(("lingers", "shown"), [(True, "2026-06-10"), (False, None)])
def test_a_rehire_keeps_the_id_and_maybe_the_old_termination_date(lingers: bool, shown: str | None) -> None:
    account = Account(termination_lingers=lingers)
    account.world.terminate("bamboohr", MARCO.key)
    account.clock.advance(days=30)
    account.world.rehire("bamboohr", MARCO.key)
    row = account.json(f"employees/{MARCO.key}?fields=status,hireDate,originalHireDate,terminationDate")
    assert (row["status"], row["hireDate"], row["terminationDate"]) == ("Active", "2026-07-10", shown)
    assert row["originalHireDate"] < "2026-06-10"


def test_somebody_on_leave_is_active_and_out() -> None:
    account = Account()
    account.world.start_leave("bamboohr", MARCO.key, from_on=TODAY, until_on=TODAY + timedelta(days=9))
    assert account.json(f"employees/{MARCO.key}?fields=status,employmentHistoryStatus")["status"] == "Active"
    away = {row["employeeId"]: row for row in account.json("time_off/whos_out")}
    assert (away[402]["start"], away[402]["end"], away[402]["type"]) == ("2026-06-10", "2026-06-19", "timeOff")
    assert 402 not in {row["employeeId"] for row in account.json("time_off/whos_out?start=2026-08-01&end=2026-08-02")}


def test_an_erased_person_is_gone_and_told_of_as_deleted() -> None:
    account = Account()
    account.world.delete("bamboohr", MARCO.key)
    assert account.get(f"employees/{MARCO.key}").status == 404
    assert MARCO.key not in account.report(["status"])
    changes = account.json("employees/changed?since=2026-06-10T00:00:00Z")["employees"]
    assert changes[MARCO.key]["action"] == "Deleted"


@pytest.mark.parametrize("empty", [None, "", "0000-00-00"])
def test_an_empty_date_has_three_faces(empty: str | None) -> None:
    assert Account(empty_date=empty).json("employees/402?fields=terminationDate")["terminationDate"] == empty


# ── changed ─────────────────────────────────────────────────────────────────────────────────────────


def test_changed_tells_the_newest_change_of_each_and_where_to_go_on() -> None:
    account = Account()
    hired = account.world.hire("bamboohr", "New", "Comer")
    account.world.change_title("bamboohr", hired.key, "Analyst II")
    account.world.terminate("bamboohr", MARCO.key)
    found = account.json("employees/changed?since=2026-06-10T08:00:00Z")
    assert {key: row["action"] for key, row in found["employees"].items()} == {hired.key: "Inserted", MARCO.key: "Updated"}
    assert found["latest"] == max(row["lastChanged"] for row in found["employees"].values())
    assert list(account.json("employees/changed?since=2026-06-10T08:00:00Z&type=updated")["employees"]) == [MARCO.key]


@pytest.mark.parametrize(
    "since", ["2026-06-10T08:00:00Z", "2026-06-10T10:00:00%2B02:00", "2026-06-10T08:00:00.000000%2B0000", "2026-06-10"]
)
def test_since_is_read_with_z_offset_and_microseconds(since: str) -> None:
    account = Account()
    account.world.change_title("bamboohr", MARCO.key, "Analyst II")
    assert list(account.json(f"employees/changed?since={since}")["employees"]) == [MARCO.key]


def test_no_change_is_an_empty_map_or_by_switch_an_empty_list() -> None:
    target = "employees/changed?since=2026-06-10T08:00:00Z"
    assert Account().json(target) == {"latest": "2026-06-10T08:00:00+00:00", "employees": {}}
    assert Account(empty_map="array").json(target)["employees"] == []


@pytest.mark.parametrize("reached_counts", [False, True])
def test_a_date_that_is_reached_counts_as_a_change_only_by_switch(reached_counts: bool) -> None:
    account = Account(date_reached_is_a_change=reached_counts)
    account.world.change_title("bamboohr", MARCO.key, "Analyst II", effective_on=TODAY + timedelta(days=2))
    account.clock.advance(days=3)
    found = account.json("employees/changed?since=2026-06-11T00:00:00Z")["employees"]
    assert (MARCO.key in found) is reached_counts
    assert account.json(f"employees/{MARCO.key}?fields=jobTitle")["jobTitle"] == "Analyst II"


# ── tables ──────────────────────────────────────────────────────────────────────────────────────────


def test_job_rows_come_unordered_with_past_and_future() -> None:
    account = Account()
    account.world.change_title("bamboohr", MARCO.key, "Analyst II", effective_on=TODAY + timedelta(days=2))
    account.world.move("bamboohr", MARCO.key, location_code="TYO")
    rows = account.json(f"employees/{MARCO.key}/tables/jobInfo")
    told = {row["date"]: (row["jobTitle"], row["location"]) for row in rows}
    assert told["2026-06-10"] == ("Sales Engineer", "Tokyo Shinagawa") and told["2026-06-12"] == ("Analyst II", "Tokyo Shinagawa")
    assert len(rows) == 3 and {row["employeeId"] for row in rows} == {MARCO.key}
    everybody = account.json("employees/all/tables/jobInfo")
    dates = [row["date"] for row in everybody]
    assert dates != sorted(dates) and len({row["id"] for row in everybody}) == len(everybody)


def test_status_rows_tell_of_termination_and_rehire_but_not_of_what_was_taken_back() -> None:
    account = Account()
    account.world.terminate("bamboohr", MARCO.key)
    account.world.rescind_termination("bamboohr", MARCO.key)
    assert [row["employmentStatus"] for row in account.json(f"employees/{MARCO.key}/tables/employmentStatus")] == ["Full-Time"]
    account.world.terminate("bamboohr", MARCO.key)
    account.clock.advance(days=30)
    account.world.rehire("bamboohr", MARCO.key)
    rows = account.json(f"employees/{MARCO.key}/tables/employmentStatus")
    by_date = [row["employmentStatus"] for row in sorted(rows, key=lambda row: row["date"])]
    assert by_date == ["Full-Time", "Terminated", "Full-Time"]


def test_a_change_of_a_table_returns_all_its_rows() -> None:
    account = Account()
    account.world.terminate("bamboohr", MARCO.key)
    found = account.json("employees/changed/tables/employmentStatus?since=2026-06-10T08:00:00Z")
    assert found["table"] == "employmentStatus" and list(found["employees"]) == [MARCO.key]
    assert [row["employmentStatus"] for row in found["employees"][MARCO.key]["rows"]] == ["Full-Time", "Terminated"]
    assert account.json("employees/changed/tables/jobInfo?since=2026-06-10T08:00:00Z")["employees"] == {}


# ── meta ────────────────────────────────────────────────────────────────────────────────────────────


def test_meta_tells_fields_lists_tables_and_users(account: Account) -> None:
    fields = account.json("meta/fields")
    assert {"id": 4388, "name": "Matrix manager", "type": "text", "alias": "customMatrixManager"} in fields
    assert any(isinstance(field["id"], str) and "." in field["id"] for field in fields)
    lists = {row["alias"]: row for row in account.json("meta/lists")}
    assert {"Finance", "Marketing"} <= {option["name"] for option in lists["department"]["options"]}
    assert "yes" in {option["archived"] for option in lists["location"]["options"]}
    assert {row["alias"] for row in account.json("meta/tables")} == {"jobInfo", "employmentStatus", "compensation"}
    users = account.json("meta/users?status=enabled")
    assert users["1"]["employeeId"] == 0 and users["1402"]["employeeId"] == 402
    assert {user["status"] for user in users.values()} == {"enabled"}


def test_a_custom_field_answers_to_its_alias_and_its_number() -> None:
    account = Account()
    account.world.edit("bamboohr", MARCO.key, matrix_manager_keys=[STELLAN.key])
    row = account.json("employees/402?fields=customMatrixManager,4388")
    assert row["customMatrixManager"] == row["4388"] == "Lindgren, Stellan"


# ── the report ──────────────────────────────────────────────────────────────────────────────────────


def test_the_report_has_everybody_with_columns_and_values(account: Account) -> None:
    body = {"title": "People", "fields": ["employeeNumber", "status", "4387", "noSuchField"]}
    answer = account.call("POST", "/api/v1/reports/custom?format=JSON&onlyCurrent=false", body, Content_Type="application/json")
    report: dict[str, Any] = json.loads(answer.content)
    assert report["title"] == "People"
    assert [field["id"] for field in report["fields"]] == ["employeeNumber", "status", "4387"]
    rows = {row["id"]: row for row in report["employees"]}
    assert len(rows) == account.world.count("bamboohr") and rows["402"]["employeeNumber"] == "10002"
    assert {row["status"] for row in rows.values()} == {"Active", "Inactive"}


def test_the_report_can_be_cut_to_ids_and_to_what_changed(account: Account) -> None:
    assert set(account.report(["status"], filters={"employeeIds": [402, 403]})) == {"402", "403"}
    own = Account()
    own.world.change_title("bamboohr", MARCO.key, "Analyst II")
    changed = own.report(["lastChanged"], filters={"lastChanged": {"value": "2026-06-10T08:00:00Z", "includeNull": "no"}})
    assert list(changed) == [MARCO.key] and changed[MARCO.key]["lastChanged"].startswith("2026-06-10T09:00:")


def test_an_xml_request_needs_no_content_type(account: Account) -> None:
    filters = b'<filters><lastChanged includeNull="no">2026-06-10T00:00:00Z</lastChanged></filters>'
    body = b'<report><title>R</title>%b<fields><field id="status"/></fields></report>' % filters
    answer = account.call("POST", f"{GATEWAY}/reports/custom/?format=json", body)
    assert json.loads(answer.content)["employees"] == []


def test_the_report_comes_as_xml_and_csv_too(account: Account) -> None:
    body = {"fields": ["firstName", "status"]}
    xml = account.call("POST", "/api/v1/reports/custom?format=xml", body, Content_Type="application/json").content
    assert etree.fromstring(xml).find("employees/employee[@id='402']/field[@id='firstName']").text == "Marco"
    csv = account.call("POST", "/api/v1/reports/custom?format=csv", body, Content_Type="application/json").content.decode()
    assert csv.startswith("First Name,Status\r\n") and "Marco,Active\r\n" in csv


def test_pay_comes_when_it_is_asked_for(account: Account) -> None:
    assert account.json("employees/402?fields=payRate,nin")["payRate"].endswith(".00 EUR")
    assert account.json("employees/402/tables/compensation")[0]["rate"].endswith(".00 EUR")


# ── rights ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_hidden_field_is_left_out_without_a_word() -> None:
    account = Account(hidden_fields=("payRate", "homeEmail"), hidden_fields_of={"402": ["workEmail"]})
    assert account.json("employees/402?fields=homeEmail,workEmail,firstName") == {"id": "402", "firstName": "Marco"}
    rows = account.report(["workEmail", "homeEmail", "payRate"])
    assert set(rows["403"]) == {"id", "workEmail"} and set(rows["402"]) == {"id"}
    assert account.json("employees/402/tables/compensation") == []
    assert "compensation" not in {row["alias"] for row in account.json("meta/tables")}


def test_a_hidden_person_is_nowhere_and_forbidden_by_id() -> None:
    account = Account(hidden_employees=("402",))
    assert account.get("employees/402").status == 403 and account.get("employees/402/tables/jobInfo").status == 403
    assert "402" not in account.report(["status"])
    account.world.change_title("bamboohr", "402", "Analyst II")
    assert account.json("employees/changed?since=2026-06-10T08:00:00Z")["employees"] == {}


def test_the_directory_has_modes_and_shows_active_people_only() -> None:
    directory = Account().json("employees/directory")
    names = {field["id"] for field in directory["fields"]}
    assert "supervisor" in names and not names & {"status", "employeeNumber", "hireDate"}
    assert len(directory["employees"]) < Account().world.count("bamboohr")
    chart = Account(directory="org_chart").json("employees/directory")
    assert "supervisor" not in {field["id"] for field in chart["fields"]} and "supervisor" not in chart["employees"][0]
    off = Account(directory="off").get("employees/directory")
    assert (off.status, error(off)) == (403, "Directory disabled for this account")


# ── writing, as old clients do ──────────────────────────────────────────────────────────────────────


def test_a_person_can_be_created_and_changed() -> None:
    account = Account()
    xml = (
        b'<employee><field id="firstName">Vera</field><field id="lastName">Klein</field><field id="hireDate">2026-07-01</field></employee>'
    )
    made = account.call("POST", f"{GATEWAY}/employees/", xml)
    key = made.headers["Location"].rpartition("/")[2]
    assert made.status == 201 and made.headers["Location"].startswith("http://127.0.0.1:1/bamboohr/api/gateway.php/meridian/v1/employees/")
    changed = account.call("POST", f"/api/v1/employees/{key}", {"jobTitle": "Auditor I"}, Content_Type="application/json")
    assert changed.status == 200
    assert account.json(f"employees/{key}?fields=lastName,hireDate,jobTitle&onlyCurrent=false") == {
        "id": key,
        "lastName": "Klein",
        "hireDate": date(2026, 7, 1).isoformat(),
        "jobTitle": "Auditor I",
    }


def test_any_password_goes_with_the_key(account: Account) -> None:
    for password in ("x", "", "whatever"):
        assert account.get("employees/402", Authorization=basic(password=password)).status == 200
