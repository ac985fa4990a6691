"""A receiver on a free port of this machine that does, byte by byte, what a test tells it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress

Script = Callable[["Peer"], None]


class Peer:
    """One accepted connection, seen from the receiver's side."""

    def __init__(self, connection: socket.socket, number: int, stopping: threading.Event) -> None:
        self.connection = connection
        self.number = number  # 1 for the first connection ever accepted
        self._stopping = stopping

    def request(self) -> bytes:
        """The next request as it came, head and body; empty when the caller has hung up."""
        got = b""
        while b"\r\n\r\n" not in got:
            more = self.connection.recv(65536)
            if not more:
                return b""
            got += more
        head, _, body = got.partition(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
        while len(body) < length:
            body += self.connection.recv(65536)
        return head + b"\r\n\r\n" + body

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def answer(self, body: bytes = b"{}", status: str = "200 OK", *headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def drip(self, data: bytes, every_seconds: float) -> None:
        """A byte at a time, until all is out, the caller hangs up or the test is over."""
        for position in range(len(data)):
            self.send(data[position : position + 1])
            if self._stopping.wait(every_seconds):
                return

    def reset(self) -> None:
        """Hang up the hard way, with a reset instead of a goodbye."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()

    def wait_for_the_end(self) -> None:
        self._stopping.wait(30)


class Receiver:
    """Runs `script` for each connection in a thread of its own. `requests` is what `serve` read, in order."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._tls = tls
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.accepted = 0

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.accepted += 1
                threading.Thread(target=self._serve, args=(connection, self.accepted), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with suppress(OSError), connection:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                self._script(Peer(connection, number, self._stopping))


def answering(body: bytes = b"{}", status: str = "200 OK", *headers: str) -> Script:
    """A script that gives every request the same answer."""

    def script(peer: Peer) -> None:
        while peer.request():
            peer.answer(body, status, *headers)

    return script
