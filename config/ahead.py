"""Prepare the next item while the present one is used: reading and writing need not take turns.

A run waits for a source, works out what was said, and waits for the database. With a thread that stays one item ahead the waits
overlap. What that brings: docs/benchmarks.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, Generic, TypeVar

from django.db import connection, connections

T = TypeVar("T")
END: Any = object()


class Ahead(Generic[T]):
    """Iterates over `source`. With a `thread` the next item is prepared there, on a database connection of the thread's own.

    What the source raises is raised here, in the place of the item. After `enough()` no further item is begun: what is being
    prepared still comes, and then the iteration ends with `is_cut` true.
    """

    def __init__(self, source: Iterator[T], thread: ThreadPoolExecutor | None) -> None:
        self.is_cut = False
        self._source = source
        self._thread = thread
        self._is_enough = False

    def enough(self) -> None:
        self._is_enough = True

    def __iter__(self) -> Iterator[T]:
        coming: Callable[[], T] | None = self._begun()
        while coming is not None:
            item = coming()
            if item is END:
                return
            coming = None if self._is_enough else self._begun()
            yield item
            if self._is_enough and self._thread is None:
                coming = None
        self.is_cut = True

    def _begun(self) -> Callable[[], T]:
        if self._thread is None:
            return partial(next, self._source, END)
        return self._thread.submit(next, self._source, END).result


@contextmanager
def ahead(source: Iterator[T]) -> Iterator[Ahead[T]]:
    """At the end the source has let go of everything it holds.

    Inside a transaction nothing is prepared ahead: another connection would not see what this one has written.
    """
    if connection.in_atomic_block or _is_in_memory():
        try:
            yield Ahead(source, None)
        finally:
            _close(source)
        return
    with ThreadPoolExecutor(1, "ahead") as thread:
        try:
            yield Ahead(source, thread)
        finally:
            thread.submit(_close, source)
            thread.submit(connections.close_all)


def _close(source: Iterator[T]) -> None:
    if hasattr(source, "close"):
        source.close()


def _is_in_memory() -> bool:
    """SQLite's shared memory locks whole tables, for readers too, and does not wait."""
    return connection.vendor == "sqlite" and bool(connection.is_in_memory_db())  # type: ignore[attr-defined]
