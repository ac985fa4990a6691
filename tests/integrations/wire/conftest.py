"""Receivers, lines to them, and names that resolve to what a test says."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from integrations.wire import dial
from integrations.wire.http import Exchange, Line
from integrations.wire.safe_url import Guard
from tests.integrations.wire.certificates import Authority
from tests.integrations.wire.receiver import Receiver, Script


@pytest.fixture
def receiver() -> Iterator[Callable[..., Receiver]]:
    with ExitStack() as stack:
        yield lambda script, **options: stack.enter_context(Receiver(script, **options))


@pytest.fixture
def log() -> list[Exchange]:
    return []


@pytest.fixture
def line_to(log: list[Exchange]) -> Iterator[Callable[..., Line]]:
    """A line that may talk plain http to the given receiver, and writes its request log into `log`."""
    with ExitStack() as stack:

        def make(target: Receiver, **options: Any) -> Line:
            options = {"guard": Guard(allow_hosts=[target.host]), "log": log.append, "timeout_seconds": 10.0, **options}
            return stack.enter_context(Line(**options))

        yield make


@pytest.fixture
def served(receiver: Callable[..., Receiver], line_to: Callable[..., Line]) -> Callable[..., tuple[Line, str]]:
    """A receiver with a script and a line to it: (line, base address)."""

    def make(script: Script, **options: Any) -> tuple[Line, str]:
        target = receiver(script)
        return line_to(target, **options), target.url

    return make


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """host → one list of addresses per look-up, the last one staying. Every other name is unknown."""
    known: dict[str, list[list[str]]] = {}

    def getaddrinfo(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        answers = known[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [_entry(address, port) for address in addresses]

    monkeypatch.setattr(dial.socket, "getaddrinfo", getaddrinfo)
    return known


def _entry(address: str, port: int) -> tuple[Any, ...]:
    if ":" in address:
        return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
