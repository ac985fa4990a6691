"""Because of what: the one row that everything written in a transaction points at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from django.db import connection
from django.db.transaction import TransactionManagementError

from config import clock
from config.audit.models import Cause, CauseKind
from config.roles.models import User
from config.sentences import LONGEST, Sentence

_current: ContextVar[Cause | None] = ContextVar("cause", default=None)


def because(kind: CauseKind | str, label: Sentence, reason: str = "", actor: User | None = None, correlation: str = "") -> Cause:
    """Write the Cause. `correlation` defaults to the request or task id of the log lines, so that both can be joined.

    Must be called inside transaction.atomic(): a cause without its effect, or the reverse, must not survive.
    """
    must_be_atomic()
    return Cause.objects.create(
        kind=CauseKind(kind),
        label=label[:LONGEST],
        reason=reason,
        actor=actor,
        correlation=(correlation or _log_correlation())[:64],
        at=clock.now(),
    )


def must_be_atomic() -> None:
    if not connection.in_atomic_block:
        raise TransactionManagementError("the trail is written inside transaction.atomic(), together with what it is about")


def _log_correlation() -> str:
    bound = structlog.contextvars.get_contextvars()
    return str(bound.get("request_id") or bound.get("task_id") or "")


@contextmanager
def acting_because(cause: Cause) -> Iterator[Cause]:
    """While inside, writers that were not handed a cause (the settings history) point at this one."""
    token = _current.set(cause)
    try:
        yield cause
    finally:
        _current.reset(token)


def current_cause() -> Cause | None:
    """The cause of the decision that is being carried out, if one is."""
    return _current.get()
