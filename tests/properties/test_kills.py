"""kill -9 of the worker at seeded moments: the end is that of a history nobody disturbed (I13)."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from syncjobs.guards.decisions import ApprovePlan
from syncjobs.runs.models import WORKABLE, Phase, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode, SyncSchedule
from tests.company import Company, later, meridian
from tests.endings import happen, snapshot

LEASES_MINUTES = 3  # longer than any lease: what a dead worker held is free again
LIVES = 200  # of workers in one history: far more than any needs


@dataclass
class Killer:
    """Says where the next worker dies, as long as there are kills left. Without a seed nobody is killed."""

    seed: int | None = None
    left: int = 0
    done: int = 0
    choice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.choice = random.Random(self.seed)

    def place(self) -> tuple[str, float]:
        """After so many commits or answers, or ("") after so many seconds."""
        if self.left <= 0:
            return "", 0
        kind = self.choice.choice(("commit", "commit", "call", "moment"))
        if kind == "moment":
            return "", self.choice.uniform(0.02, 0.6)
        return f"{kind}:{self.choice.randint(2, 9)}", 0


def live(company: Company, killer: Killer) -> int | None:
    """One worker from birth to its end. Returns its exit code, None when it was killed."""
    place, seconds = killer.place()
    environment = {
        **os.environ,
        "ROLLCALL_SANDBOX_HOSTS": company.box.host,
        "ROLLCALL_FILE_FOLDERS": ",".join(settings.FILE_FOLDERS),
        "ROLLCALL_DATA_DIR": str(settings.DATA_DIR),
        "ROLLCALL_FIELD_KEYS": ",".join(settings.FIELD_KEYS),
    }
    name = str(connection.settings_dict["NAME"])
    order = [sys.executable, "-m", "tests.properties.worker", name, *([place] if place else [])]
    with subprocess.Popen(order, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n", process.stderr and process.stderr.read()
        try:
            process.communicate(timeout=seconds or None)
        except subprocess.TimeoutExpired:
            process.kill()
        code = process.wait()
    if code == -9:
        killer.left, killer.done = killer.left - 1, killer.done + 1
        return None
    assert code in (0, 3), code
    return code


def work(company: Company, run: SyncRun, killer: Killer, kills: int = 0) -> None:
    """Workers are born and killed until the run ends, approved where it is held."""
    killer.left = kills if killer.seed is not None else 0
    for _ in range(LIVES):
        code = live(company, killer)
        later(minutes=LEASES_MINUTES)
        run.refresh_from_db()
        if run.phase in (Phase.AWAITING, Phase.HELD):
            ApprovePlan(None, run).execute("looked at, and right")
            killer.left = kills if killer.seed is not None else 0
        elif code == 0 and run.phase not in WORKABLE:
            return
    raise AssertionError(f"the run never ended: {run.phase} {run.stage} {run.error_code} {run.error_detail}")


def start(company: Company, key: str, mode: RunMode) -> SyncRun:
    return start_run(company.connector(key), Trigger.MANUAL, mode)


def history(folder: Path, size: int, killer: Killer, kills: int) -> dict[str, Any]:
    """Two sources are read for the first time, a day goes by, one is read again; the end as values."""
    with meridian(folder, size) as company:
        SyncSchedule.objects.all().delete()
        work(company, start(company, "workday", RunMode.FULL), killer, kills)
        work(company, start(company, "bamboohr", RunMode.FULL), killer, kills)
        happen(company)
        work(company, start(company, "workday", RunMode.DELTA), killer, kills)
        return snapshot(company)


def compare(tmp_path: Path, size: int, seed: int, kills: int, at_least: int) -> int:
    calm = history(tmp_path / "calm", size, Killer(), 0)
    call_command("flush", verbosity=0, interactive=False)
    began = time.monotonic()
    killer = Killer(seed)
    killed = history(tmp_path / "killed", size, killer, kills)
    seconds = time.monotonic() - began
    sys.stderr.write(f"{killer.done} kills among {len(killed['people'])} people in {seconds:.1f} s\n")
    assert killer.done >= at_least
    for part, state in calm.items():
        assert killed[part] == state, part
    assert calm["ledger"] == [] and calm["trail"] is True
    emails = [json.loads(account)["email"] for account in killed["accounts"]]
    assert len(emails) == len(set(emails)), "nobody has two accounts"
    return killer.done


@pytest.mark.django_db(transaction=True)
def test_twenty_kills_among_three_hundred_people_end_where_an_undisturbed_history_ends(tmp_path: Path) -> None:
    assert compare(tmp_path, 300, seed=20, kills=12, at_least=20) >= 20


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(4))
def test_kills_among_five_thousand_people_end_where_an_undisturbed_history_ends(tmp_path: Path, seed: int) -> None:
    assert compare(tmp_path, 5000, seed=seed, kills=5, at_least=20) >= 20
