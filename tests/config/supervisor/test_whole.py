"""The real programs, as `make demo` runs them: in any order, killed, told to stop. Nothing here is replaced."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from django.conf import settings

from config.supervisor.broker import Broker
from config.supervisor.programs import preparations, programs
from tests.config.supervisor.test_supervise import is_alive
from tests.config.test_pulse import eventually

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

PATIENCE_SECONDS = 90.0  # on a machine that does much else at the same time; alone it takes a few seconds
NAMES = ("sandbox", "web", "worker", "beat")
# What tells a program's process from the others of the installation.
KNOWN_BY = {"sandbox": "manage.py sandbox", "web": "gunicorn", "worker": "config worker", "beat": "config beat"}
# One run of the 250 people of BambooHR, queued and left to the worker.
QUEUE_A_RUN = """
import django; django.setup()
from django.conf import settings
from integrations.connectors.models import Connector
from syncjobs.demo.company import make_company
from syncjobs.runs.models import Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
make_company(None, settings.SANDBOX_URL, str(settings.SANDBOX_DIR / "hr-extract"))
start_run(Connector.objects.get(key="bamboohr"), Trigger.MANUAL, RunMode.FULL)
"""


class Installation:
    """A data folder that is not there yet, two free ports, and the surroundings every process of it gets."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.logs = folder / "data", folder / "logs"
        self.logs.mkdir()
        self.port, self.sandbox_port = free_ports(2)
        self.environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("ROLLCALL_", "DATABASE_URL", "REDIS_URL"))
        }
        self.environment |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "ROLLCALL_DATA_DIR": str(self.folder),
            "ROLLCALL_SANDBOX_URL": f"http://127.0.0.1:{self.sandbox_port}",
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "2",
            "PYTHONUNBUFFERED": "1",
        }

    def start(self, command: Sequence[str], log: str) -> subprocess.Popen[bytes]:
        with (self.logs / log).open("ab") as lines:
            return subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=self.environment, stdin=subprocess.DEVNULL, stdout=lines, stderr=subprocess.STDOUT
            )

    def said(self, log: str) -> str:
        path = self.logs / log
        return path.read_text(errors="replace") if path.exists() else ""

    def python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=settings.BASE_DIR, env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def answers(self, path: str = "/readyz", *, sandbox: bool = False) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.sandbox_port if sandbox else self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def asked(self, question: str) -> list[str]:
        """The first column of what the database answers; nothing while there is no such table."""
        try:
            with closing(sqlite3.connect(f"file:{self.folder / 'rollcall.sqlite3'}?mode=ro", uri=True)) as database:
                return [row[0] for row in database.execute(question)]
        except sqlite3.OperationalError:
            return []

    def processes(self) -> dict[int, str]:
        """Every process that was started for this data folder, however it came about, with its command."""
        found: dict[int, str] = {}
        ours = f"ROLLCALL_DATA_DIR={self.folder}".encode()
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it ended while we looked, or is somebody else's
                if ours in (entry / "environ").read_bytes().split(b"\0") and is_alive(int(entry.name)):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return found

    def pids(self, name: str) -> set[int]:
        return {pid for pid, command in self.processes().items() if KNOWN_BY[name] in command}

    def ports_are_free(self) -> bool:
        for port in (self.port, self.sandbox_port):
            with socket.socket() as probe:
                probe.settimeout(1.0)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return False
        return True

    def clear(self) -> None:
        """Whatever a failed test left behind."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def free_ports(count: int) -> list[int]:
    """Held together while they are chosen, so that they differ."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    yield made
    made.clear()


@contextmanager
def supervised(installation: Installation) -> Iterator[subprocess.Popen[bytes]]:
    """`make demo`, ready: the company is loaded and every process has said so."""
    process = installation.start([sys.executable, "-m", "config.supervisor"], "log")
    try:
        assert eventually(lambda: "Stop with Ctrl-C." in installation.said("log"), PATIENCE_SECONDS), installation.said("log")[-3000:]
        assert eventually(lambda: all(installation.pids(name) for name in NAMES), PATIENCE_SECONDS)
        assert eventually(lambda: "ready." in installation.said("log"), PATIENCE_SECONDS)
        assert eventually(lambda: installation.answers("/control/state", sandbox=True), PATIENCE_SECONDS)
        yield process
    finally:
        process.kill()
        process.wait(10)


ORDERS = (("worker", "beat", "web", "sandbox"), ("web", "sandbox", "beat", "worker"))


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: f"{order[0]} first")
def test_started_in_any_order_before_there_is_a_table_everybody_waits_for_everybody(
    installation: Installation, order: tuple[str, ...]
) -> None:
    """Each stands before the next one starts; tables come last, and then a run that is queued goes through all four."""
    stands = {
        "worker": lambda: "ready." in installation.said("worker"),
        "beat": lambda: "beat: Starting" in installation.said("beat"),
        "web": lambda: installation.answers("/healthz"),
        "sandbox": lambda: installation.answers("/control/state", sandbox=True),
    }
    wanted = {one.name: one for one in programs(Broker("", ""), installation.port, with_sandbox=True)}
    running = []
    for name in order:
        running.append(installation.start(wanted[name].command, name))
        assert eventually(stands[name], PATIENCE_SECONDS), f"{name}: {installation.said(name)[-3000:]}"
    assert not installation.answers("/readyz"), "there is no table yet"

    migrate, _load = preparations()
    installation.python(*migrate[1:])
    installation.python("-c", QUEUE_A_RUN)

    assert eventually(lambda: installation.asked("SELECT phase FROM syncjobs_syncrun") == ["awaiting approval"], PATIENCE_SECONDS), (
        installation.said("worker")[-3000:]
    )
    assert installation.asked("SELECT count(*) FROM integrations_sourcerecord") >= [250]
    alive = "SELECT component FROM config_heartbeat WHERE component IN ('beat', 'worker') ORDER BY component"
    assert eventually(lambda: installation.asked(alive) == ["beat", "worker"], PATIENCE_SECONDS)
    assert installation.answers("/readyz")
    assert [process.poll() for process in running] == [None] * 4, "nobody has given up meanwhile"
    for process in running:
        process.terminate()
    assert [process.wait(60) for process in running] == [0] * 4
    assert eventually(lambda: installation.processes() == {} and installation.ports_are_free())


def test_whoever_is_killed_comes_back_and_stopped_or_killed_as_a_whole_nothing_stays(installation: Installation) -> None:
    with supervised(installation) as supervisor:
        before = {name: installation.pids(name) for name in NAMES}
        for pids in before.values():
            os.kill(min(pids), signal.SIGKILL)  # of gunicorn the one that started the others
        for name, pids in before.items():
            assert eventually(lambda: bool(installation.pids(name) - pids), PATIENCE_SECONDS), name  # noqa: B023
            assert eventually(lambda: not installation.pids(name) & pids, PATIENCE_SECONDS), f"{name} runs twice"  # noqa: B023
        assert eventually(lambda: installation.answers("/readyz"), PATIENCE_SECONDS)
        assert eventually(lambda: installation.answers("/control/state", sandbox=True), PATIENCE_SECONDS)
        assert eventually(lambda: installation.said("log").count("ready.") >= 2, PATIENCE_SECONDS), "the worker takes work again"

        second = installation.start([sys.executable, "-m", "config.supervisor"], "second")
        assert second.wait(60) == 1
        assert f"Rollcall runs already on {installation.folder} (process {supervisor.pid})" in installation.said("second")

        supervisor.kill()
        supervisor.wait(10)
        assert eventually(lambda: installation.processes() == {} and installation.ports_are_free(), PATIENCE_SECONDS)
    (installation.logs / "log").rename(installation.logs / "log of the first time")

    with supervised(installation) as supervisor:
        assert "The demo is loaded already" in installation.said("log")
        supervisor.terminate()
        assert supervisor.wait(60) == 0
        assert installation.processes() == {}
        assert installation.ports_are_free()
