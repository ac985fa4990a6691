"""What went wrong below HTTP, in the words of the catalogue."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from http.client import HTTPException, IncompleteRead, RemoteDisconnected

from requests.exceptions import InvalidHeader, InvalidURL
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, ReadTimeoutError

from config.errors import (
    AddressRefused,
    AnswerCutOff,
    ConnectionFailed,
    RequestRefused,
    RollcallError,
    TimedOut,
    TlsFailed,
    UnexpectedAnswer,
)
from config.sentences import sentence

STALE = (RemoteDisconnected, ConnectionResetError, BrokenPipeError, ConnectionAbortedError)
BROKEN_TLS = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


def named(error: BaseException) -> RollcallError:
    """The catalogue's word for an error of requests, urllib3, http.client, ssl or the socket."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return TlsFailed(_here(cause.verify_message) or sentence("the certificate was not accepted"))
        if isinstance(cause, BROKEN_TLS):
            return ConnectionFailed(sentence("the connection ended while it was being secured or used"))
        if isinstance(cause, ssl.SSLError):
            return TlsFailed(_here(cause.reason) or sentence("no secure connection could be agreed on"))
        if isinstance(cause, (TimeoutError, ReadTimeoutError, ConnectTimeoutError)):
            return TimedOut(sentence("no answer in time"))
        if isinstance(cause, RemoteDisconnected):
            return ConnectionFailed(sentence("the other side hung up without an answer"))
        if isinstance(cause, IncompleteRead):
            return AnswerCutOff()
        if isinstance(cause, HTTPException):
            return UnexpectedAnswer(sentence("that is not HTTP, or its headers are beyond all measure"))
        if isinstance(cause, InvalidHeader):
            return RequestRefused(sentence("a header contains a line break or another character that cannot be sent"))
        if isinstance(cause, InvalidURL):
            return AddressRefused(sentence("the address cannot be read"))
    system = next((cause for cause in causes if isinstance(cause, OSError) and cause.strerror), None)
    return ConnectionFailed(_here(system.strerror if isinstance(system, OSError) else "") or sentence("no connection"))


def _here(words: str | None) -> str:
    """What a library of ours said, as ours: the other side has no part in it."""
    return sentence("%(why)s", why=words) if words else ""


def is_stale(error: BaseException) -> bool:
    """Whether this is how an idle connection looks that the other side has closed meanwhile."""
    return any(isinstance(cause, STALE) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything wrapped in it, outermost first; libraries hide causes in arguments as well as in chains."""
    waiting, seen = [error], set[int]()
    while waiting:
        item = waiting.pop(0)
        if id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        inner = [*item.args, item.__cause__, item.__context__]
        if isinstance(item, MaxRetryError):
            inner.append(item.reason)
        waiting += [part for part in inner if isinstance(part, BaseException)]
