"""Reading back claims only what was read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.outbound.models import Delivery
from tests.company import Company, meridian

pytestmark = pytest.mark.servers


@pytest.fixture
def company(db: None, tmp_path: Path) -> Iterator[Company]:
    with meridian(tmp_path) as company:
        yield company


def test_an_account_is_read_back_and_its_groups_are_not_said_to_be(company: Company) -> None:
    company.night("workday")
    made = Delivery.objects.filter(operation="create", state="delivered")
    groups = Delivery.objects.filter(operation="cohorts", state="delivered")
    assert made.exists() and not made.filter(verified_at=None).exists()
    assert groups.exists() and not groups.exclude(verified_at=None).exists()
