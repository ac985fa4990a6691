from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from syncjobs.explain.absence import Absence
from syncjobs.explain.account import Held, Situation, paragraph

MOODLE = [Held("Academy", is_suspended=False)]


@pytest.mark.parametrize(
    ("situation", "told"),
    [
        (
            Situation("Noor", "active", "Workday", date(2024, 3, 1), accounts=MOODLE),
            "Noor has one account, in Academy, because Workday says: works here since 1 March 2024.",
        ),
        (
            Situation("Lena", "active", "Workday", date(2026, 6, 15), accounts=MOODLE, today=date(2026, 6, 12)),
            "Lena has one account, in Academy, because Workday says: starts on 15 June 2026.",
        ),
        (
            Situation("Haruto", "left", "Workday", leaves_on=date(2026, 6, 10), accounts=[Held("Academy", is_suspended=True)]),
            "Haruto's account in Academy is suspended because Workday says: left after 10 June 2026.",
        ),
        (
            Situation("Mahmoud", "left", "HR extract", leaves_on=date(2026, 11, 26), accounts=MOODLE),
            "Mahmoud can still sign in to Academy, although HR extract says: left after 26 November 2026.",
        ),
        (
            Situation("Mahmoud", "left", "Workday", accounts=[*MOODLE, Held("Library", is_suspended=True)]),
            "Mahmoud can still sign in to Academy, although Workday says: left.",
        ),
        (
            Situation("Lena", "before", "Workday", date(2026, 6, 15), missing=[Absence("Academy", "before")]),
            "Lena has no account in Academy yet; it is made on the first day.",
        ),
        (
            Situation("Jane", "active", "Workday", missing=[Absence("Academy", "question")]),
            "Jane has no account in Academy yet: a question waits for an answer.",
        ),
        (Situation("Ana", "left", missing=[Absence("Academy", "left")]), "Ana has no account in Academy, and gets none after leaving."),
        (
            Situation("Bo", "active", missing=[Absence("A", "left"), Absence("B", "held", (("run", 7),)), Absence("C", "left")]),
            "Bo has no account in A and C, and gets none after leaving. "
            "Bo has no account in B yet: run 7, which would make it, waits for an approval.",
        ),
    ],
)
def test_the_reason_of_an_account_or_of_none_is_told(situation, told):
    assert paragraph(situation) == told


def test_managers_other_sources_and_what_waits_follow():
    it = Situation(
        "Marco",
        "active",
        "Workday",
        accounts=MOODLE,
        managers=2,
        primary="Yusuf Demir",
        why_primary="functional lines come first",
        other_sources=["BambooHR", "HR extract"],
        waiting=1,
        failed=2,
        next_change_at=datetime(2026, 6, 30, 22, 0, tzinfo=UTC),
    )
    told = paragraph(it)
    assert "Both reporting lines are kept; Yusuf Demir is the primary manager: functional lines come first." in told
    assert "Workday, BambooHR and HR extract speak of the same person; where they disagree, Workday wins." in told
    assert "1 change is on its way. 2 changes did not get there." in told
    assert "due on 30 June 2026" in told


def test_nothing_known_is_nothing_said():
    assert paragraph(Situation("Nobody", "active")) == ""


def test_a_manager_who_is_not_here_is_said():
    assert "No manager is primary" in paragraph(Situation("Marco", "active", managers=1))


def test_a_refused_account_says_why_and_claims_nothing_to_be_on_its_way():
    refused = Absence("Moodle", "refused", (("error", "value_taken"),))
    said = paragraph(Situation("Marco Rossi", "active", missing=(refused,), waiting=1, failed=1))
    assert "Give this person another one at the source" in said and "on its way" not in said and "did not get there" not in said
