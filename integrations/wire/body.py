"""The bytes of an answer: read in pieces, inflated, counted, and never longer than was agreed."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Any, Protocol

from urllib3.exceptions import HTTPError, ReadTimeoutError

from config.errors import AnswerCutOff, RollcallError, TimedOut, UnexpectedAnswer
from config.sentences import sentence
from integrations.wire.deadline import Deadline

CHUNK = 65536  # one read from the socket; ten times as much gains nothing, and it is what a stream holds in memory


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
        self._inflate = Inflate(encoding) if encoding not in ("", "identity") else None
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
                raise AnswerCutOff(sentence("the compressed answer ends in the middle"))
            self._finish("", keep_connection=True)
            return b""
        return self._counted(self._inflate.feed(raw) if self._inflate is not None else raw)

    def _read_wire(self) -> bytes:
        try:
            with self._deadline:
                raw = self._source.read(CHUNK, decode_content=False)
        except ReadTimeoutError as error:
            raise TimedOut(sentence("the answer stopped coming")) from error
        except (HTTPError, OSError) as error:
            if self._deadline.has_expired:
                raise TimedOut(sentence("the answer took longer than allowed")) from error
            raise AnswerCutOff(sentence("after %(received_bytes)s bytes", received_bytes=self.received_bytes)) from error
        if self._deadline.has_expired:  # an answer without a length ends by closing, and so does one that we cut
            raise TimedOut(sentence("the answer took longer than allowed"))
        return raw

    def _counted(self, piece: bytes) -> bytes:
        self.body_bytes += len(piece)
        if self.body_bytes > self._max_bytes:
            raise UnexpectedAnswer(sentence("the answer is larger than %(max_bytes)s bytes", max_bytes=self._max_bytes))
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


class Inflate:
    """gzip and deflate in bounded steps; knows whether the stream came to its own end."""

    def __init__(self, encoding: str) -> None:
        if encoding not in ("gzip", "x-gzip", "deflate"):
            raise UnexpectedAnswer(sentence("the answer is encoded as “%(encoding)s”, which was not asked for", encoding=encoding))
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
            raise UnexpectedAnswer(sentence("the compressed answer is damaged")) from error
        self._waiting = self._stream.unconsumed_tail
        if self._stream.eof and self._stream.unused_data:
            self._waiting = self._stream.unused_data.lstrip(b"\0")  # padding between members
            self._stream = zlib.decompressobj(47) if self._waiting else self._stream
        return piece
