"""Tests of the runs play between a book and a shelf; tests/builders.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config import clock
from tests.builders import install
from tests.company import MORNING, set_clock


@pytest.fixture
def installed(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A source “hr” and a target “lms”; the clock stands."""
    set_clock(MORNING)
    install(monkeypatch)
    yield
    clock.forget()


@pytest.fixture
def two_sources(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Sources “hr” (leads) and “it”, one issuer of employee numbers."""
    set_clock(MORNING)
    install(monkeypatch, sources=("hr", "it"))
    yield
    clock.forget()
