"""What a person does with runs: start, one person, cancel, try again. And that trying again mends what was mended."""

from __future__ import annotations

import pytest

from config.audit.models import Cause
from config.errors import Overtaken, TargetRefused
from config.sentences import english
from identity.people.models import Person, Replan
from integrations.connectors.models import Connector
from integrations.connectors.open import opened
from integrations.mapping.models import FieldMapping
from integrations.outbound.models import Delivery
from integrations.vendors.base import Target
from syncjobs.ledger.verify import verify_ledger
from syncjobs.pipeline.deliver import deliver_batch, deliver_due
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.stages import work_on
from syncjobs.runs.decisions import CancelRun, RetryFailed, StartRun, SyncPerson
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Library, Shelf, sync, worker
from tests.company import later
from tests.contracts.decision import DecisionContract
from tests.rows import a_connector, a_person
from tests.syncjobs.pages.run_rows import a_parked, a_run, a_write


class TestStartRun(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return StartRun(entitled, a_connector())


class TestSyncPerson(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return SyncPerson(entitled, a_person(1))


class TestCancelRun(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return CancelRun(entitled, a_run(phase="planning", stage="fetch"))


class TestRetryFailed(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        run = a_run(phase="partial")
        a_parked(run, 2)
        a_write(run, 1, state="dead", error_code="target_refused")
        return RetryFailed(entitled, run)


def book(count: int = 20) -> Book:
    found = Book.of("hr")
    for number in range(1, count + 1):
        found.write(str(number), **worker(number))
    return found


def retry(run: SyncRun) -> RetryFailed:
    decision = RetryFailed(None, run)
    decision.execute("mended")
    return decision


def test_writes_that_were_refused_arrive_once_the_target_takes_them(installed: None) -> None:
    hr = book()
    sync()
    later(hours=1)
    hr.write("21", **worker(21))
    hr.write("22", **worker(22))
    Shelf.of("lms").trouble = [TargetRefused("the course category is full")]
    run = sync(mode=RunMode.DELTA)
    assert run.phase == "partial" and run.counts["dead"] == 2 and len(Shelf.of("lms").accounts) == 20
    assert RetryFailed(None, run).preview().counts == {"deliveries": 2, "records": 0}
    retry(run)
    deliver_due()
    assert len(Shelf.of("lms").accounts) == 22 and not Delivery.objects.filter(state="dead").exists()
    for number in (21, 22):
        links = Person.objects.get(employee_number=f"{number:05d}").links
        assert links.filter(record__connector__key="lms", until=None).count() == 1


def test_a_write_that_a_newer_one_overtook_is_not_sent_again(installed: None) -> None:
    hr = book()
    sync()
    runs = []
    for department, trouble in (("Digital", [TargetRefused("not now")]), ("Sales", [])):
        later(hours=1)
        hr.write("1", department=department)
        Shelf.of("lms").trouble = trouble
        runs.append(sync(mode=RunMode.DELTA))
    person = Person.objects.get(employee_number="00001")
    account = next(one for one in Shelf.of("lms").accounts.values() if one["idnumber"] == person.public_id)
    assert account["department"] == "Sales"
    retry(runs[0])
    deliver_due()
    assert account["department"] == "Sales", "old values do not come back"


def test_a_record_mended_in_the_source_is_read_there_again(installed: None) -> None:
    hr = book()
    sync()
    later(hours=1)
    hr.write("1", hire_on="the first of May")
    run = sync(mode=RunMode.DELTA)
    assert run.phase == "partial" and run.counts["parked"] == 1
    hr.write("1", hire_on="2020-05-01")
    assert [english(line) for line in RetryFailed(None, run).preview().sentences] == ["1 record is read from the source again."]
    again = drive(retry(run).started, patience_seconds=30)
    assert (again.phase, again.counts.get("parked", 0)) == ("succeeded", 0), again.error_detail
    assert hr.asked[-1][0].ids == ("1",), "only that record"
    assert Person.objects.get(employee_number="00001").values["hire_on"] == "2020-05-01"
    assert verify_ledger() == []


def test_records_set_aside_are_read_again_once_the_mapping_was_mended(installed: None) -> None:
    hr = book()
    sync()
    later(hours=1)
    hr.write("1", hire_on="the first of May")
    hr.write("21", **worker(21, hire_on="the first of June"))
    run = sync(mode=RunMode.DELTA)
    assert run.phase == "partial" and run.counts["parked"] == 2
    FieldMapping.objects.filter(mapping__connector__key="hr", target="hire_on").delete()
    again = drive(retry(run).started, patience_seconds=30)
    assert (again.phase, again.trigger, again.counts.get("parked", 0)) == ("succeeded", Trigger.RETRY, 0), again.error_detail
    assert Person.objects.filter(employee_number="00021").exists() and len(Shelf.of("lms").accounts) == 21


def test_what_is_still_wrong_is_set_aside_again_and_nobody_is_harmed(installed: None) -> None:
    hr = book()
    sync()
    later(hours=1)
    hr.write("1", hire_on="2026-02-31")
    again = drive(retry(sync(mode=RunMode.DELTA)).started, patience_seconds=30)
    assert again.phase == "partial" and again.counts["parked"] == 1
    assert Person.objects.get(employee_number="00001").standing == "active"


def test_rows_that_never_became_records_are_said_to_come_with_the_next_reading(db: None) -> None:
    run = a_run(phase="partial")
    a_parked(run, 3)
    said = RetryFailed(None, run).preview()
    assert said.counts == {"deliveries": 0, "records": 0}
    assert "3 rows never became records: they come with the next reading, once they are mended in the source." in [
        english(line) for line in said.sentences
    ]
    assert retry(run).started is None


def test_a_run_that_ended_while_the_page_stood_open_is_not_cancelled_and_the_trail_says_nothing(db: None) -> None:
    run = a_run(phase="applying", stage="verify")
    decision = CancelRun(None, run)
    SyncRun.objects.filter(pk=run.pk).update(phase="succeeded")
    with pytest.raises(Overtaken):
        decision.execute("too late")
    assert not Cause.objects.filter(kind="decision").exists()


def test_what_is_held_for_another_account_is_cancelled_with_its_run_and_planned_again(db: None) -> None:
    run = a_run(phase="applying", stage="deliver")
    held = a_write(run, 1, state="held", operation="set_manager")
    CancelRun(None, run).execute("wrong file")
    held.refresh_from_db()
    assert held.state == "cancelled" and Replan.objects.filter(person_id=held.subject_id).exists()


def test_cancelling_in_the_middle_of_sending_keeps_what_arrived_and_plans_the_rest_again(
    installed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Library, "targets", (Target("users", "Accounts", bulk=2),))
    book(6)
    sync()
    Connector.objects.filter(key="lms").update(guard={"all": {"people": 1000, "share": 1, "most": 1000}})
    later(hours=1)
    for number in range(7, 11):
        Book.of("hr").write(str(number), **worker(number))
    run = start_run(Connector.objects.get(key="hr"), Trigger.MANUAL, RunMode.DELTA)
    while run.stage != "deliver":
        work_on(run.pk)
        run.refresh_from_db()
    with opened(Connector.objects.get(key="lms")) as vendor:
        assert deliver_batch(Connector.objects.get(key="lms"), vendor) == 2
    told = [english(line) for line in CancelRun(None, run).preview().sentences]
    assert told[1:] == ["2 changes are done and stay.", "2 changes that wait will not be sent."]
    CancelRun(None, run).execute("the wrong file")
    deliver_due()
    run.refresh_from_db()
    assert run.phase == "cancelled" and len(Shelf.of("lms").accounts) == 8
    assert sorted(Delivery.objects.filter(cause=run.cause).values_list("state", flat=True)) == ["cancelled"] * 2 + ["delivered"] * 2
    later(minutes=15)
    assert sync(mode=RunMode.DELTA).phase == "succeeded" and len(Shelf.of("lms").accounts) == 10


class TestRetryARunThatFailed(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return RetryFailed(entitled, a_run(phase="failed", stage="fetch", error_code="credential_expired", counts={}))
