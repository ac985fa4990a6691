"""A database that went away under a worker and comes back: what has to be written then, is written then.

Pages do not wait here; Django looks at their connections before every request (CONN_HEALTH_CHECKS).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import Error, InterfaceError, OperationalError, connection

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 30.0  # a restart with recovery takes seconds; whoever is stopped waits as long for a slice under way (config/pulse.py)
PAUSE_SECONDS = 0.2
# Ended by an administrator, by a crash, or not let in yet; class 08 is the connection itself. Errors the driver finds by itself have none.
ENDED = ("57P01", "57P02", "57P03")

T = TypeVar("T")
_rest = threading.Event().wait


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone, as against a statement that failed. Never true on SQLite."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    said = getattr(error.__cause__, "sqlstate", "")
    return said is None or said[:2] == "08" or said in ENDED


def once_back(action: Callable[[], T]) -> T:
    """Do `action`; while the database is away, again on a new connection. Raises what it raised last when the patience is over.

    The action may have been done although its answer was lost: doing it twice must be the same as doing it once.
    """
    ends = time.monotonic() + PATIENCE_SECONDS
    is_told = False
    if connection.errors_occurred:
        connection.close_if_unusable_or_obsolete()
    while True:
        try:
            return action()
        except Error as error:
            if not is_lost(error) or connection.in_atomic_block or time.monotonic() >= ends:
                raise
            if not is_told:
                log.warning("the database is away; trying for %g s: %s", PATIENCE_SECONDS, error)
            is_told = True
            connection.close()
            _rest(PAUSE_SECONDS)
