"""The parts an installation needs, each tried for real, all at the same time, none for longer than the deadline.

A check returns when its part works and raises otherwise. What it raises goes to the log; strangers read only which part it was.
"""

from __future__ import annotations

import logging
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.secrets import open_sealed, seal

log = logging.getLogger(__name__)

DEADLINE_SECONDS = 2.0
SOCKET_SECONDS = 1.0


class NotReadyError(Exception):
    """A part does not work; the text names no host, no version and no secret."""


@dataclass(frozen=True)
class Part:
    name: str
    works: bool
    says: str  # "ok", or what is wrong, fit for strangers


def database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def migrations() -> None:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        raise NotReadyError(f"{len(pending)} migrations are pending")


def broker() -> None:
    if not settings.REDIS_URL:
        settings.BROKER_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.BROKER_DIR):
            return
    with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=SOCKET_SECONDS, socket_timeout=SOCKET_SECONDS) as client:
        client.ping()


def caches() -> None:
    key, value = f"readyz:{uuid.uuid4()}", "here"
    cache.set(key, value, timeout=5)
    if cache.get(key) != value:
        raise NotReadyError("the cache does not keep what it is given")
    cache.delete(key)


def keys() -> None:
    if open_sealed(seal("ready")) != "ready":
        raise NotReadyError("the key ring does not open what it sealed")


CHECKS: dict[str, Callable[[], None]] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "cache": caches,
    "keys": keys,
}
NEEDED_TO_SERVE = frozenset({"database", "migrations", "keys"})  # without the others all goes on, only later

_pool = ThreadPoolExecutor(max_workers=len(CHECKS), thread_name_prefix="readyz")
_running: dict[str, Future[None]] = {}
_one_at_a_time = threading.Lock()


def examine(exclude: Collection[str] = ()) -> list[Part]:
    """Every part but the excluded ones. A part that still hangs from the last time is not tried again on top."""
    with _one_at_a_time:
        wanted = [name for name in CHECKS if name not in exclude]
        for name in wanted:
            if name not in _running or _running[name].done():
                _running[name] = _pool.submit(_try, CHECKS[name])
        ends = time.monotonic() + DEADLINE_SECONDS
        return [_part(name, ends) for name in wanted]


def _try(check: Callable[[], None]) -> None:
    try:
        check()
    finally:
        connection.close()  # this thread's own


def _part(name: str, ends: float) -> Part:
    try:
        _running[name].result(timeout=max(0.0, ends - time.monotonic()))
    except TookTooLong:
        return Part(name, False, f"no answer within {DEADLINE_SECONDS:g} s")
    except NotReadyError as error:
        return Part(name, False, str(error))
    except Exception as error:
        log.warning("%s is not ready: %s: %s", name, type(error).__name__, error)
        return Part(name, False, "does not answer")
    return Part(name, True, "ok")
