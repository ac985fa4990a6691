"""A run in sentences: its sums, its window and its bar."""

from __future__ import annotations

import pytest
from django.utils import timezone

from config.sentences import sentence
from integrations.connectors.models import Connector
from syncjobs.pages.run_words import covered, stage_bar, stopped, totals
from syncjobs.runs.models import SyncRun


def test_what_was_read_equals_the_sum_of_what_became_of_it():
    sums = totals({"heard": 941, "same": 936, "staged": 5, "parked": 0}, in_plan=5)
    assert sums is not None and sums.missing == 0
    assert [(n, str(text)) for n, text in sums.parts] == [(936, "unchanged"), (5, "new or changed"), (0, "set aside")]


def test_a_record_that_came_on_two_pages_is_not_counted_as_two_people():
    sums = totals({"heard": 81, "waited": 5, "same": 41, "staged": 45}, in_plan=37)
    assert sums is not None and sums.missing == 0
    assert (37, "new or changed") in [(n, str(text)) for n, text in sums.parts]
    assert (8, "heard twice") in [(n, str(text)) for n, text in sums.parts]


def test_erased_records_close_the_sum_and_nothing_else_does():
    erased = totals({"heard": 10, "same": 8, "gone": 2}, in_plan=0)
    lost = totals({"heard": 10, "same": 8}, in_plan=0)
    assert erased is not None and erased.missing == 0
    assert lost is not None and lost.missing == 2


def test_a_run_of_chosen_people_has_no_sum():
    assert totals({"staged": 1}, in_plan=1) is None


def test_the_window_says_what_was_asked_and_whether_the_answer_was_complete():
    run = SyncRun(
        connector=Connector(vendor="workday"),
        window={
            "workers": {
                "since": None,
                "until": "2026-11-23T01:00:00+00:00",
                "proof": sentence("all %(n)s announced records came", n=900),
                "is_complete": True,
            },
            "units": {
                "since": "2026-11-22T01:00:00+00:00",
                "until": "2026-11-23T01:00:00+00:00",
                "proof": "the last page never came",
                "is_complete": False,
            },
        },
    )
    with timezone.override("Europe/Berlin"):
        workers, units = covered(run)
    assert workers == "Workers: everything, as of 23 Nov 2026, 02:00. Complete: all 900 announced records came."
    assert units.startswith("Organisations: what changed from 22 Nov 2026, 02:00 to 23 Nov 2026, 02:00.")
    assert "Not complete, so the next run asks for these changes again: the last page never came." in units


@pytest.mark.parametrize(
    ("phase", "said"), [("planning", "Still being read."), ("held", "Not read to its end."), ("failed", "Not read to its end.")]
)
def test_only_a_run_at_work_is_still_reading(phase, said):
    run = SyncRun(
        phase=phase, connector=Connector(vendor="workday"), window={"workers": {"since": None, "until": "2026-11-23T01:00:00+00:00"}}
    )
    (workers,) = covered(run)
    assert workers.endswith(said)


@pytest.mark.parametrize(
    ("phase", "stage", "states"),
    [
        ("held", "guard", ["done", "done", "done", "held", "todo", "todo", "todo"]),
        ("planning", "fetch", ["now", "todo", "todo", "todo", "todo", "todo", "todo"]),
        ("failed", "fetch", ["failed", "todo", "todo", "todo", "todo", "todo", "todo"]),
        ("succeeded", "verify", ["done"] * 7),
        ("applying", "deliver", ["done", "done", "done", "done", "done", "now", "todo"]),
        ("cancelled", "guard", ["done", "done", "done", "todo", "todo", "todo", "todo"]),
        ("queued", "fetch", ["todo"] * 7),
    ],
)
def test_the_bar_shows_where_the_run_is(phase, stage, states):
    run = SyncRun(phase=phase, stage=stage, counts={"heard": 941, "staged": 5, "planned": 5})
    assert [one.state for one in stage_bar(run, 0, 0)] == states


def test_a_hold_is_told_with_its_number():
    assert stopped(212, "deactivate") == "Stopped before the first write: 212 people would be deactivated"
    assert stopped(1, "create") == "Stopped before the first write: 1 person would get a new account"
    assert stopped(0, "") == "Stopped before the first write"
