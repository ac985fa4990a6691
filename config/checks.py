"""System checks with ids of our own: `manage.py check --deploy`, and `--database default` for those that read tables."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError

from config import secrets
from config.errors import KeyRingUnusable
from config.sentences import english

LOOPBACK_NAMES = ("localhost", "testserver")


@register(Tags.security)
def key_ring(**_: Any) -> list[CheckMessage]:
    """E001: without a key of the installation's own, secrets could not be stored, or not be opened after the next restart."""
    hint = "Set ROLLCALL_FIELD_KEYS to one or more Fernet keys, newest first (docs/operating.md says how to make one)."
    if settings.PRODUCTION and not [key for key in settings.FIELD_KEYS if key]:
        return [Error("No field key is set.", hint=hint, id="rollcall.E001")]
    try:
        secrets.ring()
    except KeyRingUnusable as error:
        return [Error(f"The field keys cannot be used: {english(error.detail)}.", hint=hint, id="rollcall.E001")]
    return []


@register(Tags.security, deploy=True)
def broker(**_: Any) -> list[CheckMessage]:
    """W002: the file broker is for one machine, and slower by a factor of five."""
    if not settings.PRODUCTION or settings.REDIS_URL:
        return []
    return [Warning("The file broker is in use.", hint="Set REDIS_URL; the file broker serves one machine.", id="rollcall.W002")]


@register(Tags.security, deploy=True)
def database_engine(**_: Any) -> list[CheckMessage]:
    """W003: SQLite is one file on one machine."""
    if not settings.PRODUCTION or not settings.ON_SQLITE:
        return []
    hint = "Set DATABASE_URL to PostgreSQL: SQLite cannot be shared by several machines and lets one writer in at a time."
    return [Warning("The database is SQLite.", hint=hint, id="rollcall.W003")]


@register(Tags.database, deploy=True)
def beat_is_alive(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """W004: without beat nothing starts by the clock as long as no worker pulses."""
    if not databases or not settings.PRODUCTION:
        return []
    from config.health.heartbeat import is_alive

    try:
        alive = is_alive("beat")
    except DatabaseError:  # before the first migration
        return []
    hint = "Start exactly one `celery -A config beat`; see docs/operating.md."
    return [] if alive else [Warning("Beat has not been seen for a minute.", hint=hint, id="rollcall.W004")]


@register(Tags.security)
def debug_in_public(**_: Any) -> list[CheckMessage]:
    """E005: a page of DEBUG shows settings and data to whoever reaches it."""
    if not settings.DEBUG or not (settings.PRODUCTION or any(_is_public(host) for host in settings.ALLOWED_HOSTS)):
        return []
    return [Error("DEBUG is on and the host is public.", hint="Unset DEBUG.", id="rollcall.E005")]


@register(Tags.security)
def sandbox_in_production(**_: Any) -> list[CheckMessage]:
    """E006: the exception that lets the demo call plain http on loopback must not exist in production."""
    if not settings.PRODUCTION or not (settings.SANDBOX_HOSTS or settings.SANDBOX_URL):
        return []
    hint = "Unset ROLLCALL_SANDBOX_HOSTS and ROLLCALL_SANDBOX_URL."
    return [Error("Sandbox addresses are allowed in production.", hint=hint, id="rollcall.E006")]


def _is_public(host: str) -> bool:
    bare = host.strip("[]").lstrip(".")
    if bare in LOOPBACK_NAMES:
        return False
    try:
        return not ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return True
