"""The table of writes: what every page of the menu asks must not read all of it."""

from __future__ import annotations

import pytest
from django.db import connection

from integrations.outbound.models import Delivery, DeliveryState

pytestmark = pytest.mark.django_db


def test_the_failed_writes_are_counted_by_an_index_of_their_own():
    dead = Delivery.objects.filter(state=DeliveryState.DEAD)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # an empty table is read faster than any index
    assert "delivery_dead" in dead.order_by("-id")[:50].explain()
