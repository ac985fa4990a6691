from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from tests.config.test_pulse import eventually

pytestmark = pytest.mark.processes

# Supervises two programs that write their process numbers down, one line per start.
SUPERVISE = """
import sys
from pathlib import Path
from config.supervisor import children
from config.supervisor.children import Program
from config.supervisor.supervise import Supervisor
children.FIRST_PAUSE_SECONDS = 0.05
folder = Path(sys.argv[1])
stays = '''import os, sys, time
open(sys.argv[1], "a").write(str(os.getpid()) + chr(10))
print("here I am", flush=True)
time.sleep(600)'''
programs = [Program(name, (sys.executable, "-c", stays, str(folder / name))) for name in ("one", "two")]
up = lambda: (folder / "one").exists() and (folder / "two").exists()
sys.exit(Supervisor(programs, up, lambda: (folder / "banner").touch()).run())
"""


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def starts(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []


@contextmanager
def supervising(folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(folder)], cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert eventually(lambda: bool(starts(folder / "one")) and bool(starts(folder / "two")))
        yield process
    finally:
        process.kill()
        process.wait(10)


def test_a_program_that_ends_is_started_again(tmp_path: Path) -> None:
    with supervising(tmp_path):
        (first,) = starts(tmp_path / "one")
        os.kill(first, signal.SIGKILL)

        assert eventually(lambda: len(starts(tmp_path / "one")) == 2)
        assert is_alive(starts(tmp_path / "one")[-1])
        assert len(starts(tmp_path / "two")) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_stops_everybody_and_ends_well(tmp_path: Path, number: signal.Signals) -> None:
    with supervising(tmp_path) as process:
        pids = starts(tmp_path / "one") + starts(tmp_path / "two")
        process.send_signal(number)

        assert process.wait(20) == 0
        assert not any(is_alive(pid) for pid in pids)


def test_killed_without_warning_it_leaves_no_orphans(tmp_path: Path) -> None:
    with supervising(tmp_path) as process:
        pids = starts(tmp_path / "one") + starts(tmp_path / "two")
        assert all(is_alive(pid) for pid in pids)
        process.kill()

        assert eventually(lambda: not any(is_alive(pid) for pid in pids))


def test_every_line_says_who_printed_it_and_the_banner_comes_once(tmp_path: Path) -> None:
    with supervising(tmp_path) as process:
        assert eventually(lambda: (tmp_path / "banner").exists())
        process.terminate()
        printed = process.communicate(timeout=20)[0]

    assert "one     | here I am" in printed
    assert "two     | here I am" in printed
    assert "rollcall| stopping" in printed


@pytest.mark.parametrize("watch", [[], ["--watch"]], ids=["told by the kernel", "by watching the parent"])
def test_a_leash_ends_its_command_with_the_parent(tmp_path: Path, watch: list[str]) -> None:
    stays = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    holder = f"""
import os, subprocess, sys
subprocess.Popen([sys.executable, "-m", "config.supervisor.leash", *{watch!r}, str(os.getpid()), sys.executable, "-c", {stays!r}]).wait()
"""
    parent = subprocess.Popen([sys.executable, "-c", holder], cwd=settings.BASE_DIR)
    assert eventually(lambda: bool(starts(tmp_path / "pid")))
    (pid,) = starts(tmp_path / "pid")

    parent.kill()
    parent.wait(10)

    assert eventually(lambda: not is_alive(pid))
