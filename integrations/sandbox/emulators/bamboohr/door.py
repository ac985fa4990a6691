"""Who may come in: the API key as Basic user with any password, or a bearer token; a lock-out after too many unknown keys."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from integrations.sandbox.emulators.bamboohr.answers import Refusal, as_json
from integrations.sandbox.emulators.bamboohr.settings import Settings
from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.faults import VendorFaults


class Door:
    """Tokens and the count of unknown keys live in memory."""

    def __init__(self, settings: Settings, faults: VendorFaults, now: Callable[[], datetime]) -> None:
        self._settings, self._faults, self._now = settings, faults, now
        self._lock = Lock()
        self.reset()

    def reset(self) -> None:
        self._unknown = 0
        self._locked_until: datetime | None = None
        self._access: dict[str, datetime] = {}
        self._refresh: set[str] = {"sandbox-refresh-token"}
        self._codes: set[str] = set()

    # ── each call ───────────────────────────────────────────────────────────────────────────────────

    def check(self, request: Request) -> None:
        """Raises Refusal 401 or 403. A missing key does not count towards the lock-out, an unknown one does."""
        with self._lock:
            now = self._now()
            if self._locked_until and now < self._locked_until:
                raise Refusal(403, "Too many failed attempts with unknown API keys")
            scheme, _, value = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() == "bearer":
                self._check_token(value.strip(), now)
            else:
                self._check_key(_user(scheme, value), now)

    def _check_key(self, key: str, now: datetime) -> None:
        if not key:
            raise Refusal(401, "No API key")
        if not hmac.compare_digest(key.encode(), self._settings.api_key.encode()):
            self._unknown += 1
            if self._unknown >= self._settings.lockout_after:
                self._locked_until, self._unknown = now + timedelta(seconds=self._settings.lockout_seconds), 0
            raise Refusal(401, "Invalid API key")
        self._unknown = 0
        if self._faults.token_expired():  # a key that was withdrawn: until the switch is off
            raise Refusal(401, "Invalid API key")

    def _check_token(self, token: str, now: datetime) -> None:
        """The switch `expire_token_after` kills what was handed out so far, once; the next token works."""
        if self._faults.token_expired():
            self._access.clear()
            self._faults.expire_token_after = None
        if token not in self._access or now >= self._access[token]:
            raise Refusal(401, "Invalid access token")

    # ── OAuth ───────────────────────────────────────────────────────────────────────────────────────

    def authorize(self, request: Request) -> Response:
        """What the browser step ends with once somebody has agreed: back to the caller with a code."""
        target = request.param("redirect_uri")
        if request.param("client_id") != self._settings.client_id or not target or request.param("response_type") != "code":
            raise Refusal(400, "Invalid authorization request", {"error": "invalid_request"})
        code = secrets.token_urlsafe(12)
        with self._lock:
            self._codes.add(code)
        join = "&" if "?" in target else "?"
        return Response(302, {"Location": f"{target}{join}code={code}&state={request.param('state')}"})

    def token(self, request: Request) -> Response:
        """POST /token.php?request=token. A code works once; a refresh token is replaced at each use."""
        form = dict(request.form())
        if (form.get("client_id"), form.get("client_secret")) != (self._settings.client_id, self._settings.client_secret):
            raise Refusal(401, "Unknown client", {"error": "invalid_client"})
        grants = {"authorization_code": (self._codes, "code"), "refresh_token": (self._refresh, "refresh_token")}
        if form.get("grant_type") not in grants:
            raise Refusal(400, "Unknown grant", {"error": "unsupported_grant_type"})
        pool, name = grants[form["grant_type"]]
        with self._lock:
            if form.get(name) not in pool:
                raise Refusal(400, "Unknown or used grant", {"error": "invalid_grant"})
            pool.remove(form[name])
            access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
            self._access[access] = self._now() + timedelta(seconds=self._settings.token_seconds)
            self._refresh.add(refresh)
        return as_json(
            {"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": self._settings.token_seconds}
        )


def _user(scheme: str, packed: str) -> str:
    """The user name of a Basic header; the password is of no interest."""
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(packed.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
