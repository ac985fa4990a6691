"""`make check`: what a developer runs after every few lines. Stops at the first thing that is wrong, and says what took how long.

The quick looks come first; the slower ones stand beside the unit tests, which leave a processor idle now and then.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests import families

PYTHON = sys.executable
PATIENCE_SECONDS = 20  # for a test under way to end
Steps = dict[str, list[str]]
FIRST: Steps = {
    "format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "lint": [PYTHON, "-m", "ruff", "check", "."],
}
BESIDE: Steps = {
    "types": [PYTHON, "-m", "mypy", "."],
    "layers": [str(Path(PYTHON).with_name("lint-imports")), "--no-cache"],
    "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "pages": [PYTHON, "manage.py", "write_docs", "--check"],
}
TESTS = [PYTHON, "-m", "pytest", "-q", "-n", "auto", "--dist", "worksteal", *families.only_units()]


class WrongError(Exception):
    """A step found something. `words`: what it said; "" when that is on the screen already."""

    def __init__(self, step: str, words: str = "") -> None:
        super().__init__(step)
        self.step, self.words = step, words


class Check:
    def __init__(self, first: Steps, beside: Steps, tests: list[str]) -> None:
        self.first, self.beside, self.tests = first, beside, tests
        self.took: dict[str, float] = {}

    def run(self) -> int:
        began = time.monotonic()
        try:
            self.steps(self.first)
            self.tests_and_the_rest()
        except WrongError as wrong:
            say(f"{wrong.words}\nmake check stopped at “{wrong.step}”: see above.")
            return 1
        finally:
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            spans = " · ".join(f"{name} {seconds:.1f} s" for name, seconds in self.took.items())
            say(f"{spans} · all {time.monotonic() - began:.1f} s, of processors {used.ru_utime + used.ru_stime:.1f} s")
        return 0

    def steps(self, steps: Steps) -> None:
        for name, command in steps.items():
            began = time.monotonic()
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            self.took[name] = time.monotonic() - began
            if done.returncode:
                raise WrongError(name, f"$ {' '.join(command)}\n{done.stdout}")

    def tests_and_the_rest(self) -> None:
        began = time.monotonic()
        tests = subprocess.Popen(self.tests, start_new_session=True)  # a group of its own, so that none is left behind
        try:
            self.steps(self.beside)
            status = tests.wait()
        finally:
            end(tests)
            self.took["tests"] = time.monotonic() - began
        if status:
            raise WrongError("tests")


def end(tests: subprocess.Popen[bytes]) -> None:
    """Asked first: then pytest removes its databases."""
    if tests.poll() is not None:
        return
    tests.send_signal(signal.SIGINT)
    try:
        tests.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(tests.pid, signal.SIGKILL)
        tests.wait()


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the tests end too
    sys.exit(Check(FIRST, BESIDE, [*TESTS, *sys.argv[1:]]).run())
