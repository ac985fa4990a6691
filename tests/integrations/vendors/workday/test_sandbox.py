"""The connector against the sandbox's tenant, which was written from the same facts by other hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from config.errors import AnswerCutOff, CredentialRejected, PermissionMissing, RateLimited, RequestRefused, RollcallError, UnexpectedAnswer
from config.sentences import english
from integrations.mapping.shapes import shape_of
from integrations.mapping.translate import compile_mapping
from integrations.mapping.value_maps import Table, ValueMaps, fold
from integrations.sandbox.cast import (
    ANA_RUIZ,
    CHEN_WEI_BERLIN,
    CHEN_WEI_SHANGHAI,
    HARUTO_SATO,
    JANE_DOE,
    LENA_VOGT,
    MARCO_ROSSI,
    NOOR_NEW_TITLE,
    NOOR_VAN_DEN_BERG,
    OMAR_HADDAD,
)
from integrations.sandbox.places import LOCATIONS
from integrations.sandbox.server import Running, running_sandbox
from integrations.vendors.base import Page, Window
from integrations.vendors.workday.vendor import Workday
from integrations.wire.http import Line
from integrations.wire.safe_url import Guard

pytestmark = pytest.mark.servers

SIZE = 400  # about three hundred of them in Workday: two pages of 200
PASSWORD = {"password": "sandbox-isu-password"}
OAUTH = {"client_secret": "sandbox-client-secret", "refresh_token": "sandbox-refresh-token"}
REPORT = {
    "source": "raas",
    "report_owner": "isu_rollcall",
    "report_name": "Rollcall_Workers",
    "report_columns": ["Employee_ID", "Legal_First_Name", "Work_Email", "Matrix_Managers"],
}

Connect = Callable[..., Workday]


@pytest.fixture
def sandbox() -> Iterator[Running]:
    with running_sandbox(size=SIZE, vendors=("workday",)) as running:
        yield running


@pytest.fixture
def connect(sandbox: Running) -> Iterator[Connect]:
    with closing(Line(guard=Guard(allow_hosts=(sandbox.host,), schemes=("http",)))) as line:

        def connected(secrets: dict[str, str] = PASSWORD, **settings: Any) -> Workday:
            place = {"base_url": sandbox.address("workday"), "tenant": "meridian", "username": "isu_rollcall"}
            return Workday({**place, **settings}, secrets, line)

        yield connected


def tenant(sandbox: Running, **behaviour: Any) -> None:
    """Make the tenant behave otherwise (emulators/workday/settings.py)."""
    for name, value in behaviour.items():
        setattr(sandbox.emulators["workday"].settings, name, value)  # type: ignore[attr-defined]


def read(workday: Workday, window: Window = Window(), stream: str = "workers") -> list[Page]:  # noqa: B008 - frozen
    return list(workday.fetch(stream, window))


def by_id(pages: list[Page]) -> dict[str, dict[str, Any]]:
    return {record.external_id: record.payload for page in pages for record in page.records}


def test_a_full_read_brings_everybody_once_as_the_world_knows_them(sandbox: Running, connect: Connect) -> None:
    pages = read(connect())
    found = by_id(pages)
    on = sandbox.world.today()
    known = {worker.key: worker for worker in sandbox.world.workers("workday", on=date.max)}
    assert set(found) == set(known) and pages[-1].is_last
    for key, payload in found.items():
        worker = known[key].as_of(max(on, known[key].hire_on))
        assert payload["name"]["family"] == worker.family and payload["email"] == worker.work_email, key
        assert payload["status"]["hire_on"] == worker.hire_on.isoformat() and payload["worker_type"] == worker.kind
        assert payload["account"]["time_zone"] == worker.time_zone
        if payload["state"] in ("active", "leave", "pending"):
            primary = next(job for job in payload["jobs"] if job["primary"])
            assert (primary["title"], primary["location_id"]) == (worker.title, worker.location_code)
            assert payload["unit_path"][-1] == worker.unit_key
            managers = [line["manager"] for line in payload["reporting_lines"] if line["type"] == "supervisory"]
            assert managers == ([worker.manager_key] if worker.manager_key else [])


def test_the_states_are_those_of_the_world(sandbox: Running, connect: Connect) -> None:
    found, on = by_id(read(connect())), sandbox.world.today()
    words = {"left": "terminated", "future": "pending", "active": "active", "leave": "leave"}
    for worker in sandbox.world.workers("workday", on=date.max):
        assert found[worker.key]["state"] == words.get(worker.state(on), worker.state(on)), worker


def test_the_cast_comes_with_its_stories(connect: Connect) -> None:
    found = by_id(read(connect()))
    assert {line["type"] for line in found[MARCO_ROSSI.key]["reporting_lines"]} == {"supervisory", "matrix"}
    assert found[ANA_RUIZ.key]["status"]["rehire"] is True
    assert found[ANA_RUIZ.key]["status"]["original_hire_on"] < found[ANA_RUIZ.key]["status"]["hire_on"]
    assert found[OMAR_HADDAD.key]["worker_type"] == "contingent" and found[OMAR_HADDAD.key]["employee_id"] is None
    assert found[LENA_VOGT.key]["state"] == "pending" and found[LENA_VOGT.key]["jobs"][0]["title"] == LENA_VOGT.title
    haruto = found[HARUTO_SATO.key]
    assert haruto["state"] == "active" and haruto["status"]["last_day_on"] is not None
    assert found[CHEN_WEI_SHANGHAI.key]["name"] == found[CHEN_WEI_BERLIN.key]["name"]
    assert found[CHEN_WEI_SHANGHAI.key]["employee_id"] != found[CHEN_WEI_BERLIN.key]["employee_id"]


def test_pay_is_neither_asked_for_nor_kept(sandbox: Running, connect: Connect) -> None:
    kept = repr(by_id(read(connect())))
    someone = next(worker for worker in sandbox.world.workers("workday") if worker.pay)
    assert someone.pay.partition(" ")[0] not in kept and someone.national_id not in kept
    assert "Compensation" not in kept


def test_the_default_mapping_understands_everybody(sandbox: Running, connect: Connect) -> None:
    sites = Table("workday-location")
    for location in LOCATIONS:
        sites.add(fold(location.code), location.name)
    for stream in ("workers", "units"):
        mapping = compile_mapping(Workday.default_mapping[stream], shape_of("workday", stream))
        for key, payload in by_id(read(connect(), stream=stream)).items():
            translated = mapping.translate(payload, ValueMaps([sites]), sandbox.world.today())
            assert translated.problems == [] and translated.unmapped == [], key


def test_the_chart_is_the_worlds_chart(sandbox: Running, connect: Connect) -> None:
    found = by_id(read(connect(), stream="units"))
    for unit in sandbox.world.units():
        assert found[unit.key]["parent"] == (unit.parent_key or None)
        assert (found[unit.key]["name"], found[unit.key]["manager"]) == (unit.name, unit.manager_key)
    assert max(len(unit["path"]) for unit in found.values()) >= 4


# ── changes ─────────────────────────────────────────────────────────────────────────────────────────


def changed(sandbox: Running, workday: Workday, since: Page) -> dict[str, dict[str, Any]]:
    assert sandbox.clock is not None
    sandbox.clock.advance(seconds=5)
    return by_id(read(workday, Window(since=since.mark)))


def test_a_delta_brings_what_was_entered_since(sandbox: Running, connect: Connect) -> None:
    workday = connect(effective_overlap_hours=0)
    last = read(workday)[-1]
    assert sandbox.clock is not None
    sandbox.clock.advance(seconds=60)
    sandbox.world.change_title("workday", NOOR_VAN_DEN_BERG.key, NOOR_NEW_TITLE)
    sandbox.world.rename("workday", JANE_DOE.key, family="Doe-Marsh")
    found = changed(sandbox, workday, last)
    assert set(found) == {NOOR_VAN_DEN_BERG.key, JANE_DOE.key}
    assert found[NOOR_VAN_DEN_BERG.key]["jobs"][0]["title"] == NOOR_NEW_TITLE
    assert found[JANE_DOE.key]["name"]["family"] == "Doe-Marsh"


def test_a_change_entered_early_comes_on_the_day_it_takes_effect(sandbox: Running, connect: Connect) -> None:
    workday = connect()
    assert sandbox.clock is not None
    on = sandbox.world.today() + timedelta(days=3)
    sandbox.world.change_title("workday", NOOR_VAN_DEN_BERG.key, NOOR_NEW_TITLE, effective_on=on)
    sandbox.clock.advance(seconds=60)
    last = read(workday)[-1]
    sandbox.advance(2)
    early = changed(sandbox, workday, last)
    assert NOOR_VAN_DEN_BERG.key not in early
    last = replace(last, mark=sandbox.clock())
    sandbox.advance(1)
    assert changed(sandbox, workday, last)[NOOR_VAN_DEN_BERG.key]["jobs"][0]["title"] == NOOR_NEW_TITLE


def test_a_termination_and_its_rescind_both_come(sandbox: Running, connect: Connect) -> None:
    workday = connect(effective_overlap_hours=0)
    last = read(workday)[-1]
    assert sandbox.clock is not None
    sandbox.clock.advance(seconds=60)
    sandbox.world.terminate("workday", JANE_DOE.key, last_day_on=sandbox.world.today() + timedelta(days=5))
    jane = changed(sandbox, workday, last)[JANE_DOE.key]
    assert jane["state"] == "active" and jane["status"]["last_day_on"] is not None and "corrections" not in jane
    sandbox.world.rescind_termination("workday", JANE_DOE.key)
    jane = changed(sandbox, workday, last)[JANE_DOE.key]
    assert jane["status"]["last_day_on"] is None and jane["status"]["termination_on"] is None
    assert [entry["is_rescind"] for entry in jane["corrections"]] == [True, True]


def test_a_contractor_who_becomes_an_employee_is_another_record(sandbox: Running, connect: Connect) -> None:
    workday = connect()
    last = read(workday)[-1]
    assert sandbox.clock is not None
    sandbox.clock.advance(seconds=60)
    employee = sandbox.world.convert_to_employee("workday", OMAR_HADDAD.key)
    found = changed(sandbox, workday, last)
    assert found[employee.key]["worker_type"] == "employee" and found[employee.key]["employee_id"] == employee.employee_number
    assert found[OMAR_HADDAD.key]["worker_type"] == "contingent" and found[OMAR_HADDAD.key]["state"] == "terminated"
    assert found[OMAR_HADDAD.key]["contract"]["end_on"] is not None


def test_single_people_are_read_by_their_wid(connect: Connect) -> None:
    pages = read(connect(), Window(ids=(JANE_DOE.key, LENA_VOGT.key, "0" * 32)))
    found = by_id(pages)
    assert set(found) == {JANE_DOE.key, LENA_VOGT.key} and pages[-1].is_last and pages[-1].mark is None
    assert found[LENA_VOGT.key]["state"] == "pending" and found[LENA_VOGT.key]["jobs"]


def test_pages_do_not_drift_while_people_are_hired_in_between(sandbox: Running, connect: Connect) -> None:
    workday, before = connect(page_size=100), {worker.key for worker in sandbox.world.workers("workday", on=date.max)}
    assert sandbox.clock is not None
    sandbox.clock.advance(seconds=60)
    found: list[str] = []
    for number, page in enumerate(workday.fetch("workers", Window())):
        found += [record.external_id for record in page.records]
        sandbox.clock.advance(seconds=1)
        sandbox.world.hire("workday", "Nadia", f"Newcomer{number}")
    assert len(found) == len(set(found)) and set(found) == before


def test_a_read_goes_on_after_a_crash(connect: Connect) -> None:
    whole = [record.external_id for page in read(connect(page_size=100)) for record in page.records]
    first = next(connect(page_size=100).fetch("workers", Window()))
    rest = list(connect(page_size=100).fetch("workers", Window(), first.cursor))
    assert [record.external_id for page in [first, *rest] for record in page.records] == whole and rest[-1].is_last


# ── trouble ─────────────────────────────────────────────────────────────────────────────────────────


def stopped(workday: Workday) -> tuple[RollcallError, list[Page]]:
    pages: list[Page] = []
    with pytest.raises(RollcallError) as caught:
        pages.extend(workday.fetch("workers", Window()))
    return caught.value, pages


@pytest.mark.parametrize(
    ("switches", "kind"),
    [
        ({"truncate_last_page": True}, AnswerCutOff),
        ({"cut_off": 1}, AnswerCutOff),
        ({"rate_limited": 1}, RateLimited),
        ({"html_instead": 1}, UnexpectedAnswer),
        ({"rename_field": {"Worker_Status_Data": "Status_Of_Worker_Data"}}, PermissionMissing),
    ],
)
def test_trouble_is_told_by_name_and_never_ends_a_read(
    sandbox: Running, connect: Connect, switches: dict[str, Any], kind: type[RollcallError]
) -> None:
    sandbox.faults.set("workday", **switches)
    error, pages = stopped(connect())
    assert type(error) is kind and not any(page.is_last for page in pages)


def test_maintenance_is_an_outage(sandbox: Running, connect: Connect) -> None:
    sandbox.faults.set("workday", server_error=True)
    assert stopped(connect())[0].code == "unavailable"
    sandbox.faults.clear("workday")
    sandbox.faults.set("workday", down=True)
    assert stopped(connect())[0].retry


def test_a_date_that_does_not_exist_arrives_as_it_was_sent(sandbox: Running, connect: Connect) -> None:
    sandbox.faults.set("workday", bad_dates=True)
    found = by_id(read(connect()))
    assert "2026-02-31" in {payload["status"]["hire_on"] for payload in found.values()}


def test_a_wrong_password_is_tried_once(sandbox: Running, connect: Connect) -> None:
    error, _ = stopped(connect({"password": "wrong"}))
    assert isinstance(error, CredentialRejected) and not error.retry
    assert len(sandbox.requests("workday")) == 1


def test_a_version_that_is_not_served_is_refused_and_not_repeated(connect: Connect) -> None:
    error, _ = stopped(connect(version="v99.0"))
    assert isinstance(error, RequestRefused) and "v99.0" in error.detail


def test_a_wrong_tenant_is_not_found(connect: Connect) -> None:
    assert stopped(connect(tenant="somebody_else"))[0].code == "not_found"


@pytest.mark.parametrize("refused", ["401", "fault"])
def test_a_token_that_dies_in_the_middle_is_renewed_once(sandbox: Running, connect: Connect, refused: str) -> None:
    tenant(sandbox, refused_bearer=refused)
    workday = connect(OAUTH, auth="oauth", client_id="rollcall-sandbox-client", username="")
    first = next(reading := workday.fetch("workers", Window()))
    sandbox.emulators["workday"].reset()  # type: ignore[attr-defined]  # forgets every token
    rest = list(reading)
    assert not first.is_last and rest[-1].is_last


def test_a_dead_refresh_token_asks_it_to_reconnect(connect: Connect) -> None:
    workday = connect({**OAUTH, "refresh_token": "old"}, auth="oauth", client_id="rollcall-sandbox-client", username="")
    assert stopped(workday)[0].code == "credential_expired"


def test_the_connection_test_passes_and_names_what_is_hidden(sandbox: Running, connect: Connect) -> None:
    assert connect().check().ok
    tenant(sandbox, hidden_sections=("management_chain",))
    failed = [step for step in connect().check().steps if not step.ok]
    assert [english(step.name) for step in failed] == ["May read management chain"]


def test_hidden_sections_are_an_alarm_in_a_full_read(sandbox: Running, connect: Connect) -> None:
    tenant(sandbox, hidden_sections=("contact",))
    error, _ = stopped(connect())
    assert isinstance(error, PermissionMissing) and "Work Contact Information" in error.detail


def test_a_task_that_is_not_allowed_is_a_missing_permission(sandbox: Running, connect: Connect) -> None:
    tenant(sandbox, forbidden_tasks=("Get_Workers",))
    assert stopped(connect())[0].code == "permission_missing"


def test_a_tenant_that_shows_future_hires_to_everybody_tells_them_once(sandbox: Running, connect: Connect) -> None:
    tenant(sandbox, future_hires_in_full_read=True, zero_match_pages=1)
    found = by_id(read(connect()))
    assert found[LENA_VOGT.key]["state"] == "pending" and found[LENA_VOGT.key]["jobs"]


# ── reports ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("format_", ["json", "xml"])
def test_a_report_brings_everybody_with_the_columns_asked_for(sandbox: Running, connect: Connect, format_: str) -> None:
    pages = read(connect(report_format=format_, **REPORT))
    found = by_id(pages)
    assert set(found) == {worker.key for worker in sandbox.world.workers("workday", on=date.max)}
    assert found[JANE_DOE.key]["report"] == {
        "Employee_ID": "10001",
        "Legal_First_Name": "Jane",
        "Work_Email": JANE_DOE.email,
    }
    assert found[MARCO_ROSSI.key]["report"]["Matrix_Managers"]
    assert pages[-1].is_last and pages[-1].total == len(found) and pages[-1].mark is not None


def test_a_report_cut_off_is_never_complete(sandbox: Running, connect: Connect) -> None:
    sandbox.faults.set("workday", cut_off=True)
    error, pages = stopped(connect(**REPORT))
    assert isinstance(error, AnswerCutOff) and not any(page.is_last for page in pages)


def test_a_report_by_prompt_reads_one_person(connect: Connect) -> None:
    found = by_id(read(connect(report_prompt="Worker", **REPORT), Window(ids=(JANE_DOE.key,))))
    assert set(found) == {JANE_DOE.key}


def test_a_renamed_report_is_not_found(connect: Connect) -> None:
    assert stopped(connect(**{**REPORT, "report_name": "Old_Name"}))[0].code == "not_found"


def test_the_report_can_be_tested(connect: Connect) -> None:
    health = connect(**{**REPORT, "report_columns": ["Employee_ID", "Nickname"]}).check()
    assert [(english(step.name), step.ok) for step in health.steps][-2:] == [("Column Employee_ID", True), ("Column Nickname", False)]
