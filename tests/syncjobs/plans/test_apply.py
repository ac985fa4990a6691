"""What becomes of a plan when the world moved on between planning and writing."""

from __future__ import annotations

from typing import Any

import pytest

from config import clock
from config.audit.cause import because
from config.notices.models import Notice
from identity.cases.models import Case
from identity.matching.decisions import KeepSeparate
from identity.people.models import Person, Replan
from integrations.connectors.models import Connector
from integrations.mapping.models import FieldMapping, ValueMap
from integrations.mapping.value_map_rows import RowValues, set_row
from integrations.outbound.models import Delivery, DeliveryState
from integrations.records.models import SourceRecord
from integrations.vendors.base import Page, Record, Window
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.guards.models import Hold
from syncjobs.ledger.verify import verify_ledger
from syncjobs.pipeline import stages
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.stages import work_on
from syncjobs.plans.models import ChangeState, PlannedChange
from syncjobs.runs.decisions import CancelRun
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Roster, Shelf, sync, worker
from tests.company import later


def fill(key: str, *numbers: int, **values: Any) -> Book:
    book = Book.of(key)
    for number in numbers:
        book.write(str(number), **worker(number, **values))
    return book


def until_stage(run: SyncRun, stage: str, monkeypatch: pytest.MonkeyPatch) -> SyncRun:
    """Stage by stage, and stop before `stage`."""
    with monkeypatch.context() as patch:
        patch.setattr("syncjobs.runs.slice.SLICE_SECONDS", -1.0)
        for _ in range(40):
            if run.stage == stage:
                return run
            work_on(run.pk)
            run.refresh_from_db()
    raise AssertionError(f"{stage} never came; {run.stage} {run.phase}")


def begin(key: str, mode: RunMode = RunMode.FULL) -> SyncRun:
    return start_run(Connector.objects.get(key=key), Trigger.MANUAL, mode)


def test_two_sources_that_meet_the_same_new_human_at_once_make_one_person(two_sources: None, monkeypatch: pytest.MonkeyPatch) -> None:
    fill("hr", 1, 2)
    sync()
    fill("hr", 3)
    fill("it", 3)
    first, second = begin("hr"), begin("it")
    until_stage(first, "apply", monkeypatch)
    until_stage(second, "apply", monkeypatch)
    assert drive(first, patience_seconds=20).phase == "succeeded"
    assert drive(second, patience_seconds=20).phase == "succeeded"
    assert PlannedChange.objects.filter(plan__run=second, state=ChangeState.STALE).exists()
    assert Person.objects.filter(employee_number="00003").count() == 1
    assert sync("it").phase == "succeeded"
    both = Person.objects.get(employee_number="00003")
    assert set(both.links.values_list("record__connector__key", flat=True)) == {"hr", "it", "lms"}
    assert len(Shelf.of("lms").accounts) == 3 and verify_ledger() == []


def test_two_sources_that_meet_one_e_mail_at_once_ask_as_they_would_one_after_the_other(
    two_sources: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill("hr", 1)
    sync()
    fill("hr", 3, work_email="shared@meridian.example")
    fill("it", 4, work_email="shared@meridian.example")
    first, second = begin("hr"), begin("it")
    until_stage(first, "apply", monkeypatch)
    until_stage(second, "apply", monkeypatch)
    drive(first, patience_seconds=20)
    drive(second, patience_seconds=20)
    sync("it")
    assert Case.objects.get().record.connector.key == "it"
    assert not Person.objects.filter(employee_number="00004").exists()


def test_a_manager_who_turns_out_to_be_somebody_else_leaves_the_line_open_until_the_next_run(
    two_sources: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill("hr", 1)
    sync()
    fill("hr", 3)
    fill("it", 3, 5)
    Book.of("it").write("5", manager_lines=[{"type": "supervisory", "manager": "3", "unit": ""}])
    first, second = begin("hr"), begin("it")
    until_stage(first, "apply", monkeypatch)
    until_stage(second, "apply", monkeypatch)
    drive(first, patience_seconds=20)
    run = drive(second, patience_seconds=20)
    assert run.phase == "succeeded", run.error_detail
    five = Person.objects.get(employee_number="00005")
    assert five.manager is None and five.lines.get().manager is None
    sync("it")
    five.refresh_from_db()
    assert five.manager == Person.objects.get(employee_number="00003")


def test_a_number_used_again_by_somebody_else_becomes_a_person_once_it_is_said(two_sources: None) -> None:
    fill("hr", 1)
    sync()
    Book.of("it").write("9", **worker(1, given_name="Ulla", family_name="Other", work_email="ulla@meridian.example"))
    sync("it")
    case = Case.objects.get(kind="number_reused")
    KeepSeparate(None, case).execute("the number was given out twice")
    sync("it")
    assert sorted(Person.objects.filter(employee_number="00001").values_list("display_name", flat=True)) == ["Given1 Family1", "Ulla Other"]
    assert not SourceRecord.objects.filter(connector__key="it", pending=True).exists()


def test_applying_a_plan_a_second_time_changes_nothing(installed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    fill("hr", *range(1, 6))
    run = sync()
    stood = list(Person.objects.order_by("pk").values_list("pk", "version")), Delivery.objects.count()
    SyncRun.objects.filter(pk=run.pk).update(phase="applying", stage="apply", finished_at=None)
    run.refresh_from_db()
    assert drive(run, patience_seconds=20).phase == "succeeded"
    assert (list(Person.objects.order_by("pk").values_list("pk", "version")), Delivery.objects.count()) == stood


def test_somebody_who_was_not_approved_is_planned_again_although_their_record_did_not_change(installed: None) -> None:
    """Planned because the target was new to them, not because of their record: the refusal must not lose them."""
    fill("hr", 1, 2)
    run = sync(approve=False)
    ApprovePlan(None, run, []).execute("the accounts come later")
    run.refresh_from_db()
    drive(run, patience_seconds=20)
    assert Person.objects.count() == 2 and Shelf.of("lms").accounts == {}
    again = sync()
    assert again.phase == "succeeded" and len(Shelf.of("lms").accounts) == 2


def test_a_run_that_is_cancelled_while_a_worker_has_it_stops_before_its_next_write(
    installed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill("hr", 1, 2)
    sync()
    fill("hr", 3)
    run = until_stage(begin("hr"), "plan", monkeypatch)

    def cancelled_meanwhile(*args: Any) -> bool:
        CancelRun(None, run).execute("the wrong source")
        return real(*args)

    real = dict(stages.STAGES)["plan"]
    monkeypatch.setattr(stages, "STAGES", tuple((name, cancelled_meanwhile if name == "plan" else stage) for name, stage in stages.STAGES))
    work_on(run.pk)
    run.refresh_from_db()
    assert run.phase == "cancelled" and run.finished_at and not run.lease_token
    assert not Person.objects.filter(employee_number="00003").exists()


def test_cancelling_between_writing_down_and_sending_takes_back_what_waits_and_plans_these_people_again(
    installed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill("hr", 1, 2)
    sync()
    fill("hr", 3)
    run = until_stage(begin("hr"), "deliver", monkeypatch)
    CancelRun(None, run).execute("not today")
    later(seconds=5)
    run.refresh_from_db()
    assert run.phase == "cancelled" and {row.state for row in Delivery.objects.filter(cause=run.cause)} == {DeliveryState.CANCELLED}
    assert len(Shelf.of("lms").accounts) == 2
    sync()
    assert len(Shelf.of("lms").accounts) == 3


def test_cancelling_a_run_that_waits_closes_its_question(installed: None) -> None:
    fill("hr", 1, 2)
    run = sync(approve=False)
    CancelRun(None, run).execute("the wrong file")
    assert not Hold.objects.filter(state="open").exists()
    assert not Notice.objects.filter(key="run.held:hr", closed_at=None).exists()


# ── what somebody decides while a plan is being made, or waits ──────────────────────────────────────


def departments_are_codes(*, keep_unknown: bool = True) -> None:
    rows = FieldMapping.objects.filter(mapping__connector__key="hr", target="department")
    rows.update(transforms=["lookup:departments"])
    ValueMap.objects.create(key="departments", name="Departments", keep_unknown=keep_unknown)


def department(number: int) -> str:
    return Person.objects.get(employee_number=f"{number:05d}").department


@pytest.mark.parametrize("keep_unknown", [True, False])
def test_a_code_that_is_named_while_the_plan_waits_is_not_forgotten_by_its_approval(installed: None, keep_unknown: bool) -> None:
    departments_are_codes(keep_unknown=keep_unknown)
    fill("hr", 1, 2, department="D-7")
    run = sync(approve=False)
    assert run.phase == "awaiting approval"
    later(minutes=5)
    cause = because("setting", "a name")
    set_row(ValueMap.objects.get(key="departments"), RowValues("D-7", "Research"), cause, cause.at)
    later(minutes=5)
    ApprovePlan(None, run).execute("looked at")
    drive(run, patience_seconds=30)
    assert department(1) == ("D-7" if keep_unknown else ""), "as it was approved"
    later(hours=1)
    sync(mode=RunMode.DELTA)
    assert department(1) == department(2) == "Research"
    assert not SourceRecord.objects.filter(connector__key="hr", pending=True).exists()


def test_a_name_that_changes_while_the_plan_is_made_is_not_forgotten_by_it(installed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    departments_are_codes()
    cause = because("setting", "a name")
    set_row(ValueMap.objects.get(key="departments"), RowValues("D-7", "Research"), cause, cause.at)
    fill("hr", 1, 2, department="D-7")
    run = until_stage(begin("hr"), "guard", monkeypatch)
    later(minutes=5)
    set_row(ValueMap.objects.get(key="departments"), RowValues("D-7", "Discovery"), cause, clock.now())
    run = drive(run, patience_seconds=30)
    ApprovePlan(None, run).execute("looked at")
    drive(run, patience_seconds=30)
    later(hours=1)
    sync(mode=RunMode.DELTA)
    assert department(1) == department(2) == "Discovery"


def test_somebody_asked_to_be_planned_again_while_the_plan_is_made_is(installed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    fill("hr", 1, 2)
    sync()
    later(hours=1)
    fill("hr", 1, 2, job_title="Lead")
    run = until_stage(begin("hr", RunMode.DELTA), "plan", monkeypatch)
    later(seconds=5)
    until_stage(run, "guard", monkeypatch)
    person = Person.objects.get(employee_number="00001")
    Replan.objects.create(person=person, because="a record was joined", at=clock.now())
    later(seconds=5)
    assert drive(run, patience_seconds=30).phase == "succeeded"
    assert Replan.objects.filter(person=person).exists(), "the plan had been made before"


def test_what_is_heard_while_the_plan_is_made_waits_for_the_next_one(installed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody syncs one person while the night plans: the night must not take for done what it did not see."""
    fill("hr", 1, 2)
    sync()
    later(hours=1)
    fill("hr", 2, job_title="Lead")
    Connector.objects.filter(key="lms").update(guard={"all": {"people": 1000, "share": 1, "most": 1000}})
    night = until_stage(begin("hr", RunMode.DELTA), "guard", monkeypatch)
    later(seconds=5)
    fill("hr", 2, job_title="Head")
    person = Person.objects.get(employee_number="00002")
    monkeypatch.setattr(Roster, "fetch", one_by_one(Roster.fetch))
    one = start_run(night.connector, Trigger.MANUAL, RunMode.PEOPLE, scope={"people": [person.pk], "reread": True})
    until_stage(one, "look", monkeypatch)
    CancelRun(None, one).execute("never mind")
    later(seconds=5)
    assert drive(night, patience_seconds=30).phase == "succeeded"
    assert Person.objects.get(pk=person.pk).job_title == "Lead"
    later(hours=1)
    sync(mode=RunMode.DELTA)
    assert Person.objects.get(pk=person.pk).job_title == "Head"


def one_by_one(fetch: Any) -> Any:
    """The roster answers also who is asked for by id."""

    def fetched(self: Roster, stream: str, window: Window, cursor: Any = None) -> Any:
        if not window.ids:
            return fetch(self, stream, window, cursor)
        rows = Book.of(self.config["book"]).rows
        return iter([Page([Record(key, dict(rows[key][0]), rows[key][1]) for key in window.ids], None, True, mark=window.until)])

    return fetched
