"""The listening side: HTTP/1.1 with keep-alive on the standard library, over TLS where wanted, a thread for each connection."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain

from integrations.sandbox.exchange import Request, Response

log = logging.getLogger(__name__)

MAX_BODY = 64 * 1024 * 1024
METHODS = {f"do_{method}" for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")}
IDLE_SECONDS = 60  # a silent connection is closed after this long

Answer = Callable[[Request], Response]


class _TooLargeError(Exception):
    pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "MeridianSandbox", ""
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024  # headers and a small body leave in one packet
    timeout = IDLE_SECONDS
    server: _Server

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name in METHODS:  # the standard library looks for do_GET and so on
            return self._one
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:
        log.debug(format, *args)  # request lines carry tokens in their queries, so never above debug

    def _one(self) -> None:
        try:
            answer = self._answer()
        except (_TooLargeError, ValueError):
            self.close_connection = True
            answer = Response.text("That body cannot be read.", status=400)
        if answer.drop == "before":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(answer)

    def _answer(self) -> Response:
        body = self._body()
        # A host is part of the emulators' own links, so it is the one the caller used.
        host = self.headers.get("Host") or f"{self.server.server_address[0]!s}:{self.server.server_address[1]}"
        headers = dict(self.headers.items())
        request = Request.of(
            self.command, self.path, headers, body, base_url=f"{self.server.scheme}://{host}", client=str(self.client_address[0])
        )
        try:
            return self.server.answer(request)
        except Exception:  # our own bug: say so loudly, answer like a broken vendor, go on serving
            log.exception("the sandbox failed on %s %s", request.method, request.path)
            return Response.text("The sandbox itself failed; see its log.", status=500)

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return b"".join(self._chunks())
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= MAX_BODY:
            raise _TooLargeError
        return self.rfile.read(length)

    def _chunks(self) -> Iterable[bytes]:
        total = 0
        while size := int(self.rfile.readline(64).split(b";")[0], 16):
            total += size
            if size < 0 or total > MAX_BODY:
                raise _TooLargeError
            yield self.rfile.read(size)
            self.rfile.readline(8)
        while self.rfile.readline(65536).strip():
            pass  # trailers

    def _send(self, answer: Response) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        try:
            if isinstance(answer.body, bytes):
                self._send_whole(answer.body, answer)
            else:
                self._send_chunks(answer.body, answer)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _send_whole(self, body: bytes, answer: Response) -> None:
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if answer.drop else body)
        self.wfile.flush()
        if answer.drop:
            self._hang_up()

    def _send_chunks(self, pieces: Iterable[bytes], answer: Response) -> None:
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if self.command == "HEAD":
            return
        iterator = iter(pieces)
        first = next(iterator, b"")
        if answer.drop:
            self.wfile.write(b"%x\r\n%b" % (len(first), first[: len(first) // 2]))
            self.wfile.flush()
            self._hang_up()
            return
        for piece in chain([first], iterator):
            if piece:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # idle keep-alive connections would hold up the stop
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], answer: Answer, tls: ssl.SSLContext | None) -> None:
        self.answer = answer
        self.scheme = "https" if tls else "http"
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, object]:
        """Hands are shaken in the connection's own thread, at its first read: a caller that stays silent must not hold up the others."""
        request, address = super().get_request()
        if self._tls is None:
            return request, address
        try:
            return self._tls.wrap_socket(request, server_side=True, do_handshake_on_connect=False), address
        except OSError:  # hung up before we came to it
            request.close()
            raise

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        with self._open_lock:
            self._open.add(request)  # type: ignore[arg-type]  # a stream server gets sockets only
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        log.debug("a connection ended early", exc_info=True)  # callers hang up; that is not our trouble

    def close_connections(self) -> None:
        with self._open_lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it was gone already


class Listener:
    """A server at work in a thread of its own."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        host, port = server.server_address[0], server.server_address[1]
        self.url = f"{server.scheme}://{host!s}:{port}"
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No new connections; open ones are hung up. Returns when the port is free."""
        self._server.shutdown()
        self._thread.join()
        self._server.close_connections()
        self._server.server_close()


def listen(answer: Answer, host: str, port: int, tls: ssl.SSLContext | None = None) -> Listener:
    """Start to listen; port 0 takes a free one, `tls` speaks https only. Raises OSError when the port is taken."""
    return Listener(_Server((host, port), answer, tls))
