"""A worker as in an installation, to be killed: it does what is due until nothing is, or dies where it was told to.

    python -m tests.properties.worker <database> [commit:<n> | call:<n>]

`commit:7` is SIGKILL right after the seventh commit, before the next line; `call:3` right after the third answer of a vendor, before
anything of it is stored. Ends with 0 when no run and no delivery waits, with 3 when what waits is not due for seconds.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings

PATIENCE = 40  # idle looks in a row, a twentieth of a second each


def die_at(place: str) -> None:
    """Put the kill where the argument says."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    from integrations.wire.http import Line

    kind, _, number = place.partition(":")
    owner, name = {"commit": (BaseDatabaseWrapper, "commit"), "call": (Line, "request")}[kind]
    setattr(owner, name, deadly(getattr(owner, name), int(number)))


rest = threading.Event().wait  # a worker between two looks at the rows; nothing in the test waits for it


def deadly(done: Callable[..., Any], times: int) -> Callable[..., Any]:
    left = times

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        result = done(*args, **kwargs)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped


def work() -> int:
    from integrations.outbound.models import Delivery
    from syncjobs.runs.models import WORKABLE, SyncRun
    from syncjobs.tasks import pulse

    idle = 0
    while idle < PATIENCE:
        if pulse():
            idle = 0
            continue
        if not (SyncRun.objects.filter(phase__in=WORKABLE).exists() or Delivery.objects.filter(state__in=("pending", "sending")).exists()):
            return 0
        idle += 1
        rest(0.05)
    return 3


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    settings.DATABASES["default"]["NAME"] = sys.argv[1]
    django.setup()
    if len(sys.argv) > 2:
        die_at(sys.argv[2])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.exit(work())
