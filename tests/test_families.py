"""What `make check` leaves out says so by its family; what says nothing is held to being a unit test; `make test` leaves out nothing."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from tests.families import FOLDERS, MARKERS, Watch, only_units


def item(nodeid: str, *markers: str) -> Any:
    return SimpleNamespace(nodeid=nodeid, get_closest_marker=lambda name: name in markers)


def played(watch: Watch, one: Any, *events: str) -> set[str]:
    """The test runs and the interpreter tells of these events; what it was not marked for."""
    setup, teardown = watch.pytest_runtest_setup(one), watch.pytest_runtest_teardown(one)
    next(setup)
    for event in events:
        watch.hear(event, ())
    next(teardown)
    with pytest.raises(StopIteration):
        next(teardown)
    return watch.crossed


@pytest.mark.parametrize(("event", "marker"), [("socket.bind", "servers"), ("subprocess.Popen", "processes"), ("os.fork", "processes")])
def test_an_unmarked_test_that_does_more_than_a_unit_test_fails_and_names_the_marker(event: str, marker: str) -> None:
    with pytest.raises(pytest.fail.Exception, match=f"mark it {marker}"):
        played(Watch(), item("tests/config/test_bell.py::test_it"), event)


@pytest.mark.parametrize(
    ("marker", "event"),
    [("servers", "socket.bind"), ("processes", "subprocess.Popen"), ("processes", "socket.bind"), ("browser", "os.fork")],
)
def test_a_marked_test_may(marker: str, event: str) -> None:
    assert played(Watch(), item("tests/config/test_bell.py::test_it", marker), event) == set()


@pytest.mark.parametrize("fixture", ["installed", "two_sources"])
def test_whoever_stands_on_a_source_and_a_target_plays_runs(fixture: str) -> None:
    given: list[str] = []
    Watch().pytest_itemcollected(SimpleNamespace(fixturenames=["db", fixture, "client"], add_marker=given.append))  # type: ignore[arg-type]
    Watch().pytest_itemcollected(SimpleNamespace(fixturenames=["db", "client"], add_marker=given.append))  # type: ignore[arg-type]
    assert given == ["runs"]


@pytest.mark.parametrize("marker", ["servers", "runs"])
def test_a_run_is_no_leave_to_start_processes(marker: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="mark it processes"):
        played(Watch(), item("tests/config/test_bell.py::test_it", marker), "subprocess.Popen")


def test_whole_families_live_in_folders_and_need_no_marker() -> None:
    for folder in FOLDERS:
        assert (settings.BASE_DIR / "tests" / folder).is_dir()
        assert played(Watch(), item(f"tests/{folder}/test_it.py::test_it"), "subprocess.Popen", "socket.bind") == set()


def test_the_interpreter_does_tell_of_ports_and_processes(request: pytest.FixtureRequest) -> None:
    watch = request.config.pluginmanager.get_plugin("families")
    with socket.create_server(("127.0.0.1", 0)):
        subprocess.run([sys.executable, "-c", ""], check=True)
    heard, watch.crossed = watch.crossed, set()
    assert heard == {"servers", "processes"}


def test_the_quick_run_leaves_out_every_family_and_nothing_else() -> None:
    _, expression, *ignored = only_units()
    assert set(re.findall(r"\w+", expression)) - {"not", "or"} == set(MARKERS)
    assert ignored == [f"--ignore=tests/{folder}" for folder in FOLDERS]


def test_the_whole_run_leaves_out_the_soak_and_nothing_else() -> None:
    recipe = re.search(r"^test:.*\n\t(.*)$", (settings.BASE_DIR / "Makefile").read_text(), flags=re.M)
    assert recipe and recipe[1] == '@$(PYTEST) -m "not soak" $(ARGS)'
