from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from config import pulse
from config.celery import app
from config.health.heartbeat import is_alive
from config.health.models import Heartbeat
from config.health.ticking import TickingScheduler
from tests.config.listeners import refused_port

WORKER = """
import django
django.setup()
import config.pulse
from config.celery import app
from tests.config.test_pulse import leave_a_mark
config.pulse.WORK = "tests.config.test_pulse.{pulse}"
app.loader.import_default_modules()
app.tasks.pop("syncjobs.work_urgent", None)
app.task(name="syncjobs.work_urgent")(leave_a_mark)
app.worker_main(["worker", "--pool", "threads", "--concurrency", "1", "--without-gossip", "--without-mingle", "--without-heartbeat"])
"""
RING = "import django; django.setup(); from config import bell; assert bell.send('urgent')"


def leave_a_mark() -> bool:
    """The work of the worker in another process: one letter per look."""
    with Path(os.environ["MARKS"]).open("a") as marks:
        marks.write("x")
    return False


def do_nothing() -> bool:
    return False


def eventually(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.02)
    return True


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "EVERY_SECONDS", 0.02)


@pytest.fixture
def started() -> Iterator[list[pulse.Pulse]]:
    """Pulses to stop at the end."""
    running: list[pulse.Pulse] = []
    yield running
    for one in running:
        one.stop()


def beating(started: list[pulse.Pulse], work: Callable[[], object]) -> pulse.Pulse:
    one = pulse.Pulse(work)
    started.append(one)
    one.start()
    return one


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick")
def test_the_pulse_looks_again_and_again_without_any_bell(started: list[pulse.Pulse]) -> None:
    looks: list[int] = []

    beating(started, lambda: looks.append(1))

    assert eventually(lambda: len(looks) >= 5)


@pytest.mark.django_db(transaction=True)
def test_waking_the_pulse_makes_it_look_at_once(started: list[pulse.Pulse], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "EVERY_SECONDS", 3600.0)
    looks: list[int] = []
    beating(started, lambda: looks.append(1))
    assert eventually(lambda: len(looks) == 1)

    assert eventually(lambda: pulse.wake() or len(looks) >= 2)


@pytest.mark.django_db(transaction=True)
def test_while_there_is_work_it_does_not_wait(started: list[pulse.Pulse], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "EVERY_SECONDS", 3600.0)
    left = list(range(50))

    beating(started, lambda: bool(left) and (left.pop(), True)[1])

    assert eventually(lambda: not left)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick")
def test_an_error_does_not_stop_the_pulse(started: list[pulse.Pulse]) -> None:
    looks: list[int] = []

    def fail() -> None:
        looks.append(1)
        raise RuntimeError("one bad row")

    beating(started, fail)

    assert eventually(lambda: len(looks) >= 3)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick")
def test_the_same_error_is_told_once_a_minute_and_another_one_at_once(started: list[pulse.Pulse], caplog: pytest.LogCaptureFixture) -> None:
    looks: list[int] = []

    def fail() -> None:
        looks.append(1)
        raise RuntimeError("no such table" if len(looks) <= 5 else "one bad row")

    beating(started, fail)

    assert eventually(lambda: len(looks) >= 10)
    assert [str(record.exc_info[1]) for record in caplog.records if record.name == "config.pulse" and record.exc_info] == [
        "no such table",
        "one bad row",
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick")
def test_a_turning_pulse_writes_the_heartbeat_of_the_worker(started: list[pulse.Pulse]) -> None:
    beating(started, lambda: False)

    assert eventually(lambda: is_alive("worker", on_this_machine=True))


@pytest.mark.django_db(transaction=True)
def test_a_pulse_that_hangs_stops_the_heartbeat(started: list[pulse.Pulse], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "HUNG_AFTER_SECONDS", -1.0)
    monkeypatch.setattr(pulse.heartbeat, "EVERY_SECONDS", 0.01)
    looked = threading.Event()

    beating(started, lambda: looked.set())

    assert looked.wait(10)
    started[0].stop()
    assert not Heartbeat.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick")
def test_stopping_waits_for_the_slice_under_way(started: list[pulse.Pulse]) -> None:
    entered, may_leave, left = threading.Event(), threading.Event(), threading.Event()

    def slice_of_work() -> None:
        entered.set()
        may_leave.wait(10)
        left.set()

    one = beating(started, slice_of_work)
    assert entered.wait(10)
    stopper = threading.Thread(target=one.stop)
    stopper.start()
    assert stopper.is_alive()
    may_leave.set()
    stopper.join(10)

    assert left.is_set() and not stopper.is_alive()


@contextmanager
def a_worker(environment: dict[str, str], pulse_calls: str) -> Iterator[None]:
    """A worker process; it must end by itself within 40 s of SIGTERM."""
    command = [sys.executable, "-c", WORKER.replace("{pulse}", pulse_calls)]
    worker = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
        worker.send_signal(signal.SIGTERM)
        worker.wait(40)
    finally:
        worker.kill()


def environment_in(folder: Path, redis_url: str) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ROLLCALL_DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "REDIS_URL": redis_url,
        "MARKS": str(folder / "marks"),
    }


def marks_in(folder: Path) -> int:
    return len((folder / "marks").read_text()) if (folder / "marks").exists() else 0


@pytest.mark.processes
def test_a_worker_whose_broker_is_dead_works_on(tmp_path: Path) -> None:
    with a_worker(environment_in(tmp_path, f"redis://127.0.0.1:{refused_port()}/0"), pulse_calls="leave_a_mark"):
        assert eventually(lambda: marks_in(tmp_path) >= 3, 60), "the pulse does not beat"


@pytest.mark.processes
def test_a_worker_on_the_file_broker_does_what_another_process_rang_for(tmp_path: Path) -> None:
    environment = environment_in(tmp_path, "")
    with a_worker(environment, pulse_calls="do_nothing"):
        for _ in range(5):
            subprocess.run([sys.executable, "-c", RING], cwd=settings.BASE_DIR, env=environment, check=True, timeout=60)

        assert eventually(lambda: marks_in(tmp_path) == 5, 60), "not every ring was heard"


@pytest.mark.django_db(transaction=True)
def test_beat_ticks_from_memory_and_says_that_it_is_alive() -> None:
    beat = TickingScheduler(app)
    assert set(beat.schedule) == {"tick"}

    seconds = beat.tick()

    assert 0 <= seconds <= 5
    assert is_alive("beat", on_this_machine=True)


def test_the_pulse_is_part_of_every_worker() -> None:
    assert "config.pulse:PulseStep" in app.steps["worker"]
