"""Random histories between a book and a shelf; tests/builders.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config import clock
from tests.builders import install
from tests.company import MORNING, set_clock


@pytest.fixture
def installed(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    set_clock(MORNING)
    install(monkeypatch)
    yield
    clock.forget()
