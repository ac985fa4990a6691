"""A demo of its own for the pictures: the real processes on a data folder that is made anew, and a day on which something happened.

Nothing is put into tables by hand. People and faults change in the sandbox, runs are started like a press of the button starts them,
the worker works on them, and questions are answered by the decisions of the case page.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parent.parent.parent
FOLDER = BASE / ".data" / "screenshots"
PATIENCE_SECONDS = 300.0
LEAVERS = 212  # more than the guard lets through unasked


def choose_surroundings(*, anew: bool) -> None:
    """To be called before Django is set up, which makes keys in the data folder. Whatever installation this shell is for stays as it is."""
    if anew:
        shutil.rmtree(FOLDER, ignore_errors=True)
    for name in [name for name in os.environ if name.startswith("ROLLCALL_") or name in ("DATABASE_URL", "REDIS_URL")]:
        del os.environ[name]
    web, box = _ports()
    os.environ |= {
        "ROLLCALL_DATA_DIR": str(FOLDER),
        "ROLLCALL_SANDBOX_URL": f"http://127.0.0.1:{box}",
        "ROLLCALL_PUBLIC_URL": f"http://127.0.0.1:{web}",
        "PORT": str(web),
    }


def _ports() -> tuple[int, int]:
    """Of the pages and of the sandbox; the same for another look, because the connectors remember where the sandbox is."""
    kept = FOLDER / "ports"
    if not kept.exists():
        with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
            FOLDER.mkdir(parents=True, exist_ok=True)
            kept.write_text(f"{one.getsockname()[1]} {other.getsockname()[1]}")
    web, box = kept.read_text().split()
    return int(web), int(box)


@contextmanager
def demo() -> Iterator[str]:
    """The whole demo, loaded and ready; its address. All of it is gone afterwards but the data, for another look."""
    log = FOLDER / "log"
    with log.open("wb") as lines:
        command = [sys.executable, "-m", "config.supervisor"]
        process = subprocess.Popen(command, cwd=BASE, stdin=subprocess.DEVNULL, stdout=lines, stderr=subprocess.STDOUT)
    try:
        wait_for(lambda: "Stop with Ctrl-C." in log.read_text(errors="replace") or process.poll() is not None, "the demo")
        if process.poll() is not None:
            raise RuntimeError(f"the demo ended: {log.read_text(errors='replace')[-2000:]}")
        yield os.environ["ROLLCALL_PUBLIC_URL"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def a_day() -> None:
    """Two questions answered, a field nobody fills any more, a handful of changes, records set aside, and a plan that the guard holds."""
    from config import clock
    from identity.matching.decisions import KeepSeparate, LinkRecord
    from integrations.sandbox import cast
    from syncjobs.schedules.models import RunMode

    box = Box(os.environ["ROLLCALL_SANDBOX_URL"])
    jane = _question(cast.JANE_DOE.employee_number)
    LinkRecord(_login("lea"), jane, jane.candidates.get().person).execute("Asked her: it is her account from the pilot.")
    KeepSeparate(_login("lea"), _question(cast.MARCO_ROSSI.employee_number)).execute("Another Marco Rossi, who was here as a student.")
    _no_longer_fills("academy", "users", "department")
    _until_quiet()

    noor, omar = {"hr": "workday", "key": cast.NOOR_VAN_DEN_BERG.key}, {"hr": "workday", "key": cast.OMAR_HADDAD.key}
    box.happens("change_title", **noor, title=cast.NOOR_NEW_TITLE)
    box.happens("move", **omar, location_code="BER")
    box.happens("hire", hr="workday", given="Ines", family="Prado", location_code="MAD", title="Partner Manager I")
    for person in box.people("workday", start=100, limit=6):
        box.happens("rename", hr="workday", key=person["key"], preferred=f"{person['given'][:3]}i")
    box.breaks("workday", unknown_location=True)
    assert _run("workday", RunMode.DELTA) == "succeeded"
    box.breaks("workday", clear=True)

    box.breaks("bamboohr", bad_dates=True)
    assert _run("bamboohr", RunMode.FULL) == "partial"
    box.breaks("bamboohr", clear=True)

    for person in box.people("workday", start=20, limit=14):
        box.happens("change_title", hr="workday", key=person["key"], title=f"Senior {person['title'].partition(' I')[0]}")
    for person in box.people("workday", start=130, limit=9):
        box.happens("move", hr="workday", key=person["key"], location_code="BER" if person["location_code"] != "BER" else "MAD")
    box.happens("hire", hr="workday", given="Tomás", family="Quintero", location_code="MAD", title="Sales Engineer I")
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    known = {member.key for member in cast.WORKDAY}
    staying = [one for one in box.people("workday", start=400, limit=500) if one["state"] == "active" and one["key"] not in known]
    for person in staying[:LEAVERS]:
        box.happens("terminate", hr="workday", key=person["key"], last_day_on=yesterday)
    assert _run("workday", RunMode.DELTA) == "held"


class Box:
    """The sandbox, by its control API."""

    def __init__(self, url: str) -> None:
        self.url = url

    def happens(self, verb: str, **values: Any) -> None:
        self._post(f"world/{verb}", values)

    def breaks(self, vendor: str, **switches: Any) -> None:
        self._post(f"faults/{vendor}", switches)

    def people(self, hr: str, start: int, limit: int) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.url}/control/people?hr={hr}&start={start}&limit={limit}", timeout=30) as answer:
            found: list[dict[str, Any]] = json.load(answer)["people"]
        return found

    def _post(self, word: str, values: dict[str, Any]) -> None:
        asked = urllib.request.Request(f"{self.url}/control/{word}", data=json.dumps(values).encode(), method="POST")
        try:
            urllib.request.urlopen(asked, timeout=30).close()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{word} {values}: {error.read().decode()}") from error


def _login(name: str) -> Any:
    from config.roles.models import User

    return User.objects.get(username=name)


def _question(number: str) -> Any:
    from identity.cases.models import Case

    return Case.objects.get(kind="already_there", state="open", candidates__person__employee_number=number)


def _run(key: str, mode: str) -> str:
    """As the button does it; the worker of the demo works on it. Returns how it ended, or that it waits for somebody."""
    from integrations.connectors.models import Connector
    from syncjobs.runs.models import Phase, Trigger
    from syncjobs.runs.start import start_run

    run = start_run(Connector.objects.get(key=key), Trigger.MANUAL, mode, actor=_login("lea"))

    def is_over() -> bool:
        run.refresh_from_db()
        return run.finished_at is not None or run.phase in (Phase.HELD, Phase.AWAITING)

    wait_for(is_over, f"the run of {key}")
    return str(run.phase)


def _no_longer_fills(key: str, stream: str, field: str) -> None:
    """A row of the mapping goes; what it filled stays there, until somebody wants it removed."""
    from integrations.connectors.models import Connector
    from integrations.mapping.decisions import PublishMapping
    from integrations.mapping.versions import draft

    begun = draft(Connector.objects.get(key=key), stream, _login("lea"))
    begun.rows.get(target=field).delete()
    PublishMapping(_login("lea"), begun).execute("Nobody looks at it there.")


def _until_quiet() -> None:
    """What was decided has been planned and sent."""
    from identity.people.models import Replan
    from integrations.outbound.models import Delivery
    from syncjobs.runs.models import LIVE, SyncRun

    def is_quiet() -> bool:
        waits = Replan.objects.exists() or SyncRun.objects.filter(phase__in=LIVE).exists()
        return not waits and not Delivery.objects.filter(state__in=("pending", "sending")).exists()

    wait_for(is_quiet, "what was decided")


def wait_for(condition: Callable[[], bool], what: str) -> None:
    ends, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not condition():
        if time.monotonic() > ends:
            raise TimeoutError(f"{what} did not come about in {PATIENCE_SECONDS:.0f} s")
        pause.wait(0.1)
