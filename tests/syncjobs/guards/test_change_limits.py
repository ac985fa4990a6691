"""What a change of limits, pilot group and rules says it does. That everybody is planned again: tests/syncjobs/pipeline/test_again.py."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from config.sentences import english
from identity.people.models import Person, Replan
from integrations.connectors.models import Connector
from syncjobs.guards.change_limits import ChangeLimits
from syncjobs.plans.pilot import among, in_pilot
from tests.contracts.decision import DecisionContract
from tests.rows import a_connector, a_person, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return [
        a_person(1, department="Digital", location="Berlin"),
        a_person(2, department="Sales", location="Tokyo", unit="su-9", unit_path=["su-1", "su-9"]),
        a_person(3, department="Sales", location="Berlin", unit_path=["Übung „A“"]),
    ]


def said(connector: Connector, **changes: object) -> list[str]:
    return [english(line) for line in ChangeLimits(None, connector, changes).preview().sentences]


class TestChangeLimits(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return ChangeLimits(entitled, a_connector(), {"guard": {"deactivate": {"people": 1, "share": 0.01, "most": 5}}})


def test_a_guard_says_the_numbers_and_whether_it_becomes_looser(people):
    found = said(
        a_connector(), guard={"deactivate": {"people": 3, "share": 0.5, "most": 500}, "create": {"people": 1, "share": 0.1, "most": 200}}
    )
    assert "Suspended accounts: from 3 people and 10 % on, never more than 200 → from 3 people and 50 % on, never more than 500" in found
    assert "The guard becomes looser: more goes through without anybody looking (Suspended accounts)." in found
    assert "The guard becomes stricter: plans are stopped sooner (New accounts)." in found


def test_limits_written_out_that_are_the_defaults_change_nothing():
    decision = ChangeLimits(None, a_connector(), {"guard": {"create": {"people": 3, "share": 0.1, "most": 200}}})
    assert decision.is_empty


def test_a_pilot_group_says_how_many_take_part_and_what_becomes_of_the_others(people):
    found = said(a_connector(), pilot={"units": ["Digital"]})
    assert found[0] == "Pilot group: everybody → Business units: Digital"
    assert "1 person takes part, so far 3." in found
    assert any(sentence.startswith("Whoever is outside keeps the account") for sentence in found)


@pytest.mark.parametrize(
    ("pilot", "inside"),
    [
        ({}, [1, 2, 3]),
        ({"units": ["Sales"]}, [2, 3]),
        ({"units": ["su-1"]}, [2]),
        ({"units": ["su-9"]}, [2]),
        ({"units": ["su"]}, []),
        ({"units": ["Übung „A“"]}, [3]),
        ({"locations": ["Berlin"]}, [1, 3]),
        ({"people": ["P-000002", "10001"]}, [1, 2]),
        ({"people": ["2"]}, []),
        ({"units": ["Digital"], "locations": ["Tokyo"]}, [1, 2]),
    ],
)
def test_the_table_and_the_plan_agree_on_who_is_inside(people, pilot, inside):
    connector = Connector.objects.get()
    connector.pilot = pilot
    pictures = [SimpleNamespace(person_id=one.pk, values=one.values) for one in people]
    assert [one.person_id for one in pictures if in_pilot(one.person_id, one.values, connector)] == inside
    assert list(among(Person.objects.all(), pilot).order_by("pk").values_list("pk", flat=True)) == inside


def test_it_says_how_many_are_planned_again_and_asks_nobody_one_by_one(people):
    found = said(a_connector(), pilot={"units": ["Digital"]})
    assert "3 people are planned again now; the guard weighs that plan before anything is written." in found
    ChangeLimits(staff("administrator"), Connector.objects.get(), {"pilot": {"units": ["Digital"]}}).execute("the next step")
    assert Connector.objects.get().rules_changed_at and not Replan.objects.exists()


def test_a_rule_is_said_in_the_words_of_its_form(people):
    decision = ChangeLimits(None, Connector.objects.get(), {"policy": {"leaver_rule": "last_day"}})
    rule = english(decision.preview().sentences[0])
    assert rule == "Leavers lose access: at the end of the termination date → at the end of the last working day"


def test_suspending_people_on_leave_says_how_many_lose_something(people):
    Person.objects.filter(pk=3).update(standing="on_leave")
    academy = a_connector("academy")
    assert ChangeLimits(None, academy, {"policy": {"on_leave": "suspended"}}).preview().danger == 1


def test_the_hours_until_a_plan_lapses_bring_nobody_back(people):
    assert said(Connector.objects.get(), policy={"hold_lapses_hours": 12}) == ["Hours until a stopped plan lapses: 48 → 12"]
