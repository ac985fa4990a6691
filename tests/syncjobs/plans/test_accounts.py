"""Who gets an account and what it holds, when the rules say less than everything: pilot groups, pauses, strengths, empty values."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from config.roles.masking import Sight
from identity.people.models import Person
from integrations.connectors.decisions import PauseConnector, ResumeConnector
from integrations.connectors.models import Connector
from integrations.mapping.models import FieldMapping
from integrations.outbound.models import Delivery
from syncjobs.explain.account import paragraph
from syncjobs.pages.person import situation, view_of
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.stages import work_on
from syncjobs.plans.models import PlannedChange
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Shelf, sync, worker
from tests.company import later

pytestmark = pytest.mark.usefixtures("installed")

PEOPLE = {
    "1": {"department": "Research", "location": "Berlin"},
    "2": {"department": "Sales", "location": "Tokyo"},
    "3": {"department": "Sales", "location": "Berlin"},
}


def fill() -> Book:
    book = Book.of("hr")
    for key, values in PEOPLE.items():
        book.write(key, **worker(int(key), **values))
    return book


def rule(key: str, **columns: Any) -> None:
    """Somebody decides anew, a moment later."""
    later(minutes=1)
    connector = Connector.objects.get(key=key)
    for name, value in columns.items():
        setattr(connector, name, value)
    connector.save()
    later(minutes=1)


def have_accounts() -> set[str]:
    """Numbers of the people who have one."""
    there = {account["email"] for account in Shelf.of("lms").accounts.values()}
    return {str(number) for number in (1, 2, 3) if f"person{number}@meridian.example" in there}


def row(target: str, **changes: Any) -> None:
    """A row of the mapping to the target, as published."""
    assert FieldMapping.objects.filter(mapping__connector__key="lms", target=target).update(**changes) == 1


@pytest.mark.parametrize("key", ["lms", "hr"])
@pytest.mark.parametrize(
    ("pilot", "inside"),
    [
        ({"units": ["Sales"]}, {"2", "3"}),
        ({"locations": ["Berlin"]}, {"1", "3"}),
        ({"people": ["00002"]}, {"2"}),
        ({"people": ["00001"], "locations": ["Tokyo"]}, {"1", "2"}),
        ({}, {"1", "2", "3"}),
    ],
)
def test_only_the_pilot_group_gets_accounts_by_unit_location_or_list(key: str, pilot: dict[str, list[str]], inside: set[str]) -> None:
    fill()
    rule(key, pilot=pilot)
    run = sync()
    assert have_accounts() == inside
    assert run.counts.get("out_of_pilot", 0) == 3 - len(inside)
    assert Person.objects.count() == 3, "everybody is known; only accounts are for the pilot group"


def test_somebody_is_in_the_pilot_group_by_our_own_number_too() -> None:
    fill()
    rule("lms", pilot={"people": ["00002"]})
    sync()
    rule("lms", pilot={"people": [Person.objects.get(employee_number="00003").public_id]})
    sync()
    assert have_accounts() == {"2", "3"}


def test_a_wider_pilot_group_reaches_people_whose_records_did_not_change() -> None:
    fill()
    rule("lms", pilot={"units": ["Research"]})
    sync()
    assert have_accounts() == {"1"}
    sync()
    assert have_accounts() == {"1"}
    rule("lms", pilot={"units": ["Research", "Sales"]})
    sync()
    assert have_accounts() == {"1", "2", "3"}


def test_whoever_falls_out_of_the_pilot_group_keeps_the_account_and_is_left_alone() -> None:
    book = fill()
    sync()
    rule("lms", pilot={"people": ["00001"]})
    before = Delivery.objects.count()
    book.write("2", department="Service")
    sync()
    assert Delivery.objects.count() == before and have_accounts() == {"1", "2", "3"}


@pytest.mark.parametrize("is_at_once", [True, False])
def test_whoever_leaves_outside_the_pilot_group_loses_the_account_all_the_same(is_at_once: bool) -> None:
    book = fill()
    sync()
    rule("lms", pilot={"units": ["Research"]})
    accounts = Shelf.of("lms").accounts
    book.write("1", department="Elsewhere")
    if not is_at_once:
        sync()
    book.write("1", status="terminated", termination_on="2026-06-01", last_day_on="2026-06-01")
    sync()
    assert [one["suspended"] for one in accounts.values() if one["idnumber"] == "P-000001"] == [True]
    assert sum(one["suspended"] for one in accounts.values()) == 1


def test_whoever_is_inactive_without_a_last_day_is_suspended_and_opened_again_by_the_word_or_the_rule() -> None:
    book = fill()
    sync()

    def is_suspended() -> bool:
        return next(one["suspended"] for one in Shelf.of("lms").accounts.values() if one["idnumber"] == "P-000001")

    book.write("1", status="inactive")
    sync()
    change = PlannedChange.objects.latest("pk")
    assert is_suspended() and (change.kind, change.reason) == ("deactivate", "inactive in the source, without a last day")
    book.write("1", status="active")
    sync()
    assert not is_suspended()
    book.write("1", status="inactive")
    sync()
    rule("hr", policy={"inactive": "active"})
    sync()
    assert not is_suspended(), "the rule holds for everybody from the next run on"


def test_nobody_outside_the_pilot_group_gets_an_account_by_leaving() -> None:
    book = fill()
    rule("lms", pilot={"people": ["00003"]})
    sync()
    book.write("1", status="terminated", termination_on="2026-06-01", last_day_on="2026-06-01")
    sync()
    assert have_accounts() == {"3"}


def test_the_person_page_says_that_the_pilot_group_is_the_reason() -> None:
    fill()
    rule("lms", pilot={"units": ["Sales"]})
    sync()
    person = Person.objects.get(employee_number="00001")
    with translation.override("en"):
        told = paragraph(situation(view_of(person, Sight(is_full=True))))
    assert "Given1 Family1 has no account in LMS: not in the pilot group of LMS." in told


def test_what_changed_while_a_target_was_paused_is_there_after_it_goes_on() -> None:
    book = fill()
    sync()
    later(minutes=1)
    PauseConnector(None, Connector.objects.get(key="lms")).execute("maintenance")
    book.write("2", department="Service")
    book.write("1", status="terminated", termination_on="2026-06-01", last_day_on="2026-06-01")
    sync()
    later(minutes=1)
    ResumeConnector(None, Connector.objects.get(key="lms")).execute("")
    later(minutes=1)
    sync()
    held = {account["email"]: account for account in Shelf.of("lms").accounts.values()}
    assert held["person2@meridian.example"]["department"] == "Service"
    assert held["person1@meridian.example"]["suspended"]


def test_a_rule_that_changed_holds_for_everybody_and_is_worked_out_once() -> None:
    book = fill()
    book.write("3", status="leave", on_leave=True)
    sync()
    assert not any(account["suspended"] for account in Shelf.of("lms").accounts.values())
    rule("lms", policy={"on_leave": "suspended"})
    run = sync()
    assert [account["email"] for account in Shelf.of("lms").accounts.values() if account["suspended"]] == ["person3@meridian.example"]
    assert run.counts["chosen"] == 3
    assert sync().counts.get("chosen", 0) == 0, "the night after is quiet again"


def test_a_value_the_source_emptied_is_emptied_in_the_target_where_its_row_says_so() -> None:
    FieldMapping.objects.filter(mapping__connector__key="hr", target="department").update(null_policy="clear")
    row("department", null_policy="clear")
    book = fill()
    sync()
    book.write("2", department="")
    sync()
    held = {account["email"]: account for account in Shelf.of("lms").accounts.values()}
    assert held["person2@meridian.example"]["department"] is None
    assert held["person3@meridian.example"]["department"] == "Sales"
    before = Delivery.objects.count()
    sync()
    assert Delivery.objects.count() == before, "empty and absent are the same"


def test_a_row_to_a_target_keeps_to_its_strength() -> None:
    row("department", strength="fill_if_empty")
    row("firstname", strength="suggest")
    book = fill()
    sync()
    book.write("2", department="Service", given_name="Grace", family_name="Hopper")
    sync()
    held = {account["email"]: account for account in Shelf.of("lms").accounts.values()}["person2@meridian.example"]
    assert held["department"] == "Sales", "filled once, then left alone"
    assert "firstname" not in held, "a suggestion is never written by itself"
    assert held["lastname"] == "Hopper"


@pytest.mark.parametrize("stage", ["fetch", "plan", "apply"])
def test_a_run_whose_source_is_paused_stops_where_it_is_and_goes_on_from_there(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    sync()
    Book.of("hr").write("2", department="Service")
    run = start_run(Connector.objects.get(key="hr"), Trigger.MANUAL, RunMode.FULL)
    with monkeypatch.context() as patch:
        patch.setattr("syncjobs.runs.slice.SLICE_SECONDS", -1.0)
        while run.stage != stage:
            assert work_on(run.pk)
            run.refresh_from_db()
    PauseConnector(None, run.connector).execute("a bad extract")
    assert not work_on(run.pk), "nobody takes it"
    run.refresh_from_db()
    assert run.phase in ("queued", "planning") and (run.stage, run.error_code, run.lease_token) == (stage, "", "")
    assert Person.objects.get(employee_number="00002").department == "Sales"
    ResumeConnector(None, Connector.objects.get(key="hr")).execute("")
    run = drive(run, patience_seconds=30)
    assert run.phase == "succeeded" and Person.objects.get(employee_number="00002").department == "Service"
    assert SyncRun.objects.count() == 2
