"""The clock: the sandbox may move it, production may not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import override_settings

from config import clock
from config.health.models import SandboxClock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_clock() -> Iterator[None]:
    clock.forget()
    yield
    clock.forget()


def test_the_sandbox_moves_it_forward_for_everybody() -> None:
    before = clock.now()
    clock.advance(timedelta(days=1))
    assert timedelta(days=1) <= clock.now() - before < timedelta(days=1, minutes=5)
    clock.forget()  # as another process, which reads the row
    assert clock.offset() == timedelta(days=1)


@override_settings(PRODUCTION=True)
def test_production_neither_moves_it_nor_believes_a_row_that_says_so() -> None:
    with pytest.raises(RuntimeError, match="cannot be moved"):
        clock.advance(timedelta(days=1))
    assert not SandboxClock.objects.exists()
    SandboxClock.objects.create(pk=1, offset_seconds=86_400)
    assert clock.offset() == timedelta()
