from __future__ import annotations

import pytest

from integrations.outbound.decisions import GiveUpDelivery, RetryDeliveries
from tests.contracts.decision import DecisionContract
from tests.rows import a_delivery, a_person


class TestRetryDeliveries(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return RetryDeliveries(entitled, [a_delivery(a_person(1), state="dead").pk])


class TestGiveUpDelivery(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return GiveUpDelivery(entitled, a_delivery(a_person(1), state="dead"))
