from __future__ import annotations

from datetime import timedelta

import pytest

from config import clock
from integrations.connectors.models import Connector
from integrations.outbound.decisions import EndRest, GiveUpDelivery, RetryDeliveries
from integrations.outbound.models import Delivery
from tests.contracts.decision import DecisionContract
from tests.rows import a_connector, a_delivery, a_person


class TestRetryDeliveries(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return RetryDeliveries(entitled, [a_delivery(a_person(1), state="dead").pk])


class TestGiveUpDelivery(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return GiveUpDelivery(entitled, a_delivery(a_person(1), state="dead"))


class TestEndRest(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return EndRest(entitled, a_connector("academy", breaker_until=clock.now() + timedelta(minutes=5)))


@pytest.mark.django_db
def test_who_ends_the_rest_sends_what_it_had_put_back_and_nothing_that_waits_for_a_reason_of_its_own():
    until, later = clock.now() + timedelta(minutes=5), clock.now() + timedelta(hours=1)
    academy = a_connector("academy", breaker_until=until)
    put_back, waiting = (a_delivery(a_person(number), state="pending") for number in (1, 2))
    Delivery.objects.filter(pk=put_back.pk).update(due_at=until)
    Delivery.objects.filter(pk=waiting.pk).update(due_at=later)
    EndRest(None, academy).execute()
    assert Connector.objects.get(pk=academy.pk).breaker_until is None
    assert Delivery.objects.get(pk=put_back.pk).due_at <= clock.now() and Delivery.objects.get(pk=waiting.pk).due_at == later
