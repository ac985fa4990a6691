"""Runs, plans and holds as rows, made without running anything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from config import clock
from integrations.connectors.models import Connector
from integrations.outbound.models import Delivery
from syncjobs.guards.models import Hold
from syncjobs.plans.models import Plan, PlannedChange
from syncjobs.runs.models import RecordOutcome, SyncRun
from tests.rows import a_cause, a_connector, a_delivery, a_person, a_record, join

COUNTS = {"heard": 941, "same": 936, "staged": 5, "parked": 0, "cases": 0, "planned": 5}
WINDOW = {
    "workers": {
        "since": None,
        "until": "2026-11-23T01:00:00+00:00",
        "as_of": "2026-11-23",
        "proof": "all 941 announced records came",
        "is_complete": True,
    }
}


def a_run(connector: Connector | None = None, phase: str = "succeeded", stage: str = "verify", **given: Any) -> SyncRun:
    """A run that began two minutes ago; it has ended unless `phase` says otherwise."""
    now = clock.now()
    ended = phase in ("succeeded", "partial", "failed", "cancelled")
    known = {
        "trigger": "schedule",
        "mode": "delta",
        "counts": dict(COUNTS),
        "window": WINDOW,
        "wanted_at": now,
        "created_at": now - timedelta(minutes=2),
        "started_at": now - timedelta(minutes=2),
        "finished_at": now if ended else None,
    }
    return SyncRun.objects.create(
        connector=connector or a_connector(), phase=phase, stage=stage, cause=a_cause("Workday, nightly"), **{**known, **given}
    )


def a_plan(run: SyncRun, counts: dict[str, dict[str, int]], state: str = "ready") -> Plan:
    return Plan.objects.create(run=run, state=state, counts=counts, made_at=clock.now(), lapses_at=clock.now() + timedelta(hours=48))


def a_change(plan: Plan, person: int, kind: str = "deactivate", *, target: Connector | None = None, **given: Any) -> PlannedChange:
    known = {
        "name": f"Given{person} Family{person}",
        "reason_code": "left",
        "reason": "left after 2026-11-20",
        "before": {"suspended": False},
        "after": {"suspended": True},
    }
    return PlannedChange.objects.create(plan=plan, person_id=person, kind=kind, target=target, **{**known, **given})


def a_hold(run: SyncRun, people: int, kind: str = "deactivate", of: int = 1204, **given: Any) -> Hold:
    now = clock.now()
    known = {
        "code": "too_many",
        "target_key": "academy",
        "sentence": f"Stopped before the first write: in Academy {people} people would be deactivated, 17.6% of {of}; the limit is 5%.",
        "opened_at": now - timedelta(hours=1),
        "lapses_at": now + timedelta(hours=47),
    }
    return Hold.objects.create(run=run, kind=kind, people=people, of=of, **{**known, **given})


def a_held_run(people: int = 4, others: int = 2) -> SyncRun:
    """Workday would close `people` accounts in Academy and make `others`; the guard stopped it."""
    academy, run = a_connector("academy"), a_run(phase="held", stage="guard")
    plan = a_plan(run, {"people": {"update": people}, "academy": {"deactivate": people, "create": others}}, "held")
    for number in range(1, people + 1):
        a_change(plan, number, target=academy)
        a_change(plan, number, "update", reason_code="standing:left", before={"standing": "active"}, after={"standing": "left"})
    for number in range(people + 1, people + others + 1):
        values = {"firstname": f"Given{number}", "email": f"person{number}@meridian.example", "suspended": False}
        a_change(
            plan, number, "create", target=academy, reason_code="employed", reason="employed, has no account yet", before={}, after=values
        )
    a_hold(run, people)
    return run


def a_parked(run: SyncRun, n: int = 1, code: str = "value_invalid", **given: Any) -> None:
    known = {"detail": "Hire date: “2026-02-31” of Given7 is not a date", "field": "hire_on"}
    for _number in range(n):
        RecordOutcome.objects.create(run=run, outcome="parked", code=code, **{**known, **given})


def a_leaver(number: int, *, suspended: bool = False) -> Any:
    """Somebody who has left, with an account in Academy as we last recorded it."""
    person = a_person(number)
    person.standing = "left"
    person.save()
    join(person, a_record(a_connector("academy"), f"{number}", {"username": f"person{number}", "suspended": suspended}))
    return person


def a_write(run: SyncRun, number: int, **given: Any) -> Delivery:
    return a_delivery(a_person(number), cause=run.cause, **given)
