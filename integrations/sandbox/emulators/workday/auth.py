"""Who may come in: integration users by WS-Security or Basic, and bearer tokens from refreshing. Source: docs/vendors/workday.md §2."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from integrations.sandbox.emulators.workday.asking.envelope import Token
from integrations.sandbox.emulators.workday.settings import Settings
from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.faults import VendorFaults


class Doorkeeper:
    """Checks credentials, hands out tokens. Tokens live in memory: a restart wipes them, as a sandbox refresh does."""

    def __init__(self, settings: Settings, faults: VendorFaults, now: Callable[[], datetime]) -> None:
        self._settings, self._faults, self._now = settings, faults, now
        self._tokens: dict[str, datetime] = {}
        self._failures: dict[str, int] = {}
        self._lock = threading.Lock()

    # ── users ───────────────────────────────────────────────────────────────────────────────────────

    def knows(self, token: Token | None) -> bool:
        """A UsernameToken in clear text, of a user who names this tenant."""
        if token is None or not token.is_text:
            return False
        user, at, tenant = token.username.rpartition("@")
        return bool(at) and tenant == self._settings.tenant and self._is_password(user, token.password)

    def knows_basic(self, header: str) -> bool:
        """Basic for a report; the tenant stands in the address, so user and user@tenant are both taken."""
        pair = _basic(header)
        if pair is None:
            return False
        user, at, tenant = pair[0].partition("@")
        return (not at or tenant == self._settings.tenant) and self._is_password(user, pair[1])

    def _is_password(self, user: str, password: str) -> bool:
        known = self._settings.users.get(user)
        if known is None:
            return False
        with self._lock:
            failures = self._failures.get(user, 0)
            is_locked = self._settings.lock_after and failures >= self._settings.lock_after
            fits = hmac.compare_digest(known.encode(), password.encode())
            self._failures[user] = 0 if fits and not is_locked else failures + 1
        return fits and not is_locked

    # ── tokens ──────────────────────────────────────────────────────────────────────────────────────

    def knows_bearer(self, header: str) -> bool:
        """A live token. The switch `expire_token_after` kills what was handed out so far, once; the next one works."""
        token = header.partition(" ")[2].strip()
        with self._lock:
            if self._faults.token_expired():
                self._tokens.clear()
                self._faults.expire_token_after = None
            return self._now() < self._tokens.get(token, datetime.min.replace(tzinfo=self._now().tzinfo))

    def token(self, request: Request) -> Response:
        """POST oauth2/{tenant}/token: the client by Basic, the refresh token in the form."""
        if request.method != "POST":
            return Response.json({"error": "invalid_request"}, status=405)
        if _basic(request.headers.get("authorization", "")) != (self._settings.client_id, self._settings.client_secret):
            return Response.json({"error": "invalid_client"}, status=401)
        form = dict(request.form())
        if form.get("grant_type") != "refresh_token":
            return Response.json({"error": "unsupported_grant_type"}, status=400)
        if not hmac.compare_digest(form.get("refresh_token", "").encode(), self._settings.refresh_token.encode()):
            return Response.json({"error": "invalid_grant"}, status=400)
        return Response.json(self._issued())

    def _issued(self) -> dict[str, str | int]:
        access = secrets.token_urlsafe(24)
        with self._lock:
            self._tokens[access] = self._now() + timedelta(seconds=self._settings.token_seconds)
        issued: dict[str, str | int] = {"refresh_token": self._settings.refresh_token, "token_type": "Bearer", "access_token": access}
        return issued | ({"expires_in": self._settings.token_seconds} if self._settings.says_expires_in else {})

    def reset(self) -> None:
        with self._lock:
            self._tokens.clear()
            self._failures.clear()


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, packed = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(packed.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, password) if colon else None
