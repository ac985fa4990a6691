"""kill -9 of the worker at seeded moments: the end is that of a history nobody disturbed (I13)."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from config import clock
from config.audit.chain import verify
from identity.cases.models import Case
from identity.people.models import Link, Person, public_id
from integrations.outbound.models import Delivery
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.ledger.verify import verify_ledger
from syncjobs.runs.models import WORKABLE, Phase, RecordOutcome, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode, SyncSchedule
from tests.company import Company, later, meridian

LEASES_MINUTES = 3  # longer than any lease: what a dead worker held is free again
OUR_ID = re.compile(r"P-\d{6,}")
# Not "heard" and "same": a read that goes on after a kill may be told a unit a second time.
COUNTED = ("new", "staged", "cases", "parked", "gone", "chosen", "planned", "dead", "differ")
ROW_OWN = ("id", "timecreated", "timemodified")
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


def happen(company: Company) -> None:
    """What one day brings: hires, moves, titles, leavers."""
    ordinary = [one for one in company.hr.workers("workday") if one.kind == "employee" and one.employee_number > "20000"]
    for number in range(5):
        company.hr.do("hire", hr="workday", given=f"New{number}", family="Prado", hire_on=clock.today(), location_code="MAD")
    for place, one in enumerate(ordinary[:12]):
        company.hr.do("change_title", hr="workday", key=one.key, title=f"Auditor {place}")
    for one in [one for one in ordinary[12:40] if one.location_code != "BER"][:4]:
        company.hr.do("move", hr="workday", key=one.key, location_code="BER")
    for one in [one for one in ordinary[40:] if not one.termination_on][:3]:
        company.hr.do("terminate", hr="workday", key=one.key, last_day_on=clock.today(), termination_on=clock.today())


def history(folder: Path, size: int, killer: Killer, kills: int) -> dict[str, Any]:
    """Two sources are read for the first time, a day goes by, one is read again; the end as values."""
    with meridian(folder, size) as company:
        SyncSchedule.objects.all().delete()
        work(company, start(company, "workday", RunMode.FULL), killer, kills)
        work(company, start(company, "bamboohr", RunMode.FULL), killer, kills)
        happen(company)
        work(company, start(company, "workday", RunMode.DELTA), killer, kills)
        return snapshot(company)


def snapshot(company: Company) -> dict[str, Any]:
    """The state in words that do not depend on row numbers or clocks."""
    number = {person.public_id: person.employee_number for person in Person.objects.all()}

    def named(value: Any) -> str:
        return OUR_ID.sub(lambda found: number.get(found[0], found[0]), json.dumps(value, sort_keys=True, default=str))

    accounts = [{key: value for key, value in one.items() if key not in ROW_OWN} for one in company.accounts()]
    users = {str(one["id"]): one["username"] for one in company.accounts()}
    links = Link.objects.filter(until=None).values_list("person_id", "record__connector__key", "record__external_id")
    cases = Case.objects.values_list("kind", "state", "record__connector__key", "record__external_id")
    deliveries = Delivery.objects.values_list("subject_id", "operation", "values", "state")
    return {
        "people": {
            person.employee_number: (person.standing, named(person.values), person.manager and person.manager.employee_number)
            for person in Person.objects.select_related("manager")
        },
        "links": sorted((named(public_id(person)), key, remote_name(users, key, remote)) for person, key, remote in links),
        "accounts": sorted(named(account) for account in accounts),
        "deliveries": Counter((named(public_id(person)), verb, named(values), state) for person, verb, values, state in deliveries),
        "cases": sorted((kind, state, remote_name(users, key, remote)) for kind, state, key, remote in cases),
        "runs": [(run.phase, {key: run.counts.get(key) for key in COUNTED}) for run in SyncRun.objects.order_by("pk")],
        "outcomes": Counter(RecordOutcome.objects.values_list("run__connector__key", "outcome")),
        "ledger": [finding.check for finding in verify_ledger()],
        "trail": verify().is_intact,
    }


def remote_name(users: dict[str, str], key: str, remote: str) -> str:
    """An account's own number depends on who was made first; its name does not."""
    return users.get(remote, "") if key == "academy" else remote


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
