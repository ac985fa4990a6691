from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from config.errors import (
    AnswerCutOff,
    ConnectionFailed,
)
from integrations.wire.http import Exchange
from integrations.wire.safe_url import Guard
from tests.integrations.wire.receiver import Peer, answering

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("farewell", ["close", "reset", "read_then_close"])
def test_a_stale_connection_is_repeated_once_at_once(served: Any, log: list[Exchange], farewell: str) -> None:
    hung_up = threading.Event()
    seen: list[tuple[int, bytes]] = []

    def script(peer: Peer) -> None:
        seen.append((peer.number, peer.request()))
        peer.answer(b'"first"' if peer.number == 1 else b'"second"')
        if peer.number == 1:
            if farewell == "read_then_close":
                seen.append((peer.number, peer.request()))  # takes the request and dies without a byte of an answer
            elif farewell == "reset":
                peer.reset()
            hung_up.set()
            return
        peer.wait_for_the_end()

    line, url = served(script)
    assert line.get(url).json() == "first"
    if farewell != "read_then_close":
        assert hung_up.wait(5)
    assert line.post(url, data=b"again").json() == "second"
    assert [number for number, _ in seen] == ([1, 1, 2] if farewell == "read_then_close" else [1, 2])
    if farewell == "read_then_close":
        assert [(entry.attempt, entry.error_code) for entry in log] == [(1, ""), (1, "connection_failed"), (2, "")]


def test_a_fresh_connection_that_dies_is_not_repeated(receiver: Any, line_to: Any, log: list[Exchange]) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.reset()

    target = receiver(script)
    with pytest.raises(ConnectionFailed):
        line_to(target).post(target.url, data=b"create a learner")
    assert target.accepted == 1
    assert [entry.attempt for entry in log] == [1]


def test_a_connection_that_dies_after_the_status_line_is_not_repeated(receiver: Any, line_to: Any) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.answer()
        peer.request()
        peer.send(b"HTTP/1.1 201 Created\r\nX-Half: ")
        peer.reset()

    target = receiver(script)
    line = line_to(target)
    line.get(target.url)
    with pytest.raises((ConnectionFailed, AnswerCutOff)):
        line.post(target.url, data=b"create a learner")
    assert target.accepted == 1


def test_a_repeat_that_dies_as_well_is_reported(served: Any, log: list[Exchange]) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        if peer.number == 1:
            peer.answer()
            peer.request()

    line, url = served(script)
    line.get(url)
    with pytest.raises(ConnectionFailed):
        line.get(url)
    assert [entry.attempt for entry in log] == [1, 1, 2]


def test_nobody_listening_is_a_failed_connection(line_to: Any, receiver: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = f"127.0.0.1:{listener.getsockname()[1]}"
    line = line_to(receiver(answering()), guard=Guard(allow_hosts=[free]))
    with pytest.raises(ConnectionFailed, match="refused"):
        line.get(f"http://{free}")
