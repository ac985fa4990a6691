"""One program and its running process: started on a leash, printed with its name in front, started again when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
SETTLED_SECONDS = 60.0  # who ran this long starts again without the pauses of before

_printing = threading.Lock()


def say(name: str, line: str) -> None:
    """One whole line on stdout, whoever else is printing."""
    with _printing:
        sys.stdout.write(f"{name:<8}| {line}\n")
        sys.stdout.flush()


@dataclass(frozen=True)
class Program:
    """What to run. `environment` is added to ours."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


class Child:
    """The process of one program, restarted with growing pauses."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_at = 0.0
        self._pause = FIRST_PAUSE_SECONDS

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """In a session of its own: Ctrl-C reaches the supervisor alone, which then stops everybody in order."""
        self._process = subprocess.Popen(  # noqa: S603  the supervisor's own list
            [sys.executable, "-m", "config.supervisor.leash", str(os.getpid()), *self.program.command],
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.program.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._started_at = time.monotonic()
        assert self._process.stdout is not None
        threading.Thread(target=_copy, args=(self.program.name, self._process.stdout), daemon=True).start()

    def tend(self) -> None:
        """Called again and again: note an end, and start again when its pause is over."""
        now = time.monotonic()
        if self._process is not None:
            code = self._process.poll()
            if code is None:
                return
            self._process = None
            if now - self._started_at > SETTLED_SECONDS:
                self._pause = FIRST_PAUSE_SECONDS
            say(self.program.name, f"ended ({_in_words(code)}), starts again in {self._pause:g} s")
            self._start_at = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
        elif now >= self._start_at:
            self.start()

    def terminate(self) -> None:
        if self.is_running and self._process:
            self._process.terminate()

    def wait(self, seconds: float) -> bool:
        """True when it ended in time."""
        if self._process is None:
            return True
        try:
            self._process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """The process and everything it started."""
        if self.is_running and self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _copy(name: str, lines: IO[bytes]) -> None:
    for line in lines:
        say(name, line.decode("utf-8", "replace").rstrip())


def _in_words(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"exit {code}"
