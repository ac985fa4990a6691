"""The guard's numbers: the same for everybody until a connector says otherwise."""

from __future__ import annotations

import pytest

from config.sentences import english
from integrations.connectors.models import Connector
from syncjobs.guards.limits import Limit, limit_for, weigh
from syncjobs.guards.models import Hold
from tests.builders import Book, sync, worker


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
