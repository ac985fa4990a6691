"""The sandbox as a process of its own: it stops when asked, and being killed costs nothing that was answered."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
import requests

from integrations.sandbox import cast

pytestmark = pytest.mark.processes

PROGRAM = """
import sys
from datetime import date
from pathlib import Path
from integrations.sandbox.server import Sandbox, serve
from integrations.sandbox.world import Clock, World
folder, today = Path(sys.argv[1]), date(2026, 6, 10)
world = World(size=200, today=today, now=Clock(today), state_dir=folder)
sandbox = Sandbox(world, vendors=("moodle",), state_dir=folder)
serve("127.0.0.1", 0, sandbox, ready=lambda url: print(url, flush=True))
"""


@pytest.fixture
def start(tmp_path):
    started = []

    def begin():
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process, process.stdout.readline().strip()

    yield begin
    for process in started:
        process.kill()
        process.wait(10)
        process.stdout.close()


def title(url, value=None):
    if value:
        order = {"hr": "workday", "key": cast.JANE_DOE.key, "title": value}
        return requests.post(f"{url}/control/world/change_title", json=order, timeout=5).json()["worker"]["title"]
    return requests.get(f"{url}/control/people?q=jane doe", timeout=5).json()["people"][0]["title"]


def moodle(url, function, **fields):
    form = {"wstoken": "moodle-demo-token", "moodlewsrestformat": "json", "wsfunction": function, **fields}
    return requests.post(f"{url}/moodle/webservice/rest/server.php", data=form, timeout=5).json()


def test_what_was_answered_outlives_kill_9(start):
    process, url = start()
    assert title(url, "Auditor") == "Auditor"
    moodle(url, "core_user_update_users", **{"users[0][id]": "4", "users[0][city]": "Faro"})
    process.kill()
    process.wait(10)
    _, again = start()
    assert title(again) == "Auditor"
    assert moodle(again, "core_user_get_users_by_field", **{"field": "id", "values[0]": "4"})[0]["city"] == "Faro"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_polite_signal_ends_it_with_nought(start, number):
    process, url = start()
    with requests.Session() as kept_open:
        kept_open.get(url, timeout=5)
        process.send_signal(number)
        assert process.wait(10) == 0
