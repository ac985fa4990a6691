from __future__ import annotations

import pytest

from identity.organisation.decisions import ChoosePrimaryManager
from identity.organisation.models import PrimaryChoice
from identity.organisation.primary_manager import pick
from identity.people.models import Link
from syncjobs.plans.build import changes, draft_of
from syncjobs.plans.models import Plan
from syncjobs.runs.context import Context
from syncjobs.runs.models import SyncRun
from tests.contracts.decision import DecisionContract
from tests.rows import a_case, a_cause, a_person

TWO = [{"type": "supervisory", "manager": "w2"}, {"type": "supervisory", "manager": "w3"}]


class TestChoosePrimaryManager(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        person, manager = a_person(1), a_person(2)
        case = a_case(Link.objects.get(person=person).record, person, kind="manager_tie")
        return ChoosePrimaryManager(entitled, case, person, manager)


def test_the_manager_somebody_chose_is_primary_and_there_is_no_tie():
    assert pick(TWO, chosen="w3").index == 1 and pick(TWO, chosen="w3").tie == ()


def test_the_choice_outranks_the_manager_of_until_now():
    assert pick(TWO, current="w2", chosen="w3").index == 1


def test_a_choice_the_source_no_longer_names_counts_no_more():
    assert pick(TWO, current="w2", chosen="w9").tie == ("w2", "w3")


def test_a_choice_never_outranks_a_stronger_line():
    lines = [{"type": "supervisory", "manager": "w2"}, {"type": "matrix", "manager": "w3"}]
    assert pick(lines, chosen="w3").index == 0


@pytest.mark.django_db
def test_the_next_plan_follows_the_choice():
    person = a_person(1, manager_lines=TWO)
    a_person(2), a_person(3)
    PrimaryChoice.objects.create(person=person, manager_id=3, cause=a_cause(), at=person.created_at)
    run = SyncRun(pk=0, connector=Link.objects.get(person=person).record.connector)
    rows, _counts = changes(Plan(pk=0), draft_of(run, Context(), [1]))
    own = next(row for row in rows if row[1] is None)
    assert own[8]["manager"] == "P-000003" and own[9]["tie"] == []
