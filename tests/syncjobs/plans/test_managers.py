"""Managers who are not here yet, who come another way, and lines that lead back to where they began."""

from __future__ import annotations

from config.sentences import english
from identity.cases.models import Case
from identity.matching.decisions import KeepSeparate
from identity.people.models import Person
from syncjobs.schedules.models import RunMode
from tests.builders import Book, sync, worker
from tests.company import later


def write(number: int, *managers: str, kind: str = "supervisory", **values: object) -> None:
    lines = [{"type": kind, "manager": manager, "unit": ""} for manager in managers]
    Book.of("hr").write(str(number), **worker(number, manager_lines=lines, **values))


def somebody(number: int) -> Person:
    return Person.objects.get(employee_number=f"{number:05d}")


def reasons(person: Person) -> list[str]:
    return list(person.lines.exclude(why="").values_list("why", flat=True))


def test_a_manager_who_arrives_later_is_filled_in_by_the_run_that_brings_them(installed: None) -> None:
    write(1, "9")
    sync()
    assert somebody(1).manager is None and somebody(1).lines.get().manager is None
    later(hours=1)
    write(9)
    sync(mode=RunMode.DELTA)
    assert somebody(1).manager == somebody(9) == somebody(1).lines.get().manager


def test_a_manager_whose_record_was_set_aside_is_filled_in_once_it_is_mended(installed: None) -> None:
    write(1, "9")
    write(9, hire_on="2026-02-31")
    assert sync().counts["parked"] == 1
    assert somebody(1).manager is None
    later(hours=1)
    write(9)
    sync(mode=RunMode.DELTA)
    assert somebody(1).manager == somebody(9)


def test_a_manager_who_waited_for_an_answer_is_filled_in_after_it(installed: None) -> None:
    write(1, "9", work_email="shared@meridian.example")
    write(9, work_email="shared@meridian.example")
    sync()
    case = Case.objects.get()
    waiting, asked = (1, 9) if case.record.external_id == "9" else (9, 1)
    assert (waiting, asked) == (1, 9) and somebody(1).manager is None
    KeepSeparate(None, case).execute("a shared mailbox")
    later(hours=1)
    sync(mode=RunMode.DELTA)
    assert somebody(1).manager == somebody(9)


def test_a_manager_named_by_employee_number_is_met_too(installed: None) -> None:
    """Files name the manager by number, and the number is not always the id of the row."""
    write(1, "00009")
    sync()
    later(hours=1)
    Book.of("hr").write("row-9", **worker(9))
    sync(mode=RunMode.DELTA)
    assert somebody(1).manager == somebody(9)


def test_a_line_that_is_not_the_primary_one_is_closed_as_well(installed: None) -> None:
    write(2)
    lines = [{"type": "supervisory", "manager": "2", "unit": ""}, {"type": "matrix", "manager": "9", "unit": ""}]
    Book.of("hr").write("1", **worker(1, manager_lines=lines))
    sync()
    assert somebody(1).lines.filter(manager=None).count() == 1
    later(hours=1)
    write(9)
    run = sync(mode=RunMode.DELTA)
    assert not somebody(1).lines.filter(manager=None).exists() and somebody(1).manager == somebody(2)
    later(hours=1)
    assert run.phase == "succeeded" and not sync(mode=RunMode.DELTA).counts.get("planned"), "nobody is planned again for nothing"


def test_a_circle_is_said_on_everybody_in_it_and_those_below_keep_their_manager(installed: None) -> None:
    write(1, "2")
    write(2, "3")
    write(3, "1")
    write(4, "3")
    assert sync().counts["in_circle"] == 3
    for number in (1, 2, 3):
        assert somebody(number).manager is None
        assert reasons(somebody(number)) == ["these people report to each other in a circle"]
    assert somebody(4).manager == somebody(3)


def test_somebody_named_as_their_own_manager_has_none_and_it_is_said(installed: None) -> None:
    write(1, "1")
    sync()
    assert somebody(1).manager is None and reasons(somebody(1)) == ["the source names this person as their own manager"]


def test_between_two_of_the_same_kind_somebody_has_to_decide_and_it_is_said(installed: None) -> None:
    write(2)
    write(3)
    write(1, "2", "3")
    sync()
    assert somebody(1).manager is None and {english(one) for one in reasons(somebody(1))} == {
        "more than one supervisory line; somebody has to decide"
    }
    assert Case.objects.get(state="open").kind == "manager_tie"


def test_whoever_was_below_and_is_now_above_makes_no_circle(installed: None) -> None:
    for number, manager in ((1, "7"), (2, "3"), (3, "1"), (7, "8"), (8, "")):
        write(number, *filter(None, [manager]))
    sync()
    later(hours=1)
    write(3, "7", "8")  # from below 1 to above it, and nobody has decided under whom
    write(1, "2")
    run = sync(mode=RunMode.DELTA)
    assert somebody(1).manager == somebody(2) and somebody(3).manager is None
    assert not run.counts.get("in_circle")
