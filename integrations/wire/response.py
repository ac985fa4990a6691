"""An answer of the other side: status, headers, body, and what its status means."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import orjson
from requests.structures import CaseInsensitiveDict

from config.errors import (
    CredentialRejected,
    NotFound,
    PermissionMissing,
    RateLimited,
    RequestRefused,
    RollcallError,
    Unavailable,
    UnexpectedAnswer,
)
from config.sentences import sentence
from integrations.wire.body import CHUNK, Body
from integrations.wire.redact import Redactor
from integrations.wire.retry import parse_retry_after

EXCERPT = 200  # characters of a refusal that are kept: a sentence, not a record
MESSAGE_KEYS = ("error_description", "message", "detail", "title", "reason", "error", "errors", "fault", "faultstring", "code", "errorcode")

_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


class Response:
    """One answer. Without `stream=True` the body is already here; with it, read `raw` or `iter_bytes` once and close.

    `url` is redacted, `elapsed_ms` is the time until the headers (with the body, when it was read at once),
    `received_at` (UTC) is what a relative Retry-After counts from. Tests may build one from status, headers and content.
    """

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        *,
        url: str = "",
        body: Body | None = None,
        elapsed_ms: int = 0,
        received_at: datetime | None = None,
        redactor: Redactor | None = None,
    ) -> None:
        self.status = status
        self.headers: CaseInsensitiveDict[str] = CaseInsensitiveDict(headers or {})
        self.url = url
        self.elapsed_ms = elapsed_ms
        self.received_at = received_at or datetime.now(UTC)
        self.redactor = redactor or Redactor()
        self._body = body
        self._content = content if body is None else None

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def raw(self) -> io.RawIOBase:
        """The body as a file; once only."""
        return io.BytesIO(self.content) if self._body is None or self._content is not None else self._body  # type: ignore[return-value]

    @property
    def content(self) -> bytes:
        if self._content is None:
            self._content = b"".join(iter(self._body.next_piece, b"")) if self._body is not None else b""
        return self._content

    @property
    def content_type(self) -> str:
        """The media type alone, lower-case; empty when none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text, by the charset of the header, else UTF-8; what cannot be decoded is replaced."""
        match = re.search(r"charset=[\"']?([\w.:-]+)", self.headers.get("content-type", ""), re.IGNORECASE)
        charset = match[1] if match else "utf-8"
        try:
            return self.content.decode("utf-8-sig" if charset.lower() in ("utf-8", "utf8") else charset, "replace")
        except LookupError:
            return self.content.decode("utf-8-sig", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises UnexpectedAnswer when it is something else (a sign-in page, an empty answer, NaN)."""
        try:
            return orjson.loads(self.content)
        except orjson.JSONDecodeError:
            pass
        try:
            return orjson.loads(self.text)  # with a byte-order mark, or not in UTF-8
        except orjson.JSONDecodeError as error:
            what = self.content_type or "no type"
            raise UnexpectedAnswer(f"expected JSON, got {what}, {len(self.content):,} bytes: {self.excerpt()}".rstrip(": ")) from error

    def iter_bytes(self, chunk: int = CHUNK) -> Iterator[bytes]:
        """The body in pieces of at most `chunk` bytes; flat memory when streamed."""
        raw = self.raw
        while piece := raw.read(chunk):
            yield piece

    def excerpt(self, limit: int = EXCERPT) -> str:
        """The sentence of a refusal: the usual message of a JSON answer, else the first words; redacted."""
        try:
            text = _message(orjson.loads(self.content))
        except orjson.JSONDecodeError:
            text = _TAGS.sub(" ", self.text[: limit * 20])
        text = " ".join(self.redactor.text(text).split())
        return text if len(text) <= limit else text[: limit - 1] + "…"

    def close(self) -> None:
        if self._body is not None:
            self._body.close()

    def __enter__(self) -> Response:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.url}>"


def explain_status(response: Response) -> RollcallError | None:
    """What the status code alone says; None for 2xx."""
    status = response.status
    if 200 <= status < 300:
        return None
    detail = f"{status} {response.excerpt()}".strip()
    if status == 429:
        return RateLimited(detail, retry_at=parse_retry_after(response.headers.get("retry-after"), response.received_at))
    if status == 408 or status >= 500:
        return Unavailable(detail, retry_at=parse_retry_after(response.headers.get("retry-after"), response.received_at))
    if status < 400:
        where = response.redactor.url(response.headers.get("location", "")) or "nowhere"
        return UnexpectedAnswer(sentence("%(status)s, sent on to %(where)s", status=str(status), where=where))
    return _BY_STATUS.get(status, RequestRefused)(detail)


_BY_STATUS: dict[int, type[RollcallError]] = {401: CredentialRejected, 403: PermissionMissing, 404: NotFound}


def _message(answer: Any, depth: int = 0) -> str:
    """The first thing in a JSON refusal that reads like a message; empty when there is none."""
    if isinstance(answer, str):
        return answer
    if depth > 4:
        return ""
    if isinstance(answer, list):
        return "; ".join(filter(None, (_message(item, depth + 1) for item in answer[:3])))
    if isinstance(answer, dict):
        found = (_message(answer[key], depth + 1) for key in MESSAGE_KEYS if key in answer)
        return next(filter(None, found), "")
    return ""
