"""The only way out over HTTP. One Line per connector: guarded, limited in time and size, logged, never redirected.

Why not plain `requests`: it counts time-outs per read, follows redirects (turning POST into GET), inflates what it gets
without a bound and reads proxies from the environment.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson
import requests
from requests.adapters import HTTPAdapter

from config.errors import RollcallError, TimedOut
from config.sentences import sentence
from integrations.wire.body import Body
from integrations.wire.dial import Call, GuardedPool, current, tls_context
from integrations.wire.limits import Limiter
from integrations.wire.redact import Redactor
from integrations.wire.response import Response, explain_status
from integrations.wire.safe_url import Guard
from integrations.wire.transport_errors import is_stale, named

__all__ = ["Auth", "Exchange", "Line", "Response", "explain_status"]

AGENT = "Rollcall/1"
IDLE_CONNECTIONS = 4  # a connector is worked by one run and a few deliveries at a time
REFUSAL_BYTES = 1024 * 1024  # enough of an error page to explain it

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Exchange:
    """One try, for the request log. `url` is redacted; `status` 0 and an `error_code` when no answer came.

    `received_bytes` as they came over the wire, `at_monotonic` the start, in seconds.
    """

    method: str
    url: str
    status: int
    ms: int
    sent_bytes: int
    received_bytes: int
    error_code: str
    attempt: int
    at_monotonic: float


class Auth(Protocol):
    """Signs a request (integrations/wire/auth.py)."""

    def prepare(self, line: Line) -> None:
        """Fetch a token if there is none that is still good."""

    def renew(self, line: Line) -> bool:
        """After a 401: fetch a new token. False when there is nothing to renew."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add what the other side wants to see."""


class Line:
    """An open line to one system. Several threads may use it at once.

    `explain` is set by the vendor and called for every answer, except for a good one that is streamed (its body is not read yet).
    `urgent` calls may use the share of the rate limit that is kept free for terminations and sign-ins.
    `ca_file`: a PEM file with authorities to trust beside the public ones.
    """

    def __init__(
        self,
        *,
        guard: Guard,
        limiter: Limiter | None = None,
        log: Callable[[Exchange], None] | None = None,
        timeout_seconds: float = 30.0,
        max_bytes: int = 64 * 1024 * 1024,
        redact: Iterable[str] = (),
        urgent: bool = False,
        ca_file: str | None = None,
        client_certificate: tuple[str, str] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.guard = guard
        self.limiter = limiter
        self.log = log
        self.timeout_seconds = timeout_seconds
        self.max_bytes = max_bytes
        self.redactor = Redactor(redact)
        self.urgent = urgent
        self.clock = clock
        self.keep_cookies = False  # a vendor that binds paging to a session switches it on
        self.explain: Callable[[Response], RollcallError | None] = explain_status
        self._adapter = _Adapter(ca_file, client_certificate)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update({"User-Agent": AGENT, "Accept-Encoding": "gzip, deflate"})

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | Pairs | None = None,
        headers: Mapping[str, str] | None = None,
        data: bytes | str | Mapping[str, Any] | Pairs | None = None,
        json: Any = None,
        auth: Auth | None = None,
        timeout_seconds: float | None = None,
        max_bytes: int | None = None,
        stream: bool = False,
        explain: bool = True,
    ) -> Response:
        """One exchange. Raises what stopped it, or what `explain` makes of the answer.

        `timeout_seconds` is the longest we wait for the other side, all in all; for a stream, without the time the reader takes.
        With `auth`, a 401 renews the token once. With `explain=False` any answer is returned as it is.
        """
        self.guard.check_url(url)
        given = dict(headers or {})
        if json is not None:
            data = orjson.dumps(json)
            given.setdefault("Content-Type", "application/json")
        plain = requests.Request(method.upper(), url, params=params, headers=given, data=data, auth=auth)
        terms = _Terms(timeout_seconds or self.timeout_seconds, max_bytes or self.max_bytes, stream)
        if auth is not None:
            auth.prepare(self)
        response = self._exchange(plain, terms)
        if response.status == 401 and auth is not None and auth.renew(self):
            response.close()
            response = self._exchange(plain, terms)
        error = self.explain(response) if explain and not (stream and response.is_good) else None
        if error is not None:
            response.close()
            raise error
        return response

    def get(self, url: str, **options: Any) -> Response:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> Response:
        return self.request("POST", url, **options)

    def close(self) -> None:
        self._adapter.close()
        self._session.close()

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _exchange(self, plain: requests.Request, terms: _Terms) -> Response:
        """Take a place in the rate limit, send, and repeat once where an idle connection had gone stale."""
        if self.limiter is not None:
            self.limiter.acquire(urgent=self.urgent)
        try:
            prepared = self._session.prepare_request(plain)
        except requests.RequestException as error:
            raise named(error) from error
        first = _Try(self, prepared, terms, attempt=1)
        try:
            return first.send()
        except RollcallError:
            if not first.was_stale:
                raise
        return _Try(self, prepared, terms, attempt=2).send()

    def deliver(self, prepared: requests.PreparedRequest, seconds: float) -> requests.Response:
        """Hand a prepared request to the connections; the answer's body is still unread. Only for a Try."""
        answer = self._adapter.send(prepared, stream=True, timeout=max(seconds, 0.001))
        if self.keep_cookies:
            self._session.cookies.update(answer.cookies)
        return answer


@dataclass(frozen=True)
class _Terms:
    seconds: float
    max_bytes: int
    stream: bool


class _Try:
    """One attempt at an exchange, and its line in the request log."""

    def __init__(self, line: Line, prepared: requests.PreparedRequest, terms: _Terms, attempt: int) -> None:
        self.line = line
        self.prepared = prepared
        self.terms = terms
        self.attempt = attempt
        self.url = line.redactor.url(prepared.url or "")
        self.call = Call(line.guard, terms.seconds)
        self.started_at = time.monotonic()
        self.status = 0
        self.was_stale = False

    def send(self) -> Response:
        answer: requests.Response | None = None
        try:
            answer = self._headers()
            self.status = answer.status_code
            body = self._body(answer)
        except RollcallError as error:
            if answer is not None:
                answer.close()
            self._log(0, error.code)
            raise
        response = Response(
            answer.status_code,
            answer.headers,
            url=self.url,
            body=body,
            received_at=self.line.clock(),
            redactor=self.line.redactor,
        )
        if not (self.terms.stream and response.is_good):
            response.content  # noqa: B018 - reads the body, and with it the errors of reading
        response.elapsed_ms = self._ms()
        return response

    def _headers(self) -> requests.Response:
        call = self.call
        current.call = call
        try:
            with call.deadline:
                return self.line.deliver(self.prepared, call.deadline.seconds_left)
        except RollcallError:
            raise
        except (OSError, requests.RequestException) as error:
            if call.deadline.has_expired:
                raise TimedOut(sentence("no answer within %(seconds)s s", seconds=f"{self.terms.seconds:g}")) from error
            self.was_stale = is_stale(error) and not call.is_fresh and not call.is_answered
            raise named(error) from error
        finally:
            current.call = None

    def _body(self, answer: requests.Response) -> Body:
        limit = self.terms.max_bytes
        if not 200 <= answer.status_code < 300:
            limit = min(limit, REFUSAL_BYTES)
        encoding = answer.headers.get("content-encoding", "").strip().lower()
        return Body(answer.raw, self.call.deadline, limit, encoding, lambda body, code: self._log(body.received_bytes, code))

    def _log(self, received: int, error_code: str) -> None:
        if self.line.log is not None:
            sent = len(self.prepared.body or b"")
            method = self.prepared.method or ""
            self.line.log(Exchange(method, self.url, self.status, self._ms(), sent, received, error_code, self.attempt, self.started_at))

    def _ms(self) -> int:
        return round((time.monotonic() - self.started_at) * 1000)


class _Adapter(HTTPAdapter):
    """requests' adapter over our connections: no retries, no proxies, one trust store."""

    def __init__(self, ca_file: str | None, client_certificate: tuple[str, str] | None) -> None:
        self._ca_file = ca_file
        self._client_certificate = client_certificate
        super().__init__(pool_connections=IDLE_CONNECTIONS, pool_maxsize=IDLE_CONNECTIONS, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        context = tls_context(self._ca_file, self._client_certificate)
        self.poolmanager = GuardedPool(num_pools=connections, maxsize=maxsize, block=block, ssl_context=context, **options)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing to add: the context already holds what we trust, and always verifies."""
