"""A database that goes away in the middle, and comes back: the run goes on, nobody is made twice."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import OperationalError

from config.errors import Unavailable
from identity.people.models import Person
from integrations.connectors.models import Connector, ConnectorIssue
from integrations.mapping.decisions import PublishMapping
from integrations.mapping.versions import draft
from integrations.outbound import claim as outbound
from integrations.outbound.models import Attempt, Delivery
from syncjobs.ledger.verify import verify_ledger
from syncjobs.pipeline import deliver, stages
from syncjobs.pipeline.deliver import deliver_due
from syncjobs.pipeline.stages import work_on
from syncjobs.runs import slice as run_slice
from syncjobs.runs.models import WORKABLE, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Shelf, sync, worker
from tests.company import later

pytestmark = pytest.mark.usefixtures("installed")


def settled() -> SyncRun:
    """Five people have accounts; five more are new and a run for them is queued."""
    for number in range(1, 6):
        Book.of("hr").write(str(number), **worker(number))
    sync()
    Connector.objects.filter(key="lms").update(guard={"all": {"people": 1000, "share": 1, "most": 1000}})
    for number in range(6, 11):
        Book.of("hr").write(str(number), **worker(number))
    return start_run(Connector.objects.get(key="hr"), Trigger.MANUAL, RunMode.FULL)


def work(run: SyncRun) -> SyncRun:
    for _ in range(60):
        if not work_on(run.pk) and not deliver_due():
            later(minutes=3)
        run.refresh_from_db()
        if run.phase not in WORKABLE:
            break
    return run


def failing_once(real: Any) -> Any:
    """The stage does its work and then the connection is gone: what it committed stays."""
    left = [1]

    def stage(*args: Any) -> Any:
        result = real(*args)
        if left:
            left.pop()
            raise OperationalError("terminating connection due to administrator command")
        return result

    return stage


@pytest.mark.parametrize("broken", ["fetch", "resolve", "look", "plan", "guard", "apply", "deliver", "verify"])
def test_a_database_restarted_in_any_stage_costs_time_and_nothing_else(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run = settled()
    monkeypatch.setattr(stages, "STAGES", tuple((name, failing_once(stage) if name == broken else stage) for name, stage in stages.STAGES))
    run = work(run)
    assert run.phase == "succeeded", (run.stage, run.error_code, run.error_detail)
    assert Person.objects.count() == 10 and len(Shelf.of("lms").accounts) == 10
    assert Delivery.objects.filter(operation="create").count() == 10 and verify_ledger() == []


def test_a_database_that_goes_away_between_write_and_its_receipt_makes_no_second_account(monkeypatch: pytest.MonkeyPatch) -> None:
    run = settled()
    with monkeypatch.context() as patch:
        patch.setattr(deliver, "finish", lambda *_: (_ for _ in ()).throw(OperationalError("gone")))
        while run.stage != "deliver":
            work_on(run.pk)
            run.refresh_from_db()
        with pytest.raises(OperationalError):
            deliver_due()
    assert len(Shelf.of("lms").accounts) == 10, "the target has them, we do not know it yet"
    run = work(run)
    assert run.phase == "succeeded" and len(Shelf.of("lms").accounts) == 10
    assert Attempt.objects.filter(outcome="worker_lost").count() == 5 and verify_ledger() == []


def test_a_database_that_goes_away_between_claim_and_write_leaves_no_lease_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    run = settled()
    while run.stage != "deliver":
        work_on(run.pk)
        run.refresh_from_db()
    with monkeypatch.context() as patch:
        patch.setattr(deliver, "_accounts", lambda *_: (_ for _ in ()).throw(OperationalError("gone")))
        with pytest.raises(OperationalError):
            deliver_due()
    waiting = Delivery.objects.filter(cause=run.cause_id)
    assert set(waiting.values_list("state", "attempts", "lease_token")) == {("pending", 0, "")}
    assert work(run).phase == "succeeded" and not Attempt.objects.filter(outcome="worker_lost").exists()


def lost_after(done: Any) -> Any:
    """The commit has arrived; its answer has not."""

    def claimed(*given: Any) -> Any:
        done(*given)
        raise OperationalError("the connection is lost") from psycopg.OperationalError("the connection is lost")

    return claimed


def test_writes_that_were_taken_by_a_commit_without_an_answer_wait_for_no_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    run = settled()
    while run.stage != "deliver":
        work_on(run.pk)
        run.refresh_from_db()
    with monkeypatch.context() as patch:
        patch.setattr(outbound, "_leased", lost_after(outbound._leased))
        with pytest.raises(OperationalError):
            deliver_due()
    waiting = Delivery.objects.filter(cause=run.cause_id)
    assert set(waiting.values_list("state", "attempts", "lease_token")) == {("pending", 0, "")}
    assert deliver_due() and not Attempt.objects.filter(outcome="worker_lost").exists()


def test_a_run_that_was_taken_by_a_commit_without_an_answer_waits_for_no_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    run = settled()
    with monkeypatch.context() as patch:
        patch.setattr(run_slice, "_leased", lost_after(run_slice._leased))
        with pytest.raises(OperationalError):
            work_on(run.pk)
    run.refresh_from_db()
    assert (run.lease_token, run.lease_until) == ("", None) and work_on(run.pk)


def test_a_run_whose_database_went_away_waits_a_moment_blames_nobody_and_holds_no_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    run = settled()

    def lost(*_: Any) -> Any:
        raise OperationalError("the connection is lost") from psycopg.OperationalError("the connection is lost")

    with monkeypatch.context() as patch:
        patch.setattr(stages, "STAGES", (("fetch", lost),))
        assert work_on(run.pk)
    run.refresh_from_db()
    assert (run.phase, run.error_code, run.tries, run.lease_token) == ("planning", "database_away", 1, "")
    assert not ConnectorIssue.objects.exists()
    assert work(run).phase == "succeeded"


def test_a_target_that_is_away_rests_twice_as_long_each_time_and_no_try_is_counted() -> None:
    run = settled()
    Shelf.of("lms").trouble = [Unavailable("maintenance")] * 4
    run = work(run)
    assert run.phase == "succeeded" and len(Shelf.of("lms").accounts) == 10
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}
    assert Connector.objects.get(key="lms").breaker_until is None


def test_a_run_notes_the_versions_of_the_mappings_it_used_whatever_it_read() -> None:
    Book.of("hr").write("1", **worker(1))
    assert sync().counts["mappings"] == {"hr": {"people": 1}, "lms": {"users": 1}}
    begun = draft(Connector.objects.get(key="hr"), "people", None)
    begun.rows.filter(target="job_title").delete()
    PublishMapping(None, begun).execute("titles are nobody's business")
    assert sync(mode=RunMode.DELTA).counts["mappings"]["hr"] == {"people": 2}
    person, hr = Person.objects.get(), Connector.objects.get(key="hr")
    chosen = start_run(hr, Trigger.MANUAL, RunMode.PEOPLE, scope={"people": [person.pk]})
    assert work(chosen).counts["mappings"] == {"hr": {"people": 2}, "lms": {"users": 1}}, "it reads nothing, and translates and plans"
