"""What a page costs: the queries of one look at it."""

from __future__ import annotations

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def cost(client: Client, address: str) -> int:
    """No figure is remembered from the page before, and the clock stands. The very first look of a process counts more."""
    for _ in range(2):
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
    return len(asked)
