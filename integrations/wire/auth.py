"""How a request proves who sends it. Each class is usable as `auth=` of Line.request.

Tokens live in the object, as long as the connector's line is open. They are renewed shortly before they end, and once after a 401.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from requests import PreparedRequest

from config.errors import CredentialExpired, CredentialRejected, PermissionMissing, RequestRefused, RollcallError, UnexpectedAnswer
from config.sentences import sentence
from integrations.wire.response import Response, explain_status

if TYPE_CHECKING:
    from integrations.wire.http import Line

EARLY_SECONDS = 60.0  # a token that ends while a page is on its way costs a second request; a minute covers the slowest page
LONGEST_SECONDS = 24 * 3600.0  # whatever the answer claims: a year in milliseconds has been seen where seconds were meant


class FixedAuth:
    """Something that stays as it was entered; a 401 is final."""

    def prepare(self, line: Line) -> None:
        """Nothing to fetch."""

    def renew(self, line: Line) -> bool:
        return False

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request


class Basic(FixedAuth):
    """User name and password (RFC 7617), in UTF-8."""

    def __init__(self, username: str, password: str) -> None:
        self._header = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = self._header
        return request


class Bearer(FixedAuth):
    """A token that was handed out once; `scheme` for those who say “Token” or “SSWS” instead of “Bearer”."""

    def __init__(self, token: str, scheme: str = "Bearer") -> None:
        self._header = f"{scheme} {token}"

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = self._header
        return request


class ApiKey(FixedAuth):
    """A key in a header or, where the vendor leaves no choice, in the query."""

    def __init__(self, name: str, value: str, where: Literal["header", "query"] = "header") -> None:
        self._name = name
        self._value = value
        self._where = where

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self._where == "header":
            request.headers[self._name] = self._value
        else:
            request.prepare_url(request.url, {self._name: self._value})
        return request


class TokenAuth:
    """OAuth 2.0: a token fetched from `token_url` by a grant that the subclass names.

    `style`: how the client shows itself, as Basic header or in the form. `extra`: further form fields (scope, audience, resource).
    `granted` is the last token answer, for vendors that put more into it (an instance address). Raises CredentialRejected,
    CredentialExpired, PermissionMissing, or what stopped the call.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        style: Literal["basic", "form"] = "basic",
        extra: Mapping[str, str] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.token_url = token_url
        self.granted: dict[str, Any] = {}
        self._client = (client_id, client_secret)
        self._style = style
        self._extra = dict(extra or {})
        self._monotonic = monotonic
        self._token = ""
        self._good_until = 0.0
        self._lock = threading.RLock()

    def grant(self) -> dict[str, str]:
        """The form fields that ask for a token."""
        return {}

    def taken(self, answer: dict[str, Any]) -> None:
        """What else to keep of a token answer."""

    def prepare(self, line: Line) -> None:
        with self._lock:
            if not self._token or self._monotonic() >= self._good_until:
                self._fetch(line)

    def renew(self, line: Line) -> bool:
        with self._lock:
            self._fetch(line)
        return True

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _fetch(self, line: Line) -> None:
        self._token = ""
        form = {**self.grant(), **self._extra}
        auth = None
        if self._style == "basic":
            auth = Basic(*self._client)
        else:
            form |= dict(zip(("client_id", "client_secret"), self._client, strict=True))
        response = line.post(self.token_url, data=form, auth=auth, headers={"Accept": "application/json"}, explain=False)
        error = explain_token(response)
        if error is not None:
            raise error
        answer = response.json()
        if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str) or not answer["access_token"]:
            raise UnexpectedAnswer(sentence("the token answer carries no access_token"))
        self._keep(answer)
        line.redactor.add(self._token)

    def _keep(self, answer: dict[str, Any]) -> None:
        self._token = answer["access_token"]
        try:
            seconds = float(answer.get("expires_in") or LONGEST_SECONDS)
        except (TypeError, ValueError):
            seconds = LONGEST_SECONDS
        seconds = min(seconds, LONGEST_SECONDS)
        self._good_until = self._monotonic() + max(seconds - EARLY_SECONDS, seconds / 2)
        self.granted = {key: value for key, value in answer.items() if key not in ("access_token", "refresh_token", "id_token")}
        self.taken(answer)


class ClientCredentials(TokenAuth):
    """The system signs in as itself (RFC 6749 §4.4)."""

    def grant(self) -> dict[str, str]:
        return {"grant_type": "client_credentials"}


class RefreshToken(TokenAuth):
    """A person once agreed; the refresh token stands for that (RFC 6749 §6).

    Where the other side hands out a new refresh token, `on_rotated` is called with it at once: the old one may be dead already.
    """

    def __init__(self, *args: Any, refresh_token: str, on_rotated: Callable[[str], None] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._refresh_token = refresh_token
        self._on_rotated = on_rotated

    def grant(self) -> dict[str, str]:
        return {"grant_type": "refresh_token", "refresh_token": self._refresh_token}

    def taken(self, answer: dict[str, Any]) -> None:
        issued = answer.get("refresh_token")
        if isinstance(issued, str) and issued and issued != self._refresh_token:
            self._refresh_token = issued
            if self._on_rotated is not None:
                self._on_rotated(issued)


TOKEN_ERRORS: dict[str, type[RollcallError]] = {
    "invalid_client": CredentialRejected,
    "invalid_grant": CredentialExpired,
    "unauthorized_client": PermissionMissing,
    "access_denied": PermissionMissing,
    "invalid_scope": PermissionMissing,
    "invalid_request": RequestRefused,
    "unsupported_grant_type": RequestRefused,
}


def explain_token(response: Response) -> RollcallError | None:
    """What a token endpoint's answer means (RFC 6749 §5.2); None when it is good. 400 is its word for a wrong secret, too."""
    if response.status in (400, 401, 403):
        try:
            answer = response.json()
        except UnexpectedAnswer:
            answer = None
        word = answer.get("error") if isinstance(answer, dict) else None
        kind = TOKEN_ERRORS.get(word) if isinstance(word, str) else None
        if kind is not None:
            return kind(f"token: {response.excerpt()}")
        if response.status == 400:
            return CredentialRejected(f"token: 400 {response.excerpt()}".strip())
    return explain_status(response)
