from __future__ import annotations

from datetime import timedelta

import pytest

from config import clock
from config.audit.models import AuditEntry
from identity.matching.decisions import DeferCase, KeepSeparate, LinkRecord
from tests.contracts.decision import DecisionContract
from tests.rows import a_case, a_connector, a_person, a_record


@pytest.fixture
def case(db):
    return a_case(a_record(a_connector("bamboohr"), "b9", {}), a_person(1))


class TestLinkRecord(DecisionContract):
    @pytest.fixture
    def decision(self, entitled, case):
        return LinkRecord(entitled, case, case.candidates.get().person)


class TestKeepSeparate(DecisionContract):
    @pytest.fixture
    def decision(self, entitled, case):
        return KeepSeparate(entitled, case)


class TestKeepAnAccountSeparate(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return KeepSeparate(entitled, a_case(a_record(a_connector("academy"), "4", {}), a_person(1), kind="already_there"))


@pytest.mark.parametrize("answer", ["same", "new"])
def test_the_trail_of_the_person_shows_who_answered_and_why(case, answer):
    person = case.candidates.get().person
    decision = LinkRecord(None, case, person) if answer == "same" else KeepSeparate(None, case)
    cause = decision.execute("spoke to her")
    entry = AuditEntry.objects.get(object_type="person", object_id=person.public_id)
    assert (entry.action, entry.cause, entry.cause.reason) == ("person.answered", cause, "spoke to her")


class TestDeferCase(DecisionContract):
    @pytest.fixture
    def decision(self, entitled, case):
        return DeferCase(entitled, case, clock.today() + timedelta(days=1))
