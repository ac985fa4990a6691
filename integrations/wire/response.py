"""An answer of the other side: status, headers, and a body that is read in pieces and never trusted."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Protocol

import orjson
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError, ReadTimeoutError

from config.errors import (
    AnswerCutOff,
    CredentialRejected,
    NotFound,
    PermissionMissing,
    RateLimited,
    RequestRefused,
    RollcallError,
    TimedOut,
    Unavailable,
    UnexpectedAnswer,
)
from integrations.wire.deadline import Deadline
from integrations.wire.redact import Redactor
from integrations.wire.retry import parse_retry_after

CHUNK = 65536  # one read from the socket; ten times as much gains nothing, and it is what a stream holds in memory
EXCERPT = 200  # characters of a refusal that are kept: a sentence, not a record
MESSAGE_KEYS = ("error_description", "message", "detail", "title", "reason", "error", "errors", "fault", "faultstring", "code", "errorcode")

_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


class Source(Protocol):
    """What a Body reads from: urllib3's response."""

    def read(self, amt: int | None = ..., decode_content: bool | None = ...) -> bytes: ...
    def close(self) -> None: ...
    def release_conn(self) -> None: ...


class Body(io.RawIOBase):
    """The bytes of an answer, inflated, as a file that can be read once.

    Raises TimedOut when the deadline passes, AnswerCutOff when the connection or the compressed stream ends too early,
    UnexpectedAnswer when it grows beyond `max_bytes` (counted after inflating). `on_end` is told the outcome once.
    """

    def __init__(self, source: Source, deadline: Deadline, max_bytes: int, encoding: str, on_end: Callable[[Body, str], None]) -> None:
        super().__init__()
        self._source = source
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._inflate = _Inflate(encoding) if encoding not in ("", "identity") else None
        self._on_end: Callable[[Body, str], None] | None = on_end
        self._ready = b""
        self._is_over = False
        self.received_bytes = 0  # as they came over the wire
        self.body_bytes = 0  # after inflating

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._ready:
            self._ready = self.next_piece()
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def next_piece(self) -> bytes:
        """Some more bytes; empty at the end of the answer."""
        while not self._is_over:
            try:
                piece = self._read_piece()
            except RollcallError as error:
                self._finish(error.code, keep_connection=False)
                raise
            if piece:
                return piece
        return b""

    def _read_piece(self) -> bytes:
        if self._inflate is not None and self._inflate.has_more:
            return self._counted(self._inflate.more())
        raw = self._read_wire()
        self.received_bytes += len(raw)
        if not raw:
            if self._inflate is not None and self.received_bytes and not self._inflate.is_complete:
                raise AnswerCutOff("the compressed answer ends in the middle")
            self._finish("", keep_connection=True)
            return b""
        return self._counted(self._inflate.feed(raw) if self._inflate is not None else raw)

    def _read_wire(self) -> bytes:
        try:
            with self._deadline:
                raw = self._source.read(CHUNK, decode_content=False)
        except ReadTimeoutError as error:
            raise TimedOut("the answer stopped coming") from error
        except (HTTPError, OSError) as error:
            if self._deadline.has_expired:
                raise TimedOut("the answer took longer than allowed") from error
            raise AnswerCutOff(f"after {self.received_bytes:,} bytes") from error
        if self._deadline.has_expired:  # an answer without a length ends by closing, and so does one that we cut
            raise TimedOut("the answer took longer than allowed")
        return raw

    def _counted(self, piece: bytes) -> bytes:
        self.body_bytes += len(piece)
        if self.body_bytes > self._max_bytes:
            raise UnexpectedAnswer(f"the answer is larger than {self._max_bytes:,} bytes")
        return piece

    def _finish(self, code: str, *, keep_connection: bool) -> None:
        if self._is_over:
            return
        self._is_over = True
        if keep_connection:
            self._source.release_conn()
        else:
            self._source.close()  # half an answer is still in the pipe: this connection is of no more use
        if self._on_end is not None:
            self._on_end(self, code)
            self._on_end = None

    def close(self) -> None:
        self._finish("", keep_connection=False)
        super().close()


class _Inflate:
    """gzip and deflate in bounded steps; knows whether the stream came to its own end."""

    def __init__(self, encoding: str) -> None:
        if encoding not in ("gzip", "x-gzip", "deflate"):
            raise UnexpectedAnswer(f"the answer is encoded as “{encoding}”, which was not asked for")
        self._is_deflate = encoding == "deflate"
        self._stream = zlib.decompressobj(47)  # 32 + 15: tells gzip and zlib apart by their first bytes
        self._waiting = b""
        self._has_begun = False

    @property
    def has_more(self) -> bool:
        return bool(self._waiting)

    @property
    def is_complete(self) -> bool:
        return self._stream.eof

    def feed(self, raw: bytes) -> bytes:
        if self._stream.eof:
            self._stream = zlib.decompressobj(47)  # gzip may be written as several members
        if not self._has_begun and self._is_deflate and raw[0] & 0x0F != 8:
            self._stream = zlib.decompressobj(-15)  # some servers send deflate without its envelope
        self._has_begun = True
        self._waiting = raw
        return self.more()

    def more(self) -> bytes:
        try:
            piece = self._stream.decompress(self._waiting, CHUNK)
        except zlib.error as error:
            raise UnexpectedAnswer("the compressed answer is damaged") from error
        self._waiting = self._stream.unconsumed_tail
        if self._stream.eof and self._stream.unused_data:
            self._waiting = self._stream.unused_data.lstrip(b"\0")  # padding between members
            self._stream = zlib.decompressobj(47) if self._waiting else self._stream
        return piece


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
        return UnexpectedAnswer(f"{status}, sent on to {where}")
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
