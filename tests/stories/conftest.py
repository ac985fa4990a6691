"""Every story plays in a company of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.company import Company, meridian


@pytest.fixture
def company(db: None, tmp_path: Path) -> Iterator[Company]:
    with meridian(tmp_path) as company:
        yield company
