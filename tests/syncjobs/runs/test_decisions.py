from __future__ import annotations

import pytest

from config.roles.models import User
from syncjobs.runs.decisions import RetryFailed
from tests.contracts.decision import DecisionContract
from tests.syncjobs.pages.run_rows import a_run


class TestRetryARunThatFailed(DecisionContract):
    @pytest.fixture
    def decision(self, entitled: User) -> RetryFailed:
        return RetryFailed(entitled, a_run(phase="failed", stage="fetch", error_code="credential_expired", counts={}))
