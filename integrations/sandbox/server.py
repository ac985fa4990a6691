"""The sandbox over HTTP: emulators by prefix, the control API and the page.

`running_sandbox()` listens on a free port for tests, `serve()` is the process behind `manage.py sandbox`, `application()` is
the same as WSGI.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from integrations.sandbox import control
from integrations.sandbox.exchange import Headers, Request, Response
from integrations.sandbox.guard import refusal
from integrations.sandbox.listen import Listener, listen
from integrations.sandbox.page import routes
from integrations.sandbox.sandbox import EMULATORS, Sandbox
from integrations.sandbox.tls import Tls
from integrations.sandbox.world import DEFAULT_SIZE, Clock, World
from integrations.sandbox.wsgi import WsgiApp, as_wsgi

__all__ = ["Headers", "Request", "Response", "Running", "Sandbox", "answer", "application", "running_sandbox", "serve"]

DEFAULT_TODAY = date(2026, 6, 10)  # a Wednesday: what tests see unless they say otherwise


def answer(sandbox: Sandbox, request: Request) -> Response:
    """The answer to a request whose path still has its prefix."""
    vendor = sandbox.vendor_of(request.path)
    if vendor:
        return sandbox.ask(vendor, request)
    refused = refusal(request, sandbox.trusted)
    if refused:
        return refused
    if request.path.startswith("/control/"):
        return control.answer(sandbox, request)
    return routes.answer(sandbox, request)


class Running:
    """A sandbox that listens. `clock` is set where the sandbox has its own; `ca_file` where it speaks TLS: what a client is to trust."""

    def __init__(self, sandbox: Sandbox, listener: Listener, clock: Clock | None, ca_file: str = "") -> None:
        self.sandbox, self.clock, self.ca_file = sandbox, clock, ca_file
        self.world, self.faults, self.emulators = sandbox.world, sandbox.faults, sandbox.emulators
        self.url = listener.url
        self.host = listener.url.partition("://")[2]  # "127.0.0.1:54321", as the guard of the line wants it

    def address(self, vendor: str) -> str:
        return self.url + self.emulators[vendor].prefix

    def advance(self, days: int = 1) -> None:
        self.sandbox.advance(days)

    def requests(self, vendor: str) -> list[dict[str, Any]]:
        """The last exchanges, newest first."""
        return list(self.sandbox.exchanges[vendor])


@contextmanager
def running_sandbox(
    size: int = DEFAULT_SIZE,
    today: date | None = None,
    state_dir: Path | None = None,
    *,
    seed: int = 7,
    now: Callable[[], datetime] | None = None,
    vendors: Iterable[str] = tuple(EMULATORS),
    settings: Mapping[str, dict[str, Any]] | None = None,
    drop_folder: Path | None = None,
    rollcall_url: str = "",
    tls_folder: Path | None = None,
) -> Iterator[Running]:
    """A sandbox on a free port of this machine, for the length of a `with`. Without `now` it has a clock of its own.

    With `tls_folder` it speaks https only, and puts the certificate to trust there.
    """
    clock = None if now else Clock(today or DEFAULT_TODAY)
    world = World(seed, size, today or DEFAULT_TODAY, now or clock, state_dir=state_dir, drop_folder=drop_folder)
    advance = (lambda days: clock.advance(days=days)) if clock else None
    sandbox = Sandbox(world, vendors=vendors, settings=settings, state_dir=state_dir, advance=advance, rollcall_url=rollcall_url)
    tls = Tls(tls_folder) if tls_folder else None
    listener = listen(partial(answer, sandbox), "127.0.0.1", 0, tls.context if tls else None)
    try:
        yield Running(sandbox, listener, clock, str(tls.ca_file) if tls else "")
    finally:
        sandbox.stopping.set()
        listener.stop()
        sandbox.close()


def application(world: World, **options: Any) -> WsgiApp:
    """The sandbox as a WSGI callable; options as for Sandbox."""
    return as_wsgi(partial(answer, Sandbox(world, **options)))


def serve(
    host: str,
    port: int,
    sandbox: Sandbox,
    ready: Callable[[str], None] | None = None,
    *,
    tls_port: int | None = None,
    tls: Tls | None = None,
) -> None:
    """Listen until SIGTERM or SIGINT (`ready` is told each address), then finish what was begun and close. Call from the main thread.

    With `tls` the same is answered over https at `tls_port` as well.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    listeners = [listen(partial(answer, sandbox), host, port)]
    if tls is not None:
        listeners.append(listen(partial(answer, sandbox), host, tls_port or 0, tls.context))
    if ready:
        for listener in listeners:
            ready(listener.url)
    stop.wait()
    sandbox.stopping.set()
    for listener in listeners:
        listener.stop()
    sandbox.close()
