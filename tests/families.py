"""Which tests are unit tests, and what holds them to it: they open no port, start no process and play no whole runs, so that
fifty take a second.

`make check` runs the unit tests, `make test` runs everything. What is more than a unit test either lives in a folder of its own
(FOLDERS) or says so by a marker (MARKERS), or by what it stands on (FIXTURES). An unmarked test that opens a port or starts a process
fails and names the marker it needs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3.util.connection  # noqa: F401 - opens a port while it is imported, to see whether there is IPv6: here, not in a test

FOLDERS = ("benchmarks", "browser", "properties", "stories")
MARKERS = {
    "servers": "talks to a server that it starts: emulators over HTTP, SFTP, receivers that misbehave",
    "processes": "starts processes, or opens ports for them: workers, the supervisor, commands, migrations",
    "runs": "plays whole runs, from reading a source to writing to a target; given by the fixtures that install both",
    "walks": "asks every address of the product, as several roles",
    "browser": "needs Chromium",
    "postgres": "needs PostgreSQL (DATABASE_URL)",
    "redis": "needs Redis (REDIS_URL)",
    "postgres_server": "needs PostgreSQL's programs, to run a cluster of its own (initdb, pg_ctl)",
    "redis_server": "needs redis-server or valkey-server, to run one of its own",
    "soak": "long; run by make soak",
}
FIXTURES = {"installed": "runs", "two_sources": "runs"}
NEEDED = {"socket.bind": "servers", "subprocess.Popen": "processes", "os.fork": "processes", "os.posix_spawn": "processes"}


def only_units() -> list[str]:
    """What tells pytest to run the unit tests."""
    return ["-m", f"not ({' or '.join(MARKERS)})", *(f"--ignore=tests/{folder}" for folder in FOLDERS)]


class Watch:
    """Listens to what the interpreter tells auditors, and remembers what the running test was not marked for."""

    def __init__(self) -> None:
        self.unmarked: set[str] = set()
        self.crossed: set[str] = set()

    def listen(self) -> Watch:
        sys.addaudithook(self.hear)  # for the life of the process: there is no way back
        return self

    def hear(self, event: str, arguments: Any) -> None:
        # An error raised here could be caught by the code under test; and a thread's would be lost.
        if event in NEEDED and NEEDED[event] in self.unmarked:
            self.crossed.add(NEEDED[event])

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        for name in {FIXTURES[fixture] for fixture in getattr(item, "fixturenames", ()) if fixture in FIXTURES}:
            item.add_marker(name)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        self.crossed.clear()
        named = {name for name in MARKERS if item.get_closest_marker(name)}
        is_free = bool(named - {"servers", "runs"}) or item.nodeid.startswith(tuple(f"tests/{folder}/" for folder in FOLDERS))
        self.unmarked = set() if is_free else set(NEEDED.values()) - named
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        try:
            result = yield
        finally:
            self.unmarked = set()
        if self.crossed:
            names = " and ".join(sorted(self.crossed))
            pytest.fail(f"more than a unit test: mark it {names} (tests/families.py)", pytrace=False)
        return result
