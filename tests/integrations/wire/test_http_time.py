from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from config.errors import (
    TimedOut,
)
from integrations.wire.http import Exchange
from integrations.wire.safe_url import Guard
from tests.integrations.wire.receiver import Peer, answering

pytestmark = pytest.mark.servers

MEGABYTE = 1024 * 1024


def seconds_until_raised(kind: type[Exception], action: Any) -> float:
    started = time.monotonic()
    with pytest.raises(kind):
        action()
    return time.monotonic() - started


def test_a_body_that_drips_stops_at_the_deadline(served: Any, log: list[Exchange]) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
        peer.drip(b"x" * 500, every_seconds=0.05)

    line, url = served(script)
    took = seconds_until_raised(TimedOut, lambda: line.get(url, timeout_seconds=0.4))
    assert 0.3 < took < 0.9
    assert (log[0].status, log[0].error_code) == (200, "timed_out")


def test_headers_that_drip_stop_at_the_deadline(served: Any) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.drip(b"HTTP/1.1 200 OK\r\nX-Filler: " + b"x" * 500, every_seconds=0.05)

    line, url = served(script)
    took = seconds_until_raised(TimedOut, lambda: line.get(url, timeout_seconds=0.4))
    assert 0.3 < took < 0.9


def test_a_body_without_a_length_that_drips_is_no_complete_answer(served: Any) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.0 200 OK\r\n\r\n")
        peer.drip(b'{"people": []}' + b" " * 500, every_seconds=0.05)

    line, url = served(script)
    assert seconds_until_raised(TimedOut, lambda: line.get(url, timeout_seconds=0.4)) < 0.9


def test_a_receiver_that_never_answers_is_timed_out(served: Any, log: list[Exchange]) -> None:
    line, url = served(lambda peer: peer.wait_for_the_end())
    assert seconds_until_raised(TimedOut, lambda: line.get(url, timeout_seconds=0.3)) < 0.8
    assert (log[0].status, log[0].error_code) == (0, "timed_out")


def test_a_receiver_that_does_not_read_is_timed_out(served: Any) -> None:
    line, url = served(lambda peer: peer.wait_for_the_end())
    body = b"x" * (32 * MEGABYTE)  # more than the buffers of both sides hold
    assert seconds_until_raised(TimedOut, lambda: line.post(url, data=body, timeout_seconds=0.5)) < 1.5


def test_a_tls_handshake_that_hangs_is_timed_out(receiver: Any, line_to: Any) -> None:
    target = receiver(lambda peer: peer.drip(b"\x16\x03\x03\x00\xff" + b"\0" * 200, every_seconds=0.05))
    line = line_to(target)
    assert seconds_until_raised(TimedOut, lambda: line.get(f"https://{target.host}", timeout_seconds=0.4)) < 0.9


def test_a_look_up_that_hangs_is_timed_out(line_to: Any, receiver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def hang(*_: Any, **__: Any) -> list[Any]:
        over.wait(30)
        return []

    monkeypatch.setattr("integrations.wire.dial.socket.getaddrinfo", hang)
    line = line_to(receiver(answering()), guard=Guard())
    try:
        assert seconds_until_raised(TimedOut, lambda: line.get("https://hr.example.com", timeout_seconds=0.3)) < 0.8
    finally:
        over.set()


def test_a_stream_that_drips_stops_at_the_deadline(served: Any) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        peer.drip(b"1\r\nx\r\n" * 200, every_seconds=0.05)

    line, url = served(script)
    with line.get(url, stream=True, timeout_seconds=0.4) as response:
        assert seconds_until_raised(TimedOut, lambda: b"".join(response.iter_bytes())) < 0.9


def test_the_time_a_reader_takes_between_two_reads_is_not_counted(served: Any) -> None:
    body = b"x" * 300_000
    line, url = served(answering(body))
    paused = threading.Event()
    with line.get(url, stream=True, timeout_seconds=0.3) as response:
        first = response.raw.read(1000)
        paused.wait(0.6)  # our own work, twice as long as we would wait for the other side
        rest = b"".join(response.iter_bytes())
    assert first + rest == body


def test_a_deadline_that_was_cut_leaves_the_line_usable(served: Any) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        if peer.number == 1:
            peer.wait_for_the_end()
        peer.answer(b'"second"')

    line, url = served(script)
    with pytest.raises(TimedOut):
        line.get(url, timeout_seconds=0.2)
    assert line.get(url).json() == "second"
