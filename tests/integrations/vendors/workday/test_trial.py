from __future__ import annotations

from config.errors import ConnectionFailed
from config.sentences import english
from integrations.wire.http import Response
from tests.integrations.vendors.workday.recorded import answer, connect, fault, recording, texts


def test_a_good_connection_passes_every_step_in_order() -> None:
    workday, line = connect("server_timestamp.xml", "workers__page_1_of_2.xml")
    health = workday.check()
    assert health.ok and [english(step.name) for step in health.steps] == [
        "Reach Workday and sign in",
        "Read a worker",
        "May read names",
        "May read employment status",
        "May read e-mail",
        "May read organisations",
        "May read management chain",
    ]
    assert health.facts == {
        "tenant": "acme",
        "version": "v44.2",
        "server time": "2026-05-19T23:00:00.123-07:00",
        "workers at work": "3",
    }
    asked = dict(texts(line.body(1)))
    assert (asked["Count"], asked["Exclude_Inactive_Workers"], asked["Include_Compensation"]) == ("10", "true", "false")


def test_a_wrong_password_stops_at_the_first_step() -> None:
    workday, line = connect(fault("sign_in"))
    health = workday.check()
    assert not health.ok and len(health.steps) == 1 and len(line.asked) == 1
    assert health.steps[0].error is not None and health.steps[0].error.code == "credential_rejected"


def test_a_missing_right_to_the_task_is_told_as_such() -> None:
    health = connect("server_timestamp.xml", fault("task_not_authorized"))[0].check()
    assert [step.ok for step in health.steps] == [True, False]
    assert health.steps[1].error is not None and health.steps[1].error.code == "permission_missing"


def test_a_section_without_its_domain_names_the_domain() -> None:
    silent = recording("workers__page_1_of_2.xml").replace(b"wd:Contact_Data", b"wd:Nothing")
    health = connect("server_timestamp.xml", Response(200, {}, silent))[0].check()
    failed = [step for step in health.steps if not step.ok]
    assert [english(step.name) for step in failed] == ["May read e-mail"]
    assert "Person Data: Work Contact Information" in failed[0].detail


def test_a_connection_that_fails_is_a_step_and_not_an_exception() -> None:
    workday, line = connect()

    def refuse(*_: object, **__: object) -> Response:
        raise ConnectionFailed("no route")

    line.request = refuse  # type: ignore[method-assign,assignment]
    health = workday.check()
    assert not health.ok and health.steps[0].error is not None and health.steps[0].error.code == "connection_failed"


REPORT = {"source": "raas", "report_owner": "o", "report_name": "Learners"}


def test_a_report_is_opened_and_its_columns_looked_for() -> None:
    opened = answer("report__workers.json", Date="Wed, 20 May 2026 06:00:00 GMT")
    health = connect(opened, report_columns=["First_Name", "Nickname"], **REPORT)[0].check()
    assert [(english(step.name), step.ok) for step in health.steps] == [
        ("Open the report", True),
        ("Column Workday_ID", True),
        ("Column First_Name", True),
        ("Column Nickname", False),
    ]
    assert health.facts["server time"] == "2026-05-20T06:00:00+00:00"


def test_a_report_that_is_not_there_is_told() -> None:
    health = connect(Response(404, {}, b"{}"), report_columns=["A"], **REPORT)[0].check()
    assert health.steps[0].error is not None and health.steps[0].error.code == "not_found"
