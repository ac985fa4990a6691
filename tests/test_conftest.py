"""What is missing on a machine is said, or fails the gate; it is never passed over in silence."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import conftest


class Item:
    def __init__(self, marker: str = "") -> None:
        self.marker = marker

    def get_closest_marker(self, name: str) -> bool:
        return name == self.marker


@pytest.fixture
def needs(monkeypatch):
    monkeypatch.setattr(conftest, "NEEDS", {})
    monkeypatch.delenv("ROLLCALL_REQUIRE", raising=False)
    conftest.require("browser", False, "install a browser")
    conftest.require("redis", True, "")


def collect(*items):
    collected, left_out = list(items), []
    config = SimpleNamespace(
        hook=SimpleNamespace(pytest_deselected=lambda items: left_out.extend(items)), getoption=lambda name, default: default
    )
    conftest.pytest_collection_modifyitems(config, collected)
    lines = []
    terminal = SimpleNamespace(section=lambda title, **_looks: lines.append(title), line=lines.append)
    conftest.pytest_terminal_summary(terminal, config)
    return collected, left_out, lines


def test_tests_whose_need_is_missing_are_left_out_and_listed_with_the_way_to_run_them(needs):
    plain, browser, redis = Item(), Item("browser"), Item("redis")
    collected, left_out, lines = collect(plain, browser, redis)
    assert collected == [plain, redis]
    assert left_out == [browser]
    assert lines[0] == "NOT RUN"
    assert "1 tests" in lines[1] and "install a browser" in lines[1]


def test_nothing_is_listed_when_nothing_was_left_out(needs):
    assert collect(Item(), Item("redis"))[2] == []


def test_a_gate_that_requires_it_fails(needs, monkeypatch):
    monkeypatch.setenv("ROLLCALL_REQUIRE", "redis,browser")
    with pytest.raises(pytest.UsageError, match="install a browser"):
        collect(Item("browser"))


def test_a_gate_that_requires_it_passes_where_no_test_needs_it(needs, monkeypatch):
    monkeypatch.setenv("ROLLCALL_REQUIRE", "browser")
    assert len(collect(Item())[0]) == 1


@pytest.mark.parametrize("name", ["postgres", "redis"])
@pytest.mark.parametrize("has_server", [True, False])
def test_what_is_missing_is_named_with_the_line_that_installs_it(needs, monkeypatch, name, has_server):
    bare = SimpleNamespace(REDIS_URL="", DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3"}})
    monkeypatch.setattr(conftest, "settings", bare)
    monkeypatch.setattr(conftest, "has_redis_server", lambda: has_server)
    monkeypatch.setattr(conftest, "postgres_programs", lambda: Path("/usr/lib/postgresql/15/bin") if has_server else None)
    conftest.require_services()
    line = collect(Item(name))[2][1]
    assert ("apt-get install -y" in line) is not has_server
    assert {"postgres": "DATABASE_URL=postgres://", "redis": "REDIS_URL=redis://"}[name] in line


def test_a_gate_that_requires_a_service_requires_the_programs_to_run_one_of_its_own(needs, monkeypatch):
    conftest.require("redis_server", False, "install a server", belongs_to="redis")
    assert "install a server" in collect(Item("redis_server"))[2][1]
    monkeypatch.setenv("ROLLCALL_REQUIRE", "redis")
    with pytest.raises(pytest.UsageError, match="install a server"):
        collect(Item("redis_server"))
