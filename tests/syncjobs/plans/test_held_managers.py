"""A write that names a manager without an account waits. It is planned once, and whoever is left alone by then is not written to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.people.models import Person
from integrations.connectors.models import Connector
from integrations.outbound.models import Delivery
from syncjobs.ledger.verify import verify_ledger
from syncjobs.pipeline.deliver import deliver_due
from syncjobs.plans.models import PlannedChange
from syncjobs.runs.models import SyncRun
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Library, Shelf, sync, worker
from tests.company import later

REPORT, FORMER, BOSS, OTHER = 1, 2, 3, 4


@pytest.fixture(autouse=True)
def a_boss_outside_the_pilot_group(installed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody in Berlin has an account; the boss, and another one, are in Tokyo and have none. The library holds the manager."""

    def beside(_cls: type[Library], _settings: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        return {"manager": values.get("manager_public_id")}

    monkeypatch.setattr(Library, "beside", classmethod(beside))
    rules("lms", pilot={"locations": ["Berlin"]})
    for number in (FORMER, BOSS, OTHER):
        Book.of("hr").write(str(number), **worker(number, location="Berlin" if number == FORMER else "Tokyo"))
    Book.of("hr").write(str(REPORT), **worker(REPORT, **led_by(FORMER)))
    sync()
    Connector.objects.filter(key="lms").update(guard={"all": {"people": 1000, "share": 1, "most": 1000}})
    assert there("manager_id") == account_of(FORMER)


def rules(key: str, **columns: Any) -> None:
    later(minutes=1)
    connector = Connector.objects.get(key=key)
    for name, value in columns.items():
        setattr(connector, name, value)
    connector.save()
    later(minutes=1)


def led_by(number: int) -> dict[str, Any]:
    return {"manager_lines": [{"manager": str(number), "line_type": "primary"}]}


def person(number: int) -> Person:
    return Person.objects.get(employee_number=f"{number:05d}")


def account_of(number: int) -> str:
    return next((key for key, one in Shelf.of("lms").accounts.items() if one["email"] == f"person{number}@meridian.example"), "")


def there(field: str) -> Any:
    return Shelf.of("lms").accounts[account_of(REPORT)].get(field)


def changed(number: int = REPORT, **values: Any) -> SyncRun:
    """One run of what HR changed, and everything it writes."""
    later(hours=1)
    Book.of("hr").write(str(number), **values)
    return sync(mode=RunMode.DELTA)


def planned(run: SyncRun) -> list[dict[str, Any]]:
    return list(
        PlannedChange.objects.filter(plan__run=run, target__isnull=False, person_id=person(REPORT).pk).values_list("after", flat=True)
    )


def told() -> list[str]:
    rows = Delivery.objects.filter(subject_id=person(REPORT).pk, operation="set_manager").order_by("pk")
    return list(rows.values_list("state", flat=True))


def waits() -> None:
    changed(**led_by(BOSS))
    assert told() == ["delivered", "held"] and there("manager_id") == account_of(FORMER)


def test_a_manager_who_is_waited_for_is_not_planned_again_with_every_change_of_the_report() -> None:
    waits()
    again = changed(job_title="Lead")
    assert planned(again) == [] and told() == ["delivered", "held"], "the one that waits is enough"
    assert planned(changed(department="Sales")) == [{"department": "Sales"}]
    assert planned(sync(mode=RunMode.PLAN)) == []
    rules("lms", pilot={})
    sync(mode=RunMode.PLAN)
    assert there("manager_id") == account_of(BOSS) != "" and told() == ["delivered", "delivered"]
    assert verify_ledger() == []


def test_somebody_else_who_is_waited_for_now_takes_the_place_and_the_one_who_leads_there_is_taken_away_then() -> None:
    """What waits is not there: the role that is given up when the other comes is the one that the account really has."""
    waits()
    assert planned(changed(**led_by(OTHER))) == [{"manager": person(OTHER).public_id}]
    assert told() == ["delivered", "cancelled", "held"]
    rules("lms", pilot={})
    sync(mode=RunMode.PLAN)
    assert (there("manager_id"), there("former_manager_id")) == (account_of(OTHER), account_of(FORMER))


def test_the_former_manager_again_ends_the_wait_and_writes_nothing() -> None:
    waits()
    assert planned(changed(**led_by(FORMER))) == [] and told() == ["delivered", "cancelled"]


def test_a_manager_who_leaves_the_pilot_group_is_waited_for_as_before_and_named_once_back_in_it() -> None:
    """Not a fault: whoever has no account there cannot be named, for whatever reason, and a plan made anew says the same."""
    changed(BOSS, location="Berlin", hire_on="2026-08-01")
    waits()
    held = Delivery.objects.get(state="held")
    changed(BOSS, location="Tokyo")
    sync(mode=RunMode.PLAN)
    changed(BOSS, hire_on="2020-01-01")
    assert Delivery.objects.get(state="held").pk == held.pk and account_of(BOSS) == ""
    changed(BOSS, location="Berlin")
    assert there("manager_id") == account_of(BOSS) and told() == ["delivered", "delivered"]


@pytest.mark.parametrize("why", ["outside", "outside by the source", "left"])
def test_whoever_is_left_alone_by_now_is_not_written_to_when_the_manager_comes(why: str) -> None:
    waits()
    if why == "outside":
        changed(REPORT, location="Rome")
    elif why == "left":
        changed(REPORT, status="terminated", termination_on="2026-06-01")
    else:
        rules("hr", pilot={"people": [person(number).public_id for number in (FORMER, BOSS, OTHER)]})
        sync(mode=RunMode.PLAN)
    before = dict(Shelf.of("lms").accounts[account_of(REPORT)])
    assert told() == ["delivered", "cancelled"]
    changed(BOSS, location="Berlin")
    deliver_due()
    assert account_of(BOSS) and Shelf.of("lms").accounts[account_of(REPORT)] == before


def test_back_in_the_pilot_group_the_manager_is_planned_anew() -> None:
    waits()
    changed(REPORT, location="Rome")
    changed(BOSS, location="Berlin")
    assert planned(changed(REPORT, location="Berlin")) == [{"manager": person(BOSS).public_id}]
    assert there("manager_id") == account_of(BOSS)


def test_a_hundred_who_wait_for_their_manager_cost_as_many_queries_as_two() -> None:
    """The department of everybody goes along, so that the same kinds of rows are written."""
    for number in range(10, 110):
        Book.of("hr").write(str(number), **worker(number, **led_by(BOSS)))
    later(hours=1)
    Book.of("hr").page_size = 1000
    sync(mode=RunMode.DELTA)
    assert Delivery.objects.filter(state="held").count() == 100

    def cost(people: range) -> int:
        later(hours=1)
        for number in people:
            Book.of("hr").write(str(number), job_title=f"Lead {number} {len(people)}", location="Berlin" if number % 2 else "Rome")
        with CaptureQueriesContext(connection) as asked:
            sync(mode=RunMode.DELTA)
        return len([one for one in asked if "outbound_delivery" in one["sql"].lower() or "integrations_delivery" in one["sql"].lower()])

    assert cost(range(10, 12)) == cost(range(12, 110)) > 0
