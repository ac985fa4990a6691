"""The guard's numbers: the same for everybody until a connector says otherwise."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from config import clock
from config.sentences import english
from identity.people.models import Person
from integrations.connectors.form import KINDS, LimitsForm
from integrations.connectors.models import Connector
from integrations.mapping.models import FieldMapping
from integrations.records.models import SourceRecord
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.guards.limits import Limit, limit_for, weigh
from syncjobs.guards.models import Hold
from syncjobs.pipeline.drive import drive
from tests.builders import Book, sync, worker
from tests.company import later


@pytest.mark.parametrize(
    ("people", "of", "is_held"),
    [
        (2, 2, False),  # fewer than three never
        (3, 30, False),  # exactly a tenth is not more than a tenth
        (3, 29, True),
        (199, 100_000, False),
        (200, 100_000, True),  # so many always
        (3, 0, True),  # of nobody
    ],
)
def test_three_people_and_more_than_a_tenth_or_two_hundred_are_held(people: int, of: int, is_held: bool) -> None:
    assert (weigh("deactivate", people, of, limit_for("deactivate", {})) is not None) is is_held


def test_a_connector_has_limits_of_its_own_for_one_kind_or_for_all() -> None:
    own = {"deactivate": {"people": 1, "most": 5}, "all": {"share": 0.5}}
    assert limit_for("deactivate", own) == Limit(people=1, share=0.10, most=5)
    assert limit_for("update", own) == Limit(people=3, share=0.5, most=200)


def test_of_two_connectors_the_stricter_number_holds_and_what_neither_says_is_the_default() -> None:
    target, source = {"deactivate": {"people": 1, "share": 0.5}}, {"all": {"people": 50, "share": 0.2}}
    assert limit_for("deactivate", target, source) == limit_for("deactivate", source, target) == Limit(people=1, share=0.2, most=200)
    assert limit_for("update", target, source) == Limit(people=50, share=0.2, most=200), "one alone may loosen what is usual"


def saved(connector: Connector, **changed: Any) -> dict[str, Any]:
    """What the limits form stores when these fields are changed and all others sent as they stand."""
    shown = {name: field.initial for name, field in LimitsForm(connector, asdict(Limit())).fields.items()}
    form = LimitsForm(connector, asdict(Limit()), {**shown, **changed})
    assert form.is_valid(), form.errors
    return form.guard()


@pytest.mark.parametrize(
    "guard", [{}, {"deactivate": {"people": 1, "share": 0.0125}}, {"all": {"most": 50}}, {"empty": {"people": 9}, "all": {"people": 2}}]
)
def test_a_form_saved_as_it_was_shown_leaves_every_limit_as_it_was(guard: dict[str, Any]) -> None:
    kept = saved(Connector(guard=guard))
    assert [limit_for(kind, kept) for kind in (*dict(KINDS), "empty")] == [limit_for(kind, guard) for kind in (*dict(KINDS), "empty")]
    assert kept.keys() == guard.keys()


def test_a_form_stores_what_was_changed_and_what_was_set_back_beside_a_limit_for_all() -> None:
    assert saved(Connector(), deactivate_most=20) == {"deactivate": {"most": 20}}
    kept = saved(Connector(guard={"all": {"people": 1}}), update_people=3)
    assert limit_for("update", kept) == Limit() and limit_for("create", kept) == Limit(people=1)


@pytest.mark.usefixtures("installed")
def test_limits_of_a_source_saved_as_they_are_do_not_lift_those_of_the_learning_system() -> None:
    for number in range(1, 21):
        Book.of("hr").write(str(number), **worker(number))
    sync()
    Connector.objects.filter(key="lms").update(guard={"deactivate": {"people": 1, "share": 0.01, "most": 1}})
    hr = Connector.objects.get(key="hr")
    hr.guard = saved(hr, create_people=10)
    hr.save()
    Book.of("hr").write("1", status="terminated", termination_on="2026-06-01", last_day_on="2026-06-01")
    assert sync(approve=False).phase == "held"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("key", ["hr", "lms"])
def test_a_single_leaver_is_held_where_the_connector_says_one_is_too_many(key: str) -> None:
    book = Book.of("hr")
    for number in range(1, 21):
        book.write(str(number), **worker(number))
    sync()
    Connector.objects.filter(key=key).update(guard={"deactivate": {"people": 1, "share": 0.01, "most": 1}})
    book.write("1", status="terminated", termination_on="2026-06-01", last_day_on="2026-06-01")
    run = sync(approve=False)
    hold = Hold.objects.get(run=run)
    assert (run.phase, hold.kind, hold.people, hold.of) == ("held", "deactivate", 1, 20)
    assert english(hold.sentence) == "In LMS 1 person would be deactivated; the limit is 1."


@pytest.mark.usefixtures("installed")
def test_a_column_that_is_suddenly_empty_for_many_stops_the_run_and_a_few_do_not() -> None:
    FieldMapping.objects.filter(mapping__connector__key="hr", target="job_title").update(null_policy="clear")
    book = Book.of("hr")
    for number in range(1, 21):
        book.write(str(number), **worker(number))
    sync()
    Connector.objects.filter(key="lms").update(guard={"all": {"people": 1000, "share": 1, "most": 1000}})
    later(hours=1)
    for number in (1, 2):
        book.write(str(number), job_title="")
    assert sync(approve=False).phase == "succeeded", "two people may lose a title"
    later(hours=1)
    for number in range(3, 21):
        book.write(str(number), job_title="")
    run = sync(approve=False)
    assert run.phase == "held" and run.counts["emptied:job_title"] == 18
    hold = Hold.objects.get(run=run, code="values_emptied")
    assert english(hold.sentence) == (
        "HR leaves values empty that it used to fill: Job title: 18 people would lose the value they have, 90 % of 20; the limit is 10 %."
    )
    assert Person.objects.get(employee_number="00007").job_title, "nothing was applied"
    later(hours=49)
    again = sync(approve=False)
    assert again.phase == "held", "asked again as long as it is so"
    ApprovePlan(None, again).execute("titles are not kept any more")
    assert drive(again, patience_seconds=30).phase == "succeeded"
    assert Person.objects.get(employee_number="00007").job_title == ""


def strangers(target: str, count: int) -> None:
    """Learners of this target whom no source speaks of."""
    connector, now = Connector.objects.get(key=target), clock.now()
    SourceRecord.objects.bulk_create(
        SourceRecord(
            connector=connector,
            stream="users",
            external_id=f"student{number}",
            payload={},
            values={"suspended": False},
            pending=False,
            first_seen_at=now,
            changed_at=now,
        )
        for number in range(count)
    )


@pytest.mark.usefixtures("two_sources")
def test_a_small_source_is_weighed_by_its_own_people_beside_however_many_others() -> None:
    for number in range(1, 61):
        Book.of("hr").write(str(number), **worker(number))
    for number in range(101, 106):
        Book.of("it").write(str(number), **worker(number))
    sync("hr")
    sync("it")
    strangers("lms", 5000)
    later(hours=1)
    for number in range(101, 104):
        Book.of("it").write(str(number), status="terminated", termination_on="2026-06-01")
    run = sync("it", approve=False)
    hold = Hold.objects.get(run=run)
    assert (run.phase, hold.kind, hold.people, hold.of) == ("held", "deactivate", 3, 5)
    assert english(hold.sentence) == "In LMS 3 people would be deactivated, 60 % of 5 from IT; the limit is 10 %."
    for number in range(1, 7):
        Book.of("hr").write(str(number), status="terminated", termination_on="2026-06-01")
    assert sync("hr", approve=False).phase == "succeeded", "six of sixty are a tenth, and no more than that"


@pytest.mark.usefixtures("two_sources")
def test_the_first_people_of_a_further_source_are_looked_at() -> None:
    Book.of("hr").write("1", **worker(1))
    sync("hr")
    for number in range(101, 104):
        Book.of("it").write(str(number), **worker(number))
    run = sync("it", approve=False)
    assert run.phase == "held"
    assert english(Hold.objects.get(run=run).sentence) == "In LMS 3 people would get a new account, and nobody from IT was there before."
