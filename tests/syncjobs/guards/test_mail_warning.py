"""Before a plan is approved people are told how many mails it sends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.sentences import english
from syncjobs.guards.decisions import ApprovePlan
from tests.company import Company, meridian

pytestmark = pytest.mark.servers


@pytest.fixture
def company(db: None, tmp_path: Path) -> Iterator[Company]:
    with meridian(tmp_path) as company:
        yield company


def set_mails(company: Company, *, on: bool) -> None:
    academy = company.connector("academy")
    academy.settings = {**academy.settings, "auth": "manual" if on else "oidc", "send_mails": on}
    academy.save()


@pytest.mark.parametrize("on", [True, False])
def test_the_preview_says_how_many_people_moodle_will_mail(company: Company, on: bool) -> None:
    set_mails(company, on=on)
    run = company.run("workday", "full", approve=False)
    made = run.plan.counts["academy"]["create"]
    told = [english(line) for line in ApprovePlan(None, run).preview().sentences if "mail" in line]
    assert told == ([f"Moodle Academy will mail a first password to {made} people."] if on else [])
