"""Connections that dial what the guard has checked, and can be cut off from another thread.

Resolve, check every address, connect to that literal address; TLS then names and verifies the host, not the address.
Built on urllib3, so that whoever needs more speed than `requests` can use `GuardedPool` without it.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from functools import lru_cache
from http.client import HTTPResponse as PlainHTTPResponse
from typing import Any

import certifi
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from config.errors import AddressRefused, ConnectionFailed, TimedOut
from config.sentences import sentence
from integrations.wire.deadline import Deadline
from integrations.wire.safe_url import Guard

CONNECT_SECONDS = 10.0  # per address; a healthy handshake takes well under one second, even across an ocean

SocketAddress = tuple[Any, ...]
Found = tuple[int, int, int, str, SocketAddress]


class Call:
    """One exchange under way in this thread: its deadline, and what the connection learned about it."""

    def __init__(self, guard: Guard, seconds: float) -> None:
        self.guard = guard
        self.deadline = Deadline(seconds, self._cut)
        self.is_fresh = False  # a connection was made for this call, so a reset is no left-over of an idle one
        self.is_answered = False  # a status line has arrived
        self._switch: Switch | None = None

    def attach(self, switch: Switch | None) -> None:
        self._switch = switch

    def _cut(self) -> None:
        if self._switch is not None:
            self._switch.cut()


class Switch:
    """A second handle on a connection, to shut it down under whoever is reading. Safe from any thread.

    TLS takes the first handle over, and http.client lets go of a connection while its last answer is still being read; this one
    reaches it all the same. It is closed when neither the connection nor the call refers to it any more.
    """

    def __init__(self, made: socket.socket) -> None:
        self._handle = made.dup()

    def cut(self) -> None:
        with suppress(OSError):
            self._handle.shutdown(socket.SHUT_RDWR)

    def __del__(self) -> None:
        self._handle.close()


class _Current(threading.local):
    """The call of this thread. urllib3 leaves no other way from a request to the connection that carries it."""

    call: Call | None = None


current = _Current()


class _Answer(PlainHTTPResponse):
    def _read_status(self) -> tuple[str, int, str]:
        status: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
        if current.call is not None:
            current.call.is_answered = True
        return status


class GuardedConnection(HTTPConnection):
    """A connection over plain http, made only inside a Call."""

    response_class = _Answer
    _switch: Switch | None = None

    def _new_conn(self) -> socket.socket:
        call = current.call
        if call is None:
            raise RuntimeError("a connection may only be made inside a Call")
        call.is_fresh = True
        made = dial(self._dns_host, int(self.port), call.guard, call.deadline)
        self._switch = Switch(made)
        call.attach(self._switch)
        return made

    def request(self, *args: Any, **kwargs: Any) -> None:
        if current.call is not None:
            current.call.attach(self._switch)
        super().request(*args, **kwargs)

    def close(self) -> None:
        super().close()
        self._switch = None


class GuardedTlsConnection(GuardedConnection, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = GuardedConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = GuardedTlsConnection


class GuardedPool(PoolManager):
    """urllib3's pool manager with our connections."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def dial(host: str, port: int, guard: Guard, deadline: Deadline) -> socket.socket:
    """A connected socket to an address of `host` that the guard lets pass; the first that answers.

    Raises AddressRefused when no address may be dialled, ConnectionFailed or TimedOut when none answers.
    """
    refused: AddressRefused | None = None
    failed: OSError | None = None
    for family, kind, protocol, _, address in resolve(host, port, deadline.seconds_left):
        try:
            guard.check_address(str(address[0]), host, port)
        except AddressRefused as error:
            refused = error
            continue
        try:
            return _connected(socket.socket(family, kind, protocol), address, min(CONNECT_SECONDS, deadline.seconds_left))
        except OSError as error:
            failed = error
    if isinstance(failed, TimeoutError):
        raise TimedOut(sentence("%(host)s:%(port)s does not answer", host=str(host), port=str(port))) from failed
    if failed is not None:
        raise ConnectionFailed(
            sentence("%(host)s:%(port)s: %(why)s", host=str(host), port=str(port), why=failed.strerror or sentence("no connection"))
        ) from failed
    raise refused or ConnectionFailed(sentence("%(host)s has no address", host=str(host)))


def _connected(made: socket.socket, address: SocketAddress, seconds: float) -> socket.socket:
    try:
        made.settimeout(max(seconds, 0.001))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.connect(address)
    except BaseException:
        made.close()
        raise
    return made


def resolve(host: str, port: int, seconds: float) -> list[Found]:
    """All addresses of a name. `getaddrinfo` knows no time-out, so it runs beside us and is left behind when it hangs."""
    found: list[list[Found]] = []
    errors: list[OSError | UnicodeError] = []

    def ask() -> None:
        try:
            found.append([*socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError) as error:
            errors.append(error)

    worker = threading.Thread(target=ask, name=f"resolve {host}", daemon=True)
    worker.start()
    worker.join(seconds)
    if errors:
        raise ConnectionFailed(sentence("the name %(host)s is not known", host=str(host))) from errors[0]
    if not found:
        raise TimedOut(sentence("the name %(host)s could not be looked up in time", host=str(host)))
    return found[0]


@lru_cache(maxsize=16)
def tls_context(ca_file: str | None = None, client_certificate: tuple[str, str] | None = None) -> ssl.SSLContext:
    """What we trust: the public authorities, and those of `ca_file`; and whom we show ourselves as (certificate and key files).

    Shared, because loading takes 20 ms.
    """
    context = create_urllib3_context()
    context.load_verify_locations(certifi.where())
    if ca_file:
        context.load_verify_locations(ca_file)
    if client_certificate:
        context.load_cert_chain(*client_certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = True
    return context
