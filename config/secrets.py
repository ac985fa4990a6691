"""Secrets at rest: encrypted with the newest field key, readable with every key of the ring, never shown again.

The ring is ROLLCALL_FIELD_KEYS, newest first (Fernet keys). Rotating = put a new key in front, restart, `rotate_secrets`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models

from config.errors import KeyRingUnusable
from config.sentences import sentence

MASK = "••••••"


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key.encode()) for key in keys])
    except (ValueError, TypeError) as error:
        raise KeyRingUnusable(sentence("a field key is not 32 bytes of URL-safe base64")) from error


def ring() -> MultiFernet:
    """The keys of this installation. Raises KeyRingUnusable."""
    return _ring(tuple(settings.FIELD_KEYS))


def seal(text: str) -> str:
    return ring().encrypt(text.encode()).decode()


def open_sealed(token: str) -> str:
    """The text behind `token`. Raises KeyRingUnusable when no key of the ring fits."""
    try:
        return ring().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise KeyRingUnusable() from error


def reseal(token: str) -> str:
    """The same secret under the newest key."""
    try:
        return ring().rotate(token.encode()).decode()
    except InvalidToken as error:
        raise KeyRingUnusable() from error


class Secret(str):
    """A secret in memory: a plain str to whoever needs it, six dots to every log line and debugger."""

    __slots__ = ()

    def __repr__(self) -> str:
        return MASK


class EncryptedTextField(models.TextField):
    """A text column that holds ciphertext. Its value in Python is a `Secret`. It cannot be searched."""

    def from_db_value(self, value: str | None, *_: Any) -> Secret | None:
        return None if value is None else Secret(open_sealed(value))

    def get_prep_value(self, value: str | None) -> str | None:
        return None if value is None else seal(str(value))

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError("a secret cannot be searched")
