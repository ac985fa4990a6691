from __future__ import annotations

import gzip
import tracemalloc
import zlib
from typing import Any

import pytest

from config.errors import (
    AnswerCutOff,
    UnexpectedAnswer,
)
from integrations.wire.http import Exchange
from tests.integrations.wire.receiver import Peer, answering

pytestmark = pytest.mark.servers

MEGABYTE = 1024 * 1024


def test_an_answer_beyond_the_limit_is_refused(served: Any, log: list[Exchange]) -> None:
    line, url = served(answering(b"x" * 200_000))
    with pytest.raises(UnexpectedAnswer, match="larger than 100,000 bytes"):
        line.get(url, max_bytes=100_000)
    assert log[0].error_code == "unexpected_answer"


def test_a_gzip_bomb_is_stopped_without_filling_the_memory(served: Any) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(200)) + packer.flush()
    assert len(bomb) < MEGABYTE
    line, url = served(answering(bomb, "200 OK", "Content-Encoding: gzip"))
    tracemalloc.start()
    try:
        with pytest.raises(UnexpectedAnswer, match="larger than"):
            line.get(url, max_bytes=2 * MEGABYTE)
        assert tracemalloc.get_traced_memory()[1] < 8 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_a_stream_of_a_hundred_megabytes_is_flat_in_memory(served: Any) -> None:
    piece = b"x" * MEGABYTE

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (100 * MEGABYTE))
        for _ in range(100):
            peer.send(piece)

    line, url = served(script)
    total = 0
    with line.get(url, stream=True, max_bytes=200 * MEGABYTE) as response:
        tracemalloc.start()
        try:
            for part in response.iter_bytes():
                total += len(part)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert total == 100 * MEGABYTE
    assert peak < 3 * MEGABYTE


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("gzip", lambda body: gzip.compress(body[:10]) + gzip.compress(body[10:])),  # several members
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),  # without its envelope, as some servers do
        ("identity", bytes),
    ],
)
def test_compressed_answers_are_inflated(served: Any, encoding: str, pack: Any) -> None:
    body = b'{"people": [' + b"1," * 100_000 + b"1]}"
    line, url = served(answering(pack(body), "200 OK", f"Content-Encoding: {encoding}"))
    assert line.get(url).content == body


def test_an_encoding_nobody_asked_for_is_refused(served: Any) -> None:
    line, url = served(answering(b"xx", "200 OK", "Content-Encoding: br"))
    with pytest.raises(UnexpectedAnswer, match="br"):
        line.get(url)


@pytest.mark.parametrize("head", [b"X-Long: " + b"x" * 70_000 + b"\r\n", b"".join(b"X-%d: 1\r\n" % number for number in range(200))])
def test_headers_beyond_all_measure_are_refused(served: Any, head: bytes) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n" + head + b"Content-Length: 2\r\n\r\n{}")

    line, url = served(script)
    with pytest.raises(UnexpectedAnswer):
        line.get(url)


@pytest.mark.parametrize(
    "cut",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1, 2",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1, 2\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n[1, 2",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"[1, 2, 3]" * 50)[:-12],
    ],
    # named, because gzip writes the second it was made into its head: processes that collect in different seconds would differ
    ids=["shorter than its length", "no last chunk", "within a chunk", "within its gzip"],
)
def test_an_answer_that_ends_too_early_is_never_taken_for_whole(served: Any, log: list[Exchange], cut: bytes) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(cut)

    line, url = served(script)
    with pytest.raises(AnswerCutOff):
        line.get(url)
    assert (log[0].status, log[0].error_code) == (200, "answer_cut_off")


def test_something_that_is_not_http_is_an_unexpected_answer(served: Any) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(b"220 mail.example.com ESMTP\r\n")

    line, url = served(script)
    with pytest.raises(UnexpectedAnswer):
        line.get(url)
