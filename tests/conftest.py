"""What every test stands on, and what to do when something a test needs is not on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache.backends.redis import RedisCache
from django.db import connection
from django.utils import translation

from config import clock
from config.audit import triggers
from tests import families
from tests.machine import chromium_path, has_redis_server, postgres_programs

# How long one example may take says how busy the machine is, nothing about the code. Tests about time say so themselves.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


class OneRound(PBKDF2PasswordHasher):
    """Passwords as an installation stores them, hashed once instead of a million times: tests sign in some hundred times."""

    iterations = 1


class OwnKeys(RedisCache):
    """Forgets what this process of tests keeps. Django's own empties the whole database, under the test beside it that counts queries."""

    def clear(self) -> bool:
        client = self._cache.get_client(None, write=True)
        for key in client.scan_iter(match=f"{self.key_prefix}:*", count=1000):
            client.delete(key)
        return True


@dataclass
class Need:
    """Something tests with the marker of this name cannot do without."""

    is_there: bool
    how_to_install: str
    belongs_to: str = ""
    left_out: int = 0


NEEDS: dict[str, Need] = {}


def require(name: str, available: bool, how_to_install: str, belongs_to: str = "") -> None:
    """Tests marked `name` run when it is available. Otherwise they are left out and listed as NOT RUN at the end of the session;
    with ROLLCALL_REQUIRE=name[,name…] in the environment the session fails instead, so that a gate cannot pass half-blind.

    `belongs_to`: the name under which a gate demands it too."""
    NEEDS[name] = Need(available, how_to_install, belongs_to)


POSTGRES, REDIS = "apt-get install -y postgresql", "apt-get install -y redis-server"

require("redis_server", has_redis_server(), f"{REDIS}   (or valkey-server)", belongs_to="redis")
require("postgres_server", postgres_programs() is not None, POSTGRES, belongs_to="postgres")
require(
    "browser", bool(chromium_path()), "apt-get install -y chromium fonts-dejavu fonts-noto-core   (or ROLLCALL_CHROMIUM=/path/to/chrome)"
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for the session: a process can drive only one. Playwright keeps an event loop in this thread, beside which Django
    would refuse the database."""
    from playwright.sync_api import sync_playwright

    from tests.browser.visitor import LAUNCH

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=LAUNCH)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def require_services() -> None:
    """What is told by the settings, with the line that installs it where even the programs are missing."""
    has_postgres, has_redis = postgres_programs() is not None, has_redis_server()
    wanted = f"{'' if has_postgres else POSTGRES + ', then '}DATABASE_URL=postgres://… of an empty database"
    require("postgres", "postgresql" in settings.DATABASES["default"]["ENGINE"], wanted)
    wanted = f"{'' if has_redis else REDIS + ', then '}REDIS_URL=redis://127.0.0.1:6379/9 of a server whose database 9 may be emptied"
    require("redis", bool(settings.REDIS_URL), wanted)


def pytest_configure(config: pytest.Config) -> None:
    require_services()
    # Tests beside each other share one Redis: what another one had just counted for its menu made queries come and go.
    if settings.REDIS_URL:
        settings.CACHES["default"]["BACKEND"] = "tests.conftest.OwnKeys"
    settings.CACHES["default"]["KEY_PREFIX"] = f"rollcall-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    settings.PASSWORD_HASHERS = ["tests.conftest.OneRound"]
    settings.WHITENOISE_AUTOREFRESH = True  # every Client builds the middleware anew, which would look through every folder of static files
    for name, meaning in families.MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    config.pluginmanager.register(families.Watch().listen(), "families")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = {name: need for name, need in NEEDS.items() if not need.is_there}
    without = {item: name for item in items for name in missing if item.get_closest_marker(name)}
    wanted = set(filter(None, os.environ.get("ROLLCALL_REQUIRE", "").split(",")))
    demanded = {name for name in without.values() if wanted & {name, missing[name].belongs_to}}
    if demanded:
        lines = [f"{name} is required here and missing: {missing[name].how_to_install}" for name in sorted(demanded)]
        raise pytest.UsageError("\n".join(lines))
    for name in without.values():
        missing[name].left_out += 1
    config.hook.pytest_deselected(items=list(without))
    items[:] = [item for item in items if item not in without]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    in_workers = bool(config.getoption("numprocesses", None))  # then the counts stayed with them
    for name, need in NEEDS.items():
        if need.left_out or (in_workers and not need.is_there):
            terminalreporter.section("NOT RUN", sep="=", yellow=True)
            terminalreporter.line(
                f"{need.left_out or 'all'} tests marked “{name}”: it is not on this machine. To run them: {need.how_to_install}"
            )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The test database without the triggers of the audit trail: they would refuse the flush after each transactional test.

    Tests about the triggers put them back with `append_only_trail`.
    """
    with django_db_blocker.unblock():
        triggers.remove(connection)


@pytest.fixture
def append_only_trail(transactional_db: None) -> Iterator[None]:
    """The audit table as in an installation: it refuses UPDATE, DELETE and TRUNCATE."""
    triggers.install(connection)
    yield
    triggers.remove(connection)


@pytest.fixture(autouse=True)
def no_language_left_over() -> Iterator[None]:
    """A page read in German leaves its language in the thread; the next test, whichever that is, begins without."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def pinned_clock() -> Iterator[None]:
    """The offset of the sandbox's clock is read again every second: a query that would come and go in counts of queries."""
    clock.pin(timedelta())
    yield
    clock.forget()
