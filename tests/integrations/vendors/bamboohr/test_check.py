from __future__ import annotations

from config.errors import CredentialRejected
from config.sentences import english
from integrations.wire.http import Response
from tests.integrations.vendors.bamboohr.other_side import Bamboo, Dataset, connect, person
from tests.integrations.vendors.scripted_line import DATE, said


def test_a_good_connection_passes_in_named_steps() -> None:
    bamboo = Bamboo(person(501, supervisorEId="502"), person(502))
    bamboo.reports_to = {"501": "502"}
    health = connect(bamboo, read_status_table=True)[0].check()
    assert [(english(step.name), step.ok) for step in health.steps] == [
        ("Sign-in", True),
        ("List of employees", True),
        ("Fields of the report", True),
        ("Feed of changes", True),
        ("Table employmentStatus", True),
    ]
    assert health.facts["people"] == "2" and "1 compared" in health.facts["managers"]


def test_a_wrong_key_fails_the_first_step_and_ends_the_test() -> None:
    health = connect(lambda asked: Response(401, DATE))[0].check()
    assert [(english(step.name), step.ok) for step in health.steps] == [("Sign-in", False)]
    assert isinstance(health.steps[0].error, CredentialRejected)


def test_a_manager_field_that_holds_something_else_is_found_out() -> None:
    bamboo = Bamboo(person(501, supervisorEId="E-77"), person(502))
    bamboo.reports_to = {"501": "502"}
    failed = [step for step in connect(bamboo)[0].check().steps if not step.ok]
    assert [(step.name, step.error.field) for step in failed if step.error] == [("Fields of the report", "manager_field")]


def test_fields_that_do_not_answer_are_named() -> None:
    bamboo = Bamboo(person(501))
    bamboo.hidden = {"division", "homeEmail"}
    step = next(step for step in connect(bamboo)[0].check().steps if step.name == "Fields of the report")
    assert step.ok and "homeEmail" in step.detail and "division" in step.detail


def test_names_that_the_dataset_does_not_offer_are_named() -> None:
    bamboo = Dataset(person(501))
    offered = {"fields": [{"name": name} for name in ("eeid", "status", "hireDate")]}
    bamboo.other = lambda asked: said(offered) if asked.path == "/api/v1_2/datasets/employee/fields" else None
    step = next(step for step in connect(bamboo, reader="dataset")[0].check().steps if step.name == "Fields of the report")
    assert not step.ok and "jobTitle (jobInformationJobTitle)" in step.detail and "status" not in step.detail
