"""How often a system may be called, kept by all processes of an installation together.

The counting is pyrate-limiter's (sliding window over a log); where it is kept is handed in as a Store. A window holds
`burst` calls and lasts `burst / per_second` seconds, so neither the burst nor the rate is ever exceeded.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from pyrate_limiter import AbstractBucket, InMemoryBucket, Rate, RateItem, RedisBucket, SQLiteBucket
from redis import Redis, RedisError

from config.errors import RateLimited
from config.sentences import sentence

log = logging.getLogger(__name__)

Store = Callable[[str, Rate], AbstractBucket]

URGENT_SHARE = 0.2  # of the calls, kept free for terminations, new hires and sign-ins (capability 114)
LONGEST_WAIT_SECONDS = 10.0  # a third of a task's slice; who has to wait longer comes back later instead of holding a worker
SQLITE_WAIT_SECONDS = 5.0
CLEAN_EVERY = 200  # calls between two clean-ups of what has left the window
SLACK_SECONDS = 0.002  # clocks are read in milliseconds
DOWN_SECONDS = 30.0  # before a store that failed is asked again: each question may cost its whole time-out


class Limiter:
    """A place for all calls, and a smaller one that calls without urgency must pass as well.

    While the store is down every process keeps the rate for itself: a few calls too many are answered with 429, but a termination that
    waits for Redis is a door left open.
    """

    def __init__(
        self,
        name: str,
        per_second: float,
        burst: int,
        store: Store,
        *,
        max_wait_seconds: float = LONGEST_WAIT_SECONDS,
        urgent_share: float = URGENT_SHARE,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        interval = max(1, round(burst / per_second * 1000))
        ordinary = max(1, burst - round(burst * urgent_share))
        self._all = _Place(store, name, Rate(burst, interval))
        self._ordinary = _Place(store, f"{name}:ordinary", Rate(ordinary, interval))
        self._max_wait_seconds = max_wait_seconds
        self._sleep = sleep
        self._clock = clock

    def acquire(self, cost: int = 1, urgent: bool = False) -> None:
        """Wait for room for `cost` calls. Raises RateLimited(retry_at) when that takes longer than the bounded wait."""
        left = self._max_wait_seconds
        for place in (self._all,) if urgent else (self._ordinary, self._all):
            while (wait := place.enter(cost)) > 0:
                if wait > left:
                    raise RateLimited(
                        sentence("our own limit for this system is used up"), retry_at=self._clock() + timedelta(seconds=wait)
                    )
                self._sleep(wait)
                left -= wait

    def close(self) -> None:
        self._all.close()
        self._ordinary.close()


class _Place:
    """One bucket of the store, and a spare one of our own for when the store is down."""

    def __init__(self, store: Store, name: str, rate: Rate) -> None:
        self._make = partial(store, name, rate)
        self._spare = InMemoryBucket([rate])
        self._shared: AbstractBucket | None = None
        self._down_until = 0.0
        self._calls = 0

    def enter(self, cost: int) -> float:
        """0.0 when there was room, else the seconds until there may be some."""
        if time.monotonic() >= self._down_until:
            try:
                self._shared = self._shared or self._make()
                return self._entered(self._shared, cost)
            except (RedisError, sqlite3.DatabaseError) as error:
                log.warning("rate limits are kept by this process alone: %s", error)
                self._shared = None  # a Redis that was restarted no longer knows the script, either
                self._down_until = time.monotonic() + DOWN_SECONDS
        return self._entered(self._spare, cost)

    def close(self) -> None:
        if self._shared is not None:
            self._shared.close()
        self._spare.close()

    def _entered(self, bucket: AbstractBucket, cost: int) -> float:
        item = RateItem("call", _now(bucket), cost)
        if self._calls % CLEAN_EVERY == 0:
            bucket.leak(item.timestamp)
        self._calls += 1
        if bucket.put(item):
            return 0.0
        wait = int(bucket.waiting(item))  # type: ignore[arg-type]
        if wait < 0:
            raise ValueError(f"{cost} calls at once are more than the limit ever allows")
        return wait / 1000 + SLACK_SECONDS


def _now(bucket: AbstractBucket) -> int:
    """The bucket's own clock, in milliseconds."""
    return int(bucket.now())  # type: ignore[no-untyped-call]


def redis_store(client: Redis) -> Store:
    """Kept in Redis; counted by a script there, so that it is exact between machines."""

    def bucket(name: str, rate: Rate) -> AbstractBucket:
        return RedisBucket.init([rate], client, f"rollcall:limit:{name}")

    return bucket


def file_store(path: Path) -> Store:
    """Kept in one SQLite file; exact between the processes of one machine."""

    def bucket(name: str, rate: Rate) -> AbstractBucket:
        table = "limit_" + re.sub(r"\W", "_", name)
        connection = sqlite3.connect(path, timeout=SQLITE_WAIT_SECONDS, check_same_thread=False)
        connection.execute("PRAGMA synchronous=OFF")  # a limit that is forgotten in a power cut does no harm
        with connection:
            connection.execute(f"CREATE TABLE IF NOT EXISTS '{table}' (name VARCHAR, item_timestamp INTEGER)")
            connection.execute(f"CREATE INDEX IF NOT EXISTS 'idx_{table}' ON '{table}' (item_timestamp)")
        return _SharedFileBucket([rate], connection, table)

    return bucket


def memory_store() -> Store:
    """Kept in this process only: for tests, and for a tool that runs alone."""

    def bucket(_name: str, rate: Rate) -> AbstractBucket:
        return InMemoryBucket([rate])

    return bucket


class _SharedFileBucket(SQLiteBucket):
    """Counts and enters in one transaction; the library's own file bucket counts outside of it, so two processes could both get in."""

    def put(self, item: RateItem) -> bool:
        with self.lock:
            self.conn.execute("BEGIN IMMEDIATE")
            try:
                return super().put(item)
            finally:
                if self.conn.in_transaction:
                    self.conn.rollback()
