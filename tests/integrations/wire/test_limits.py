from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pyrate_limiter import InMemoryBucket
from redis import ConnectionError as RedisConnectionError
from redis import Redis

from config.errors import RateLimited
from integrations.wire.limits import Limiter, Store, file_store, memory_store, redis_store

NOW = datetime(2026, 5, 20, 6, tzinfo=UTC)


class Clock:
    """A bucket's clock that only a sleep moves."""

    def __init__(self) -> None:
        self.ms = 1_000_000
        self.slept: list[float] = []

    def now(self) -> int:
        return self.ms

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.ms += round(seconds * 1000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("integrations.wire.limits._now", lambda _bucket: clock.now())
    return clock


def limiter(clock: Clock, per_second: float, burst: int, **options: Any) -> Limiter:
    return Limiter("hr", per_second, burst, options.pop("store", memory_store()), sleep=clock.sleep, clock=lambda: NOW, **options)


def test_a_burst_passes_at_once_and_the_rest_at_the_rate(clock: Clock) -> None:
    limits = limiter(clock, per_second=10, burst=5, urgent_share=0)
    begun = clock.ms
    for _ in range(25):
        limits.acquire()
    assert clock.ms - begun == pytest.approx(2000, abs=30)  # five at once, then five every half second


def test_a_rate_below_one_a_second_is_kept(clock: Clock) -> None:
    limits = limiter(clock, per_second=0.2, burst=1, max_wait_seconds=20)
    begun = clock.ms
    for _ in range(3):
        limits.acquire()
    assert clock.ms - begun == pytest.approx(10_000, abs=30)


def test_a_wait_longer_than_the_bound_says_when_to_come_back(clock: Clock) -> None:
    limits = limiter(clock, per_second=0.01, burst=1)
    limits.acquire()
    with pytest.raises(RateLimited) as caught:
        limits.acquire()
    assert clock.slept == []
    assert caught.value.retry_at is not None
    assert timedelta(seconds=99) < caught.value.retry_at - NOW < timedelta(seconds=101)


def test_ordinary_calls_leave_a_share_for_urgent_ones(clock: Clock) -> None:
    limits = limiter(clock, per_second=1, burst=10, max_wait_seconds=0)
    for _ in range(8):
        limits.acquire()
    with pytest.raises(RateLimited):
        limits.acquire()
    for _ in range(2):
        limits.acquire(urgent=True)
    with pytest.raises(RateLimited):
        limits.acquire(urgent=True)


def test_urgent_calls_may_use_everything_and_count_for_all(clock: Clock) -> None:
    limits = limiter(clock, per_second=1, burst=10, max_wait_seconds=0)
    for _ in range(10):
        limits.acquire(urgent=True)
    with pytest.raises(RateLimited):
        limits.acquire()


def test_a_cost_takes_several_places(clock: Clock) -> None:
    limits = limiter(clock, per_second=1, burst=10, max_wait_seconds=0)
    limits.acquire(cost=6)
    with pytest.raises(RateLimited):
        limits.acquire(cost=3)
    limits.acquire(cost=2)


def test_a_cost_that_can_never_fit_is_our_mistake(clock: Clock) -> None:
    with pytest.raises(ValueError, match="more than the limit"):
        limiter(clock, per_second=1, burst=2).acquire(cost=3)


# ── kept in a file ──────────────────────────────────────────────────────────────────────────────────

WORKER = """
import sys
from pathlib import Path
from pyrate_limiter import SQLiteBucket
from integrations.wire.limits import Limiter, file_store
SQLiteBucket.leak = lambda *_: 0  # everything stays in the file, to be counted
limits = Limiter("hr", 20, 10, file_store(Path(sys.argv[1])), urgent_share=0)
for _ in range(10):
    limits.acquire()
"""


@pytest.mark.processes
def test_three_processes_together_stay_within_one_limit(tmp_path: Path) -> None:
    path = tmp_path / "limits.sqlite3"
    root = Path(__file__).parents[3]
    workers = [subprocess.Popen([sys.executable, "-c", WORKER, str(path)], cwd=root) for _ in range(3)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    with sqlite3.connect(path) as connection:
        times = [row[0] for row in connection.execute("SELECT item_timestamp FROM limit_hr ORDER BY item_timestamp")]
    assert len(times) == 30
    assert min(later - earlier for earlier, later in zip(times, times[10:], strict=False)) >= 500  # never more than 10 in half a second


def test_what_was_used_is_remembered_by_the_next_process(tmp_path: Path) -> None:
    store = file_store(tmp_path / "limits.sqlite3")
    first = Limiter("hr", 0.01, 1, store)
    first.acquire()
    first.close()
    with pytest.raises(RateLimited):
        Limiter("hr", 0.01, 1, store).acquire()
    Limiter("another hr's", 0.01, 1, store).acquire()


def test_what_has_left_the_window_is_cleaned_up(tmp_path: Path) -> None:
    path = tmp_path / "limits.sqlite3"
    limits = Limiter("hr", 1_000_000, 1000, file_store(path))
    for _ in range(450):
        limits.acquire(urgent=True)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM limit_hr").fetchone()[0] < 450


# ── a store that fails ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("error", [RedisConnectionError("gone"), sqlite3.OperationalError("database is locked")])
def test_a_store_that_is_down_does_not_stop_urgent_work_but_each_process_keeps_the_rate_alone(clock: Clock, error: Exception) -> None:
    class Broken(InMemoryBucket):
        def put(self, item: Any) -> bool:
            raise error

        def leak(self, current_timestamp: int | None = None) -> int:
            raise error

    limits = limiter(clock, per_second=1, burst=5, max_wait_seconds=0, store=lambda _name, rate: Broken([rate]))
    for _ in range(5):
        limits.acquire(urgent=True)
    with pytest.raises(RateLimited):
        limits.acquire(urgent=True)


# ── kept in Redis ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def redis() -> Store:
    return redis_store(Redis.from_url(os.environ["REDIS_URL"], socket_timeout=2))


@pytest.mark.redis
def test_two_limiters_share_one_limit_in_redis(redis: Store) -> None:
    name = f"test-{uuid4()}"
    first, second = (Limiter(name, 0.1, 4, redis, max_wait_seconds=0, urgent_share=0) for _ in range(2))
    for limits in (first, second, first, second):
        limits.acquire()
    for limits in (first, second):
        with pytest.raises(RateLimited) as caught:
            limits.acquire()
        assert caught.value.retry_at is not None


@pytest.mark.redis
def test_redis_that_forgot_the_script_is_told_again(redis: Store) -> None:
    limits = Limiter(f"test-{uuid4()}", 1, 5, redis, max_wait_seconds=0)
    Redis.from_url(os.environ["REDIS_URL"]).script_flush()
    for _ in range(4):
        limits.acquire()
    with pytest.raises(RateLimited):
        limits.acquire()
