"""Approving a part of a plan: whose account may not be closed or opened is not half gone in our own facts either."""

from __future__ import annotations

import pytest

from config.sentences import english
from identity.people.models import Person
from integrations.connectors.models import Connector
from integrations.mapping.versions import install_default
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.ledger.verify import verify_ledger
from syncjobs.pipeline.drive import drive
from syncjobs.plans.models import ChangeState, PlannedChange
from syncjobs.runs.models import SyncRun
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Library, Shelf, a_night_of_leavers, sync, worker
from tests.company import later

pytestmark = pytest.mark.usefixtures("installed")


def a_night() -> SyncRun:
    """Twenty people: eight have left, one of the others has another name, and three are new."""
    a_night_of_leavers(job_title="Former analyst")
    Book.of("hr").write("15", family_name="Renamed")
    for number in range(21, 24):
        Book.of("hr").write(str(number), **worker(number))
    held = sync(mode=RunMode.DELTA, approve=False)
    assert held.phase == "held"
    return held


def approve(run: SyncRun, *kinds: str) -> SyncRun:
    ApprovePlan(None, run, [("lms", kind) for kind in kinds]).execute("the leavers are asked about")
    return drive(run, patience_seconds=30)


def standings() -> dict[str, int]:
    found = list(Person.objects.values_list("standing", flat=True))
    return {standing: found.count(standing) for standing in sorted(set(found))}


def test_leavers_who_keep_their_account_still_count_as_here_and_are_planned_again() -> None:
    run = approve(a_night(), "create", "update")
    assert run.phase == "succeeded" and standings() == {"active": 23}
    assert not any(account["suspended"] for account in Shelf.of("lms").accounts.values())
    assert Person.objects.get(employee_number="00001").job_title == "Analyst", "nothing else of them is written either"
    assert Person.objects.get(employee_number="00015").values["family_name"] == "Renamed"
    refused = PlannedChange.objects.filter(plan__run=run, state=ChangeState.REFUSED)
    assert refused.filter(target=None).count() == refused.filter(kind="deactivate").count() == 8
    later(hours=1)
    again = sync(mode=RunMode.DELTA)
    assert again.phase == "succeeded" and standings() == {"active": 15, "left": 8}
    assert sum(account["suspended"] for account in Shelf.of("lms").accounts.values()) == 8
    assert verify_ledger() == []


def test_people_who_return_and_may_not_yet_still_count_as_gone() -> None:
    approve(a_night(), "create", "update", "deactivate")
    later(hours=1)
    for number in range(1, 9):
        Book.of("hr").write(str(number), status="active", termination_on="", job_title="Analyst")
    Book.of("hr").write("15", family_name="Renamed again")
    held = sync(mode=RunMode.DELTA, approve=False)
    assert held.phase == "held"
    approve(held, "update")
    assert standings() == {"active": 15, "left": 8}
    assert Person.objects.get(employee_number="00015").values["family_name"] == "Renamed again"


def test_the_preview_says_who_stays_as_they_are_and_counts_what_is_not_made() -> None:
    effect = ApprovePlan(None, a_night(), [("lms", "create"), ("lms", "update")]).preview()
    said = [english(line) for line in effect.sentences]
    assert said == [
        "4 changes will be made.",
        "8 changes will not be made; the next run plans them again.",
        "8 people whose accounts would be closed or opened again stay as they are, in our own facts as well.",
    ]
    assert effect.counts == {"LMS create": 3, "LMS update": 1} and effect.danger == 0


def test_approving_all_of_it_leaves_nobody_as_they_are() -> None:
    held = a_night()
    assert not any("stay as they are" in english(line) for line in ApprovePlan(None, held).preview().sentences)
    ApprovePlan(None, held).execute("they have left")
    drive(held, patience_seconds=30)
    assert standings() == {"active": 15, "left": 8}


def test_an_account_is_closed_in_every_learning_system_or_in_none() -> None:
    second = Connector.objects.create(key="lib", name="LIB", vendor="library", rank=91, is_target=True, settings={"shelf": "lib"})
    install_default(second, "users", Library.default_mapping["users"])
    held = a_night()
    decision = ApprovePlan(None, held, [("lib", "deactivate"), ("lib", "create"), ("lms", "create")])
    assert decision.preview().counts == {"LIB deactivate": 0, "LIB create": 3, "LMS create": 3} and decision.preview().danger == 0
    decision.execute("only the new ones")
    drive(held, patience_seconds=30)
    assert standings() == {"active": 23} and len(Shelf.of("lib").accounts) == 23
    assert not any(one["suspended"] for shelf in ("lms", "lib") for one in Shelf.of(shelf).accounts.values())
