"""What `manage.py doctor` looks at: everything an operator would ask first, each with a sentence and what to do."""

from __future__ import annotations

import shutil
import zoneinfo
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from config.audit import triggers
from config.health import heartbeat
from config.health.parts import examine

LOW_DISK_BYTES = 1024**3  # one large extract, its copy in the database and the log of the night
SKEW = timedelta(seconds=5)  # signatures of other systems tolerate minutes; leases tolerate none of it growing


class Grade(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    name: str
    grade: Grade
    says: str
    next_step: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def diagnose() -> list[Finding]:
    """All findings. What needs the database is left out when the database does not answer."""
    parts = examine()
    found = [Finding(part.name, Grade.OK if part.works else Grade.FAIL, part.says, "" if part.works else HELP[part.name]) for part in parts]
    found += [disk(), zones()]
    if parts[0].works:
        found += [_safely(check) for check in NEED_DATABASE]
    return found


HELP = {
    "database": "Check DATABASE_URL and that the server runs.",
    "migrations": "Run: manage.py migrate",
    "broker": "Check REDIS_URL, or that the data directory can be written. Work goes on without it, a second later.",
    "cache": "Check REDIS_URL.",
    "keys": "Check ROLLCALL_FIELD_KEYS; docs/operating.md says how keys are rotated.",
}


def _safely(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except DatabaseError as error:
        return Finding(check.__name__, Grade.FAIL, f"cannot be looked at: {type(error).__name__}", "Run: manage.py migrate")


def disk() -> Finding:
    free = shutil.disk_usage(settings.DATA_DIR if settings.DATA_DIR.exists() else settings.BASE_DIR).free
    says = f"{free / 1024**3:.1f} GB free"
    if free < LOW_DISK_BYTES:
        return Finding("disk", Grade.WARN, says, "Make room: uploads, the database and the file broker live there.")
    return Finding("disk", Grade.OK, says)


def zones() -> Finding:
    """Whether the machine knows time zones at all; slim images bring none."""
    try:
        zoneinfo.ZoneInfo(settings.ORGANISATION_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return Finding("zones", Grade.FAIL, f"{settings.ORGANISATION_ZONE!r} is not a time zone", "Correct ROLLCALL_TIME_ZONE.")
    return Finding("zones", Grade.OK, settings.ORGANISATION_ZONE)


def clock() -> Finding:
    """This machine's clock against the database's."""
    if connection.vendor != "postgresql":
        return Finding("clock", Grade.OK, "same machine as the database")
    before = heartbeat.real_now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    skew = abs(theirs - before)
    if skew > SKEW:
        return Finding(
            "clock", Grade.WARN, f"{skew.total_seconds():.0f} s apart from the database", "Let both machines follow a time server."
        )
    return Finding("clock", Grade.OK, f"{skew.total_seconds():.1f} s apart from the database")


def trigram() -> Finding:
    """The extension that makes the search for parts of names quick."""
    if connection.vendor != "postgresql":
        return Finding("trigram", Grade.OK, "not used on SQLite: the search reads the whole table")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        if cursor.fetchone():
            return Finding("trigram", Grade.OK, "pg_trgm is installed")
    return Finding("trigram", Grade.WARN, "pg_trgm is not installed: search is slow above 50,000 people", "Run: CREATE EXTENSION pg_trgm")


def audit_triggers() -> Finding:
    if triggers.are_installed(connection):
        return Finding("audit_triggers", Grade.OK, "the trail refuses changes")
    return Finding(
        "audit_triggers", Grade.FAIL, "the trail could be changed", "Migrate config back to 0001 and forward again in a maintenance window."
    )


def worker() -> Finding:
    return _life("worker", "Start `celery -A config worker`. Until then nothing is synchronised.")


def beat() -> Finding:
    return _life("beat", "Start exactly one `celery -A config beat`.")


def _life(component: str, next_step: str) -> Finding:
    seen = heartbeat.last_beat(component)
    if heartbeat.is_alive(component):
        return Finding(component, Grade.OK, "alive")
    return Finding(component, Grade.WARN, f"last seen {seen:%Y-%m-%d %H:%M:%S} UTC" if seen else "never seen", next_step)


NEED_DATABASE: tuple[Callable[[], Finding], ...] = (clock, trigram, audit_triggers, worker, beat)
