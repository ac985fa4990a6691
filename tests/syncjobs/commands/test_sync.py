"""manage.py sync: what it does, and the number a script gets."""

from __future__ import annotations

import pytest

from config.errors import CredentialRejected, TargetRefused
from identity.people.models import Person
from integrations.connectors.models import Connector
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.runs.models import SyncRun
from tests.answers import answer, run_command
from tests.builders import Book, Shelf, page, pages, sync, worker
from tests.company import later

pytestmark = pytest.mark.usefixtures("installed")


def book(count: int = 20) -> Book:
    found = Book.of("hr")
    for number in range(1, count + 1):
        found.write(str(number), **worker(number))
    return found


def test_the_first_plan_waits_and_is_number_three_afterwards_all_is_well_and_zero() -> None:
    book()
    code, said = answer("sync", "hr", "--full")
    assert code == 3 and said["data"]["phase"] == "awaiting approval" and said["data"]["plan"]["lms"] == {"create": 20}
    assert said["errors"] == said["data"]["holds"] == ["The first plan for LMS waits for your approval: 20 people."]
    ApprovePlan(None, SyncRun.objects.get(pk=said["data"]["run"])).execute("looked at")
    code, said = answer("sync", "hr", "--full")  # no worker is needed: the approved run is brought to its end first
    assert code == 0 and said["data"]["phase"] == "succeeded" and said["data"]["counts"]["same"] == 20
    assert len(Shelf.of("lms").accounts) == 20


def test_what_the_guard_holds_is_three() -> None:
    hr = book()
    sync()
    for number in range(1, 9):
        hr.write(str(number), status="terminated", termination_on="2026-06-01")
    code, said = answer("sync", "hr")
    assert code == 3 and said["data"]["phase"] == "held" and "8 people would be deactivated" in said["errors"][0]


def test_records_set_aside_are_four_and_counted() -> None:
    hr = book()
    sync()
    later(hours=1)
    hr.write("1", hire_on="2026-02-31")
    assert answer("sync", "hr") == (4, {"ok": False, "data": _data("partial"), "errors": ["1 records were set aside"]})


def _data(phase: str) -> dict[str, object]:
    run = SyncRun.objects.latest("pk")
    assert run.phase == phase
    return {"run": run.pk, "phase": phase, "counts": run.counts, "plan": run.plan.counts, "holds": [], "error_code": ""}


def test_writes_that_did_not_arrive_are_four_as_well() -> None:
    hr = book()
    sync()
    later(hours=1)
    hr.write("21", **worker(21))
    Shelf.of("lms").trouble = [TargetRefused("the name is too long")]
    code, said = answer("sync", "hr")
    assert code == 4 and said["errors"] == ["1 writes did not arrive"] and said["data"]["counts"]["dead"] == 1


def test_a_source_that_refuses_us_is_five_with_what_to_do() -> None:
    hr = book()
    hr.script = [pages(CredentialRejected("401"))]
    code, said = answer("sync", "hr")
    assert code == 5 and said["data"]["error_code"] == "credential_rejected"
    assert "refused our key, token or password" in said["errors"][0] and "replace the secret" in said["errors"][0]


def test_a_dry_run_is_zero_shows_the_plan_and_writes_nothing() -> None:
    book()
    code, said = answer("sync", "hr", "--full", "--dry-run")
    assert code == 0 and said["data"]["plan"]["lms"] == {"create": 20} and len(said["data"]["holds"]) == 1
    assert not Person.objects.exists() and not Shelf.of("lms").accounts


def test_a_delta_asks_for_what_changed_and_full_for_everything() -> None:
    hr = book()
    sync()
    later(hours=1)
    for words, is_full in ((("sync", "hr"), False), (("sync", "hr", "--full"), True)):
        assert answer(*words)[0] == 0
        assert hr.asked[-1][0].is_full is is_full


def test_one_person_is_planned_alone() -> None:
    book()
    sync()
    person = Person.objects.get(employee_number="00007")
    code, said = answer("sync", "hr", "--person", person.public_id)
    run = SyncRun.objects.get(pk=said["data"]["run"])
    assert code == 0 and run.mode == "people" and run.scope["people"] == [person.pk] and run.counts["chosen"] == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nowhere",), "there is no connector “nowhere”; sources are: hr"),
        (("lms",), "“lms” receives accounts"),
        (("hr", "--person", "P-999999"), "does not speak of “P-999999”"),
        (("hr", "--person", "Jane"), "does not speak of “Jane”"),
    ],
)
def test_what_cannot_be_run_is_two_and_starts_nothing(words: tuple[str, ...], told: str) -> None:
    book()
    code, said = answer("sync", *words)
    assert code == 2 and told in said["errors"][0] and not SyncRun.objects.exists()


def test_a_paused_source_is_two_instead_of_waiting_for_ever() -> None:
    book()
    Connector.objects.filter(key="hr").update(state="paused")
    code, said = answer("sync", "hr")
    assert code == 2 and "resume it first" in said["errors"][0] and not SyncRun.objects.exists()


def test_people_get_sentences() -> None:
    book()
    sync()
    code, said = run_command("sync", "hr", "--full")
    assert code == 0 and said.startswith("run ") and ": succeeded" in said


def test_a_read_that_was_cut_off_is_three() -> None:
    hr = book()
    sync()
    hr.script = [pages(page([("1", worker(1))], total=20))]
    code, said = answer("sync", "hr", "--full")
    assert code == 3 and "is not complete" in said["errors"][0]
