"""What every test stands on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from config.audit import triggers


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The test database without the triggers of the audit trail: they would refuse the flush after each transactional test.

    Tests about the triggers put them back with `append_only_trail`.
    """
    with django_db_blocker.unblock():
        triggers.remove(connection)


@pytest.fixture
def append_only_trail(transactional_db: None) -> Iterator[None]:
    """The audit table as in an installation: it refuses UPDATE, DELETE and TRUNCATE."""
    triggers.install(connection)
    yield
    triggers.remove(connection)
