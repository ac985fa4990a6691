"""PostgreSQL crashed, restarted and cutting its connections under a real worker: the end is that of a history nobody disturbed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import environ
import pytest
from django.core.management import call_command
from django.db import connection, connections

from config.audit import triggers
from tests.disturbed import Fault, history, must_be_equal, pages_read, written
from tests.servers import PrivatePostgres, private_postgres

pytestmark = [pytest.mark.postgres_server, pytest.mark.timeout(900)]


@contextmanager
def working_on(server: PrivatePostgres) -> Iterator[None]:
    """This process on that database, migrated and empty; afterwards on its own again."""
    before, held = connections["default"], connections.settings["default"]
    filled = type(connections)({"default": environ.Env.db_url_config(server.url)}).settings["default"]
    connections.settings["default"] = filled
    del connections["default"]
    try:
        call_command("migrate", verbosity=0)
        triggers.remove(connection)
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = held
        connections["default"] = before


@pytest.fixture(scope="module")
def database(django_db_blocker: Any) -> Iterator[PrivatePostgres]:
    with private_postgres() as server, django_db_blocker.unblock(), working_on(server):
        yield server


@pytest.fixture(scope="module")
def calm(database: PrivatePostgres, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The end of a history nobody disturbed."""
    return history(tmp_path_factory.mktemp("calm"), "")


def test_a_database_restarted_in_the_middle_changes_nothing(tmp_path: Path, database: PrivatePostgres, calm: dict[str, Any]) -> None:
    call_command("flush", verbosity=0, interactive=False)
    crash, stop = partial(database.restart, "immediate"), partial(database.restart, "fast")

    disturbed = history(
        tmp_path / "disturbed",
        "",
        first=[
            Fault(pages_read(2), crash),
            Fault(pages_read(4), stop),
            Fault(written(1), crash),
            Fault(written(60), stop),
        ],
        second=[Fault(pages_read(1), crash), Fault(written(1), stop)],
    )

    must_be_equal(disturbed, calm)
    assert disturbed["ledger"] == [] and disturbed["trail"] is True


def test_connections_ended_in_the_middle_change_nothing(tmp_path: Path, database: PrivatePostgres, calm: dict[str, Any]) -> None:
    call_command("flush", verbosity=0, interactive=False)
    ended: list[int] = []

    def end() -> None:
        ended.append(database.end_connections())

    disturbed = history(
        tmp_path / "disturbed",
        "",
        first=[Fault(pages_read(number), end) for number in (1, 2, 4, 5)] + [Fault(written(number), end) for number in (1, 60)],
        second=[Fault(pages_read(1), end), Fault(written(1), end)],
    )

    must_be_equal(disturbed, calm)
    assert disturbed["ledger"] == [] and disturbed["trail"] is True
    assert len(ended) == 8 and min(ended) >= 1, "somebody's every time"
    assert sum(number >= 2 for number in ended) >= 6, "nearly always the worker's and ours; one of them may just be without"
