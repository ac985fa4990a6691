"""What support gets to see: everything that helps, no secret, nobody's data. The walk over all pages looks for personal data as well."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from config import clock
from integrations.connectors.models import ConnectorIssue, Credential, RequestLog
from syncjobs.explain.diagnosis import diagnosis, without_ids
from syncjobs.runs.models import RecordOutcome
from tests.cost import cost
from tests.rows import a_connector, staff
from tests.syncjobs.pages.run_rows import a_run

pytestmark = pytest.mark.django_db
SETTINGS = {"tenant": "meridian", "base_url": "https://isu_jane:pw@hr.example/ccx", "username": "isu_jane", "unknown_to_the_form": "x"}


@pytest.fixture
def workday():
    made = a_connector(
        "workday", settings=SETTINGS, pilot={"people": ["P-000001", "P-000002"]}, breaker_until=clock.now() + timedelta(minutes=2)
    )
    Credential.objects.create(connector=made, name="password", value="hunter2-hunter2", set_at=clock.now())
    ConnectorIssue.objects.create(
        connector=made,
        code="request_refused",
        detail="“jane@meridian.example” was refused",
        count=4,
        first_at=clock.now(),
        last_at=clock.now(),
    )
    url = "https://hr.example/ccx/service/isu_jane/v45.2/workers/21001?format=json&e-mail=jane@meridian.example"
    RequestLog.objects.create(connector=made, at=clock.now(), method="GET", url=url, status=500, ms=12, error_code="unavailable")
    run = a_run(
        made,
        phase="failed",
        error_code="unavailable",
        error_detail="Jane Doe said so",
        counts={"heard": 7, "dropped": {"workers": ["Pay"]}},
    )
    for _ in range(3):
        RecordOutcome.objects.create(run=run, outcome="parked", code="value_invalid", field="work_email", detail="jane@meridian.example")
    return made


def test_it_says_what_helps(workday):
    said = diagnosis(workday)
    assert {"Rollcall", "Python", "Django", "Celery"} <= set(said["installation"]) and said["checks"]["database"] == "ok"
    assert said["connector"]["settings"]["tenant"] == "meridian" and said["connector"]["settings_version"] == 1
    assert said["connector"]["rests_until"] and said["connector"]["pilot"] == {"people": 2}
    assert [(one["code"], one["count"]) for one in said["issues"]] == [("request_refused", 4)]
    (run,) = said["runs"]
    assert (run["phase"], run["error"], run["counts"]) == ("failed", "unavailable", {"heard": 7})
    assert run["set_aside"] == [{"code": "value_invalid", "field": "work_email", "n": 3}]
    (request,) = said["requests"]
    assert (request["method"], request["status"], request["error"]) == ("GET", 500, "unavailable")
    assert request["url"] == "https://hr.example/ccx/service/•••/v45.2/workers/•••?format&e-mail"
    assert [one["name"] for one in said["secrets"]] == ["password"]


def test_nothing_in_it_is_a_secret_or_names_anybody(workday):
    text = json.dumps(diagnosis(workday), ensure_ascii=False)
    for hidden in ("hunter2", "jane", "Jane", "meridian.example", "21001", "P-000001", ":pw@", "unknown_to_the_form"):
        assert hidden not in text, hidden


def test_whose_report_it_is_stands_in_no_address(workday):
    url = "https://hr.example/ccx/service/customreport2/meridian/jmueller/Roster"
    workday.settings = {"tenant": "meridian", "source_kind": "report", "report_url": url}
    workday.save()
    RequestLog.objects.create(connector=workday, at=clock.now(), method="GET", url=f"{url}?format=json", status=200, ms=12)
    said = diagnosis(workday)
    assert said["connector"]["settings"]["report_url"].endswith("/customreport2/meridian/•••/Roster")
    assert "jmueller" not in json.dumps(said, ensure_ascii=False)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hr.example/api/v1/employees/4711/tables?x=1&x=2", "https://hr.example/api/v1/employees/•••/tables?x"),
        ("https://hr.example/people/jane@hr.example", "https://hr.example/people/•••"),
        ("sftp://files.example/out/people.csv", "sftp://files.example/out/people.csv"),
        ("https://learn.example/webservice/rest/server.php", "https://learn.example/webservice/rest/server.php"),
    ],
)
def test_an_address_tells_where_and_not_about_whom(url, shown):
    assert without_ids(url) == shown


def test_it_is_read_copied_or_downloaded_by_those_who_may_test_a_connection(client, workday):
    page = f"/admin/connectors/{workday.pk}/diagnosis/"
    client.force_login(staff("Integration engineer"))
    body = client.get(page).content.decode()
    assert "data-copy" in body and "&quot;rollcall_diagnosis&quot;: 1" in body
    answer = client.get(page.rstrip("/") + ".json")
    assert answer["Content-Disposition"] == 'attachment; filename="rollcall-diagnosis-workday.json"'
    assert json.loads(answer.content)["connector"]["key"] == "workday"
    assert page in client.get(f"/admin/connectors/{workday.pk}/").content.decode()
    client.force_login(staff("Auditor"))
    assert client.get(page).status_code == 403


def test_it_costs_the_same_however_much_there_is(client, workday):
    client.force_login(staff("Integration engineer"))
    page = f"/admin/connectors/{workday.pk}/diagnosis/"
    few = cost(client, page)
    for _ in range(30):
        a_run(workday)
    assert cost(client, page) == few
