"""A circle of managers is found whole and left whole, wherever the borders between batches and runs happen to lie."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.roles.masking import Sight
from identity.people.models import Person
from syncjobs.explain.rehearse import rehearse
from syncjobs.plans import build
from syncjobs.runs.models import SyncRun
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Shelf, sync, worker
from tests.company import later

pytestmark = pytest.mark.usefixtures("installed")
CIRCLE = "these people report to each other in a circle"
ORDERS = [tuple("abcd"), tuple("acbd"), tuple("dbca"), tuple("bdac")]  # the ring turned both ways, the one below it in every place


class Office:
    """People by letter; their numbers, and so the batches they fall into, follow `order`."""

    def __init__(self, order: tuple[str, ...]) -> None:
        self.number = {letter: place for place, letter in enumerate((*order, "e"), 1)}
        self.letter = {place: letter for letter, place in self.number.items()}

    def write(self, letter: str, manager: str = "", **values: object) -> None:
        lines = [{"type": "supervisory", "manager": str(self.number[manager]), "unit": ""}] if manager else []
        Book.of("hr").write(str(self.number[letter]), **worker(self.number[letter], manager_lines=lines, **values))

    def night(self, mode: RunMode = RunMode.DELTA, **chart: str) -> SyncRun:
        """`chart`: whom each one reports to from now on."""
        later(hours=1)
        for letter in sorted(chart):
            self.write(letter, chart[letter])
        run = sync(mode=mode)
        assert run.phase == "succeeded", run.error_detail
        return run

    def chart(self) -> dict[str, str]:
        held = Person.objects.exclude(manager=None).values_list("employee_number", "manager__employee_number")
        return {self.letter[int(one)]: self.letter[int(above)] for one, above in held}

    def circling(self) -> set[str]:
        told = Person.objects.filter(lines__why=CIRCLE).values_list("employee_number", flat=True)
        return {self.letter[int(one)] for one in told}


@pytest.fixture(params=[1, 2, 100], ids=["one by one", "two by two", "all at once"])
def batch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(build, "rows_a_step", lambda: request.param)
    return request.param


@pytest.mark.parametrize("order", ORDERS, ids="".join)
def test_the_same_people_are_in_the_circle_however_they_were_numbered_and_cut(batch: int, order: tuple[str, ...]) -> None:
    office = Office(order)
    run = office.night(RunMode.FULL, a="b", b="c", c="a", d="a")
    assert (office.chart(), office.circling(), run.counts["in_circle"]) == ({"d": "a"}, set("abc"), 3)
    office.night(c="d")  # d is below a, so this is a circle of four
    assert (office.chart(), office.circling()) == ({}, set("abcd"))
    run = office.night(d="e", e="")  # from outside: everybody gets back whom they report to, also those of whom nothing was heard
    assert (office.chart(), office.circling()) == ({"a": "b", "b": "c", "c": "d", "d": "e"}, set())
    assert not run.counts.get("in_circle")


@pytest.mark.parametrize("order", ORDERS, ids="".join)
def test_yesterdays_managers_make_no_circle_today(batch: int, order: tuple[str, ...]) -> None:
    office = Office(order)
    office.night(RunMode.FULL, a="", b="a", c="b", d="")
    run = office.night(a="c", c="d")
    assert office.chart() == {"a": "c", "b": "a", "c": "d"} and not office.circling()
    assert not run.counts.get("in_circle") and not run.counts.get("emptied:manager")


def test_a_circle_that_closes_over_somebody_who_did_not_change_is_said_on_all_of_them(batch: int) -> None:
    office = Office(tuple("abcd"))
    office.night(RunMode.FULL, a="b", b="c", c="", d="a")
    office.night(c="a")
    assert (office.chart(), office.circling()) == ({"d": "a"}, set("abc"))


def test_another_change_of_one_of_them_leaves_the_circle_as_it_is(batch: int) -> None:
    office = Office(tuple("abcd"))
    office.night(RunMode.FULL, a="b", b="c", c="a", d="a")
    later(hours=1)
    office.write("b", "c", job_title="Lead")
    run = sync(mode=RunMode.DELTA)
    assert (office.chart(), office.circling()) == ({"d": "a"}, set("abc"))
    assert run.counts["planned"] == 1 and Person.objects.get(job_title="Lead")


def test_the_same_night_again_plans_nobody(batch: int) -> None:
    office = Office(tuple("abcd"))
    office.night(RunMode.FULL, a="b", b="c", c="a", d="a")
    assert not office.night(RunMode.FULL).counts.get("planned")


def test_a_rehearsal_says_the_same_as_the_run(batch: int) -> None:
    office = Office(tuple("abcd"))
    office.night(RunMode.FULL, a="b", b="c", c="a", d="a")
    for person in Person.objects.order_by("pk"):
        steps = rehearse(person, Sight(True))
        assert "Nothing we know about this person changes." in [step.sentence for step in steps], person


def test_a_kill_between_the_last_batch_and_the_circles_ends_the_same(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(tuple("abcd"))
    real, tries = build.circles_of, iter((True, False, False, False))

    def dies_once(*given: object) -> object:
        if next(tries, False):
            raise OSError("the machine is gone")
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(build, "circles_of", dies_once)
    monkeypatch.setattr("syncjobs.pipeline.stages.backoff", lambda _tries: timedelta(0))
    run = office.night(RunMode.FULL, a="b", b="c", c="a", d="a")
    assert (office.chart(), office.circling(), run.counts["in_circle"]) == ({"d": "a"}, set("abc"), 3)
    assert run.counts["planned"] == run.plan.changes.count()
    assert {one["department"] for one in Shelf.of("lms").accounts.values()} == {"Research"}
