"""Keep programs running until told to stop; then stop them, gently first."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

from config.supervisor.children import Child, Program, say

LOOK_EVERY_SECONDS = 0.2
GENTLE_SECONDS = 35.0  # a slice of work takes up to 20 s and the vendor's last answer is waited for


class Supervisor:
    """`when_up` is called once, after `is_up` said yes for the first time."""

    def __init__(self, programs: Sequence[Program], is_up: Callable[[], bool], when_up: Callable[[], None]) -> None:
        self._children = [Child(program) for program in programs]
        self._is_up = is_up
        self._when_up = when_up
        self._stop_asked = 0
        self._woken = threading.Event()

    def run(self) -> int:
        """Until SIGTERM or SIGINT; 0. A second signal stops waiting."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for child in self._children:
            child.start()
        up = False
        while not self._stop_asked:
            for child in self._children:
                child.tend()
            if not up and self._is_up():
                up = True
                self._when_up()
            self._woken.wait(LOOK_EVERY_SECONDS)
        self._end()
        return 0

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stop_asked += 1
        self._woken.set()

    def _end(self) -> None:
        """The broker last: the worker still says goodbye to it."""
        say("rollcall", "stopping; work under way is finished first (Ctrl-C again to stop at once)")
        brokers = [child for child in self._children if child.program.name == "broker"]
        self._end_together([child for child in reversed(self._children) if child not in brokers])
        self._end_together(brokers)

    def _end_together(self, children: list[Child]) -> None:
        for child in children:
            child.terminate()
        ends = time.monotonic() + GENTLE_SECONDS
        for child in children:
            while not child.wait(LOOK_EVERY_SECONDS) and time.monotonic() < ends and self._stop_asked < 2:
                pass
            child.kill()
