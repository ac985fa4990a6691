"""One item ahead in a thread: in order, errors in their place, nothing left open."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connection

from config.ahead import ahead


class Source:
    """Numbers from 1 on. Notes in which thread each was made, and whether it was closed."""

    def __init__(self, count: int, *, breaks_at: int = 0) -> None:
        self.count, self.breaks_at = count, breaks_at
        self.made: list[int] = []
        self.threads: set[str] = set()
        self.is_closed = False
        self.has_made = threading.Condition()

    def __call__(self) -> Iterator[int]:
        try:
            for number in range(1, self.count + 1):
                if number == self.breaks_at:
                    raise LookupError(f"no {number}")
                with self.has_made:
                    self.made.append(number)
                    self.threads.add(threading.current_thread().name)
                    self.has_made.notify_all()
                yield number
        finally:
            self.is_closed = True

    def wait_for(self, number: int) -> None:
        with self.has_made:
            assert self.has_made.wait_for(lambda: number in self.made, timeout=10)


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a worker on a database that two connections can use."""
    monkeypatch.setattr("config.ahead._is_in_memory", lambda: False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("apart")
def test_the_next_item_is_made_while_the_first_is_used_and_no_more_than_one() -> None:
    source = Source(5)
    with ahead(source()) as items:
        coming = iter(items)
        assert next(coming) == 1
        source.wait_for(2)
        assert source.made == [1, 2]
        assert list(coming) == [2, 3, 4, 5]
    assert source.is_closed and not items.is_cut
    assert threading.current_thread().name not in source.threads


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("apart")
def test_after_enough_what_is_being_made_still_comes() -> None:
    source = Source(5)
    seen = []
    with ahead(source()) as items:
        for number in items:
            seen.append(number)
            if number == 2:
                source.wait_for(3)
                items.enough()
    assert seen == [1, 2, 3] == source.made
    assert items.is_cut and source.is_closed


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("apart")
def test_an_error_comes_in_its_place_and_closes_the_source() -> None:
    source = Source(5, breaks_at=3)
    with ahead(source()) as items:
        coming = iter(items)
        assert [next(coming), next(coming)] == [1, 2]
        with pytest.raises(LookupError, match="no 3"):
            next(coming)
    assert source.is_closed


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("apart")
def test_whoever_leaves_early_leaves_nothing_open() -> None:
    source = Source(5)
    with ahead(source()) as items:
        assert next(iter(items)) == 1
    assert source.is_closed
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


@pytest.mark.django_db
@pytest.mark.usefixtures("apart")
def test_inside_a_transaction_each_item_is_made_when_it_is_asked_for() -> None:
    assert connection.in_atomic_block
    source = Source(3)
    with ahead(source()) as items:
        coming = iter(items)
        assert next(coming) == 1 and source.made == [1]
        items.enough()
        assert list(coming) == []
    assert items.is_cut and source.is_closed
    assert source.threads == {threading.current_thread().name}
