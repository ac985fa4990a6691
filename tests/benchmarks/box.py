"""The emulator in a process of its own, with a memory: the second time it is asked the same, it only sends.

`python -m tests.benchmarks.box bamboohr 100000` prints its address. `POST /bench/change?people=1000` gives that many a new title.
"""

from __future__ import annotations

import signal
import sys
from datetime import UTC, datetime, time, timedelta

from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.listen import listen
from integrations.sandbox.sandbox import Sandbox
from integrations.sandbox.server import answer
from integrations.sandbox.world import World

SHARE = {"workday": 3 / 4, "bamboohr": 5 / 24}  # of everybody in a world: integrations/sandbox/born.py

Key = tuple[str, str, tuple[tuple[str, str], ...], bytes]


class Box:
    """Time stands still unless somebody changes, so that equal questions have equal answers."""

    def __init__(self, vendor: str, people: int) -> None:
        self.vendor = vendor
        self.now = datetime.combine(datetime.now(UTC).date(), time(), UTC) + timedelta(seconds=1)
        self.world = World(7, round(people / SHARE[vendor]), self.now.date(), lambda: self.now)
        self.sandbox = Sandbox(self.world, vendors=(vendor,))
        self.answers: dict[Key, Response] = {}

    def __call__(self, request: Request) -> Response:
        if request.path == "/bench/change":
            return self._change(int(request.param("people")))
        key = (request.method, request.path, tuple(request.query), request.body)
        found = self.answers.get(key)
        if found is None:
            found = answer(self.sandbox, request)
            found.body = found.content
            if found.status == 200:
                self.answers[key] = found
        return found

    def _change(self, people: int) -> Response:
        self.answers.clear()
        self.now = datetime.now(UTC)
        changed, step = 0, max(1, self.world.count(self.vendor) // (people * 2))
        for worker in self.world.workers(self.vendor, 0):
            if changed == people:
                break
            if int(worker.employee_number.lstrip("BCK-")) % step == 0 and worker.state(self.now.date()) == "active":
                self.world.do("change_title", hr=self.vendor, key=worker.key, title=f"{worker.title} II")
                changed += 1
        self.now += timedelta(seconds=1)  # what happened is the past
        return Response.json({"changed": changed})


def main() -> None:
    vendor, people = sys.argv[1], int(sys.argv[2])
    box = Box(vendor, people)
    listener = listen(box, "127.0.0.1", 0)
    sys.stdout.write(f"{listener.url}{box.sandbox.emulators[vendor].prefix} {box.world.count(vendor)}\n")
    sys.stdout.flush()
    signal.pause()


if __name__ == "__main__":
    main()
