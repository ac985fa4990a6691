"""Signing in, with a brake on guessing: too many wrong passwords for an account or from an address, and both wait.

Counted in the cache: shared by all processes with Redis, by each process for itself without. A cache that is gone stops nobody from
signing in. What was typed is never kept: names are counted by their digest.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

WAIT_SECONDS = 15 * 60
# The first stops somebody who guesses; the second many addresses at one account, without locking its owner out after five;
# the third one address that tries one password on everybody.
FROM_HERE, OF_ACCOUNT, OF_ADDRESS = 5, 50, 50


@dataclass(frozen=True, slots=True)
class Counter:
    """Wrong passwords of the last quarter of an hour under one key, and how many are let be."""

    key: str
    most: int

    def is_full(self) -> bool:
        try:
            return int(cache.get(self.key) or 0) >= self.most
        except (RedisError, OSError):
            return False

    def count(self) -> None:
        try:
            cache.add(self.key, 0, WAIT_SECONDS)
            cache.incr(self.key)
        except (RedisError, OSError, ValueError):  # ValueError: it ended between the two
            log.warning("a wrong password could not be counted")

    def forget(self) -> None:
        try:
            cache.delete(self.key)
        except (RedisError, OSError):
            log.warning("the cache does not answer")


def counters(username: str, address: str) -> tuple[Counter, Counter, Counter]:
    account = sha256(username.casefold().encode()).hexdigest()
    return (
        Counter(f"sign-in:{account}:{address}", FROM_HERE),
        Counter(f"sign-in:{account}", OF_ACCOUNT),
        Counter(f"sign-in:from:{address}", OF_ADDRESS),
    )


def address_of(request: HttpRequest) -> str:
    """Who asks. Behind a proxy the last address of the list, which that proxy wrote itself; the ones before it are anybody's claim."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    return (forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", ""))[:64]


class SignInForm(AdminAuthenticationForm):
    """Django's form. While a counter is full the password is not even looked at."""

    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": gettext_lazy("This user name and password do not fit together. Capital letters count in both.")
    }

    def clean(self) -> dict[str, Any]:
        if self.request is None:
            return super().clean()
        found = counters(self.cleaned_data.get("username") or "", address_of(self.request))
        if any(one.is_full() for one in found):
            log.warning("sign-in refused after too many wrong passwords")
            raise ValidationError(_("Too many wrong passwords. Please wait a quarter of an hour."), code="too_many")
        try:
            given = super().clean()
        except ValidationError:
            for one in found:
                one.count()
            raise
        found[0].forget()
        return given
