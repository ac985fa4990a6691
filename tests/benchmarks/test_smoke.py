"""The benchmarks themselves: that they run and add up. They judge no speed: this machine may be busy."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.benchmarks.ground import ROOT
from tests.benchmarks.pages import NAMES, addresses

pytestmark = pytest.mark.postgres
PEOPLE = 1000


def bench(*args: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks", "--people", str(PEOPLE), "--repeat", "1", *args]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.timeout(300)
def test_a_small_session_measures_every_stage() -> None:
    found = bench("--only", "baselines,csv_file")
    load = found["csv_file"]["first_load"]
    assert load["people"] == PEOPLE
    assert {"fetch", "resolve", "plan"} <= set(load["us_per_person"])
    assert load["rows_per_person"]["integrations_sourcerecord"] == pytest.approx(1, abs=0.01)
    assert found["of_copy"]["csv_file"] > 0


@pytest.mark.timeout(300)
def test_a_quiet_night_writes_nothing_but_the_rows_of_its_run() -> None:
    written = bench("--only", "csv_file")["csv_file"]["nothing_changed"]["rows_written"]
    assert not {name for name in written if name.startswith("identity_")}
    assert "integrations_sourcerecord" not in written
    assert "syncjobs_recordoutcome" not in written
    assert "syncjobs_plannedchange" not in written


@pytest.mark.django_db
def test_every_page_that_is_to_be_timed_has_an_address() -> None:
    about_something = {"run", "person", "connector", "case"}
    assert {name for name, _ in addresses()} == set(NAMES) - about_something
