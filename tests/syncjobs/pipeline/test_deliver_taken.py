"""Somebody appears in the target between plan and write: always a question that names everybody it may be, never a guess."""

from __future__ import annotations

from typing import Any

import pytest

from config.errors import PlanStale, by_code
from config.sentences import english
from identity.cases.models import Case
from identity.matching.decisions import KeepSeparate, LinkRecord
from identity.people.models import Link, Person
from integrations.connectors.models import Connector
from integrations.outbound.decisions import RetryDeliveries
from integrations.outbound.models import Delivery
from syncjobs.ledger.verify import verify_ledger
from syncjobs.pipeline.deliver import deliver_due
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.stages import work_on
from syncjobs.pipeline.tick import tick
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Shelf, sync, worker
from tests.company import later

pytestmark = pytest.mark.usefixtures("installed")
ANN = "ann@meridian.example"


def there(number: str, **values: Any) -> None:
    Shelf.of("lms").accounts[number] = {"username": f"x{number}", "email": f"x{number}@x.example", "suspended": False, **values}


@pytest.fixture
def settled() -> None:
    """Enough people for the guard, all written."""
    for number in range(1, 31):
        Book.of("hr").write(str(number), **worker(number))
    sync()
    later(hours=1)


def meet(*numbers: int, **accounts: dict[str, Any]) -> SyncRun:
    """These people are hired; the accounts appear after the plan was made and before it is written."""
    for number in numbers:
        Book.of("hr").write(str(number), **worker(number, work_email=ANN if number == 101 else f"person{number}@meridian.example"))
    run = start_run(Connector.objects.get(key="hr"), Trigger.MANUAL, RunMode.DELTA)
    while run.stage != "deliver":
        assert work_on(run.pk)
        run.refresh_from_db()
    for number, values in accounts.items():
        there(number.removeprefix("a"), **values)
    return drive(run, patience_seconds=30)


def person(number: int) -> Person:
    return Person.objects.get(employee_number=f"{number:05d}")


def named(case: Case) -> list[int]:
    return sorted(case.candidates.values_list("person_id", flat=True))


def plan_due() -> None:
    while tick():
        run = drive(SyncRun.objects.latest("pk"), patience_seconds=30)
        assert run.phase == "succeeded", run.error_detail


def test_two_accounts_that_hold_the_values_are_two_questions_about_one_person(settled) -> None:
    run = meet(101, a901={"email": ANN}, a902={"username": ANN})
    assert run.phase == "partial"
    ann = person(101)
    cases = list(Case.objects.filter(kind="already_there", state="open").order_by("record__external_id"))
    assert [(case.record.external_id, named(case)) for case in cases] == [("901", [ann.pk]), ("902", [ann.pk])]
    assert "taken" in english(cases[0].candidates.get().evidence[0][1])

    LinkRecord(None, cases[1], ann).execute("she says so")
    assert Case.objects.get(pk=cases[0].pk).state == "closed", "the other account cannot be hers as well"
    plan_due()
    assert Link.objects.filter(person=ann, record__connector__key="lms", until=None).get().record.external_id == "902"
    assert not Delivery.objects.filter(subject_id=ann.pk, state="dead").exists() and verify_ledger() == []


def test_an_account_that_two_people_may_be_is_one_question_that_names_both(settled) -> None:
    both = {"username": ANN, "email": "person102@meridian.example"}
    meet(101, 102, a901=both)
    case = Case.objects.get(kind="already_there", state="open")
    assert named(case) == sorted([person(101).pk, person(102).pk]) and english(case.question) == "Whose account is this?"
    LinkRecord(None, case, person(101)).execute("it is Ann's")
    Shelf.of("lms").accounts["901"].update(email=ANN)  # as the next plan will write it
    plan_due()
    made = Link.objects.filter(record__connector__key="lms", until=None, person__in=[person(101), person(102)])
    assert dict(made.values_list("person__employee_number", "record__external_id"))["00101"] == "901"
    assert made.count() == 2 and verify_ledger() == [], "the other one was planned again and has an account of their own"


def test_somebody_who_comes_later_is_named_by_the_question_that_is_open(settled) -> None:
    both = {"username": ANN, "email": "person102@meridian.example"}
    meet(101, a901=both)
    assert english(Case.objects.get(state="open").question) == f"Does this account in LMS belong to {person(101).public_id}?"
    later(hours=1)
    Book.of("hr").write("102", **worker(102))
    sync(mode=RunMode.DELTA)
    case = Case.objects.get(kind="already_there", state="open")
    assert named(case) == sorted([person(101).pk, person(102).pk]) and english(case.question) == "Whose account is this?"


@pytest.mark.parametrize("known_as", ["another person's", "nobody's here"])
def test_where_no_answer_would_help_the_refusal_says_whose_it_is_and_who_mends_it(settled, known_as: str) -> None:
    if known_as == "another person's":
        owner, number = person(7), Link.objects.get(person=person(7), record__connector__key="lms").record.external_id
        Shelf.of("lms").accounts[number]["username"] = ANN
        meet(101)
    else:
        number = "901"
        meet(101, a901={"email": ANN})
        KeepSeparate(None, Case.objects.get(state="open")).execute("a trainer")
        RetryDeliveries(None).execute()
        deliver_due()
    dead = Delivery.objects.get(state="dead")
    assert dead.error_code == "value_taken" and by_code(dead.error_code).owner.value == "source"
    said = owner.public_id if known_as == "another person's" else "decided to be somebody else"
    assert f"account {number}: {said}" in english(dead.error_detail)
    assert not Case.objects.filter(state="open").exists()


def test_the_same_refusal_told_twice_asks_once(settled) -> None:
    meet(101, a901={"email": ANN})
    RetryDeliveries(None).execute()
    deliver_due()
    assert Case.objects.count() == 1 and Case.objects.get().candidates.count() == 1


def test_a_second_account_is_not_joined_to_somebody_who_has_one(settled) -> None:
    meet(101, a901={"email": ANN})
    case = Case.objects.get(state="open")
    with pytest.raises(PlanStale):
        LinkRecord(None, case, person(3)).execute("by mistake")
    assert Case.objects.get().state == "open"
