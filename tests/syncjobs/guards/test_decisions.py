from __future__ import annotations

import pytest

from syncjobs.guards.decisions import ApprovePlan, RefusePlan
from tests.contracts.decision import DecisionContract
from tests.syncjobs.pages.run_rows import a_held_run


class TestApprovePlan(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return ApprovePlan(entitled, a_held_run())


class TestApproveAPartOfAPlan(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return ApprovePlan(entitled, a_held_run(), [("academy", "create")])


class TestRefusePlan(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return RefusePlan(entitled, a_held_run())
