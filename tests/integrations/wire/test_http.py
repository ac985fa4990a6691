from __future__ import annotations

import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.errors import (
    AddressRefused,
    AnswerCutOff,
    ConnectionFailed,
    CredentialRejected,
    NotFound,
    PermissionMissing,
    RateLimited,
    RequestRefused,
    TimedOut,
    Unavailable,
    UnexpectedAnswer,
)
from config.sentences import english
from integrations.wire.http import Exchange, Response, explain_status
from integrations.wire.safe_url import Guard
from tests.integrations.wire.receiver import Peer, answering

MEGABYTE = 1024 * 1024


def test_a_request_carries_what_was_given_and_brings_back_the_answer(served: Any, log: list[Exchange]) -> None:
    seen: list[bytes] = []

    def script(peer: Peer) -> None:
        seen.append(peer.request())
        peer.answer(b'{"id": 7}', "201 Created", "Content-Type: application/json", "X-Total: 3")

    line, url = served(script)
    response = line.post(f"{url}/people", params={"page": 2}, json={"name": "Zoë"}, headers={"X-Trace": "t1"})
    assert (response.status, response.json(), response.headers["x-total"]) == (201, {"id": 7}, "3")
    assert seen[0].startswith(b"POST /people?page=2 HTTP/1.1\r\n")
    assert b"X-Trace: t1" in seen[0] and b"Content-Type: application/json" in seen[0]
    assert seen[0].endswith('{"name":"Zoë"}'.encode())
    (entry,) = log
    assert (entry.method, entry.status, entry.error_code, entry.attempt) == ("POST", 201, "", 1)
    assert (entry.sent_bytes, entry.received_bytes) == (len('{"name":"Zoë"}'.encode()), 9)


def test_the_connection_is_kept_for_the_next_request(receiver: Any, line_to: Any) -> None:
    target = receiver(answering())
    line = line_to(target)
    for _ in range(5):
        line.get(target.url)
    assert target.accepted == 1


def test_proxies_and_netrc_of_the_environment_are_not_read(served: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    seen: list[bytes] = []
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password hunter22\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    def script(peer: Peer) -> None:
        seen.append(peer.request())
        peer.answer()

    line, url = served(script)
    assert line.get(url).status == 200
    assert b"Authorization" not in seen[0]


# ── time ────────────────────────────────────────────────────────────────────────────────────────────


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


# ── size ────────────────────────────────────────────────────────────────────────────────────────────


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


# ── an answer that ends too early ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "cut",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1, 2",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1, 2\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n[1, 2",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"[1, 2, 3]" * 50)[:-12],
    ],
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


# ── redirects ───────────────────────────────────────────────────────────────────────────────────────


def test_a_redirect_is_not_followed(receiver: Any, line_to: Any) -> None:
    other = receiver(answering(b'"must not be asked"'))
    target = receiver(answering(b"", "302 Found", f"Location: {other.url}/sign-in?token=s3cr3t-value"))
    line = line_to(target)
    with pytest.raises(UnexpectedAnswer) as caught:
        line.post(target.url, data={"a": "b"})
    assert f"sent on to {other.url}/sign-in?token=•••" in english(caught.value.detail)
    assert other.accepted == 0


# ── keep-alive ──────────────────────────────────────────────────────────────────────────────────────


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


# ── what an answer means ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, UnexpectedAnswer),
        (304, UnexpectedAnswer),
        (400, RequestRefused),
        (401, CredentialRejected),
        (403, PermissionMissing),
        (404, NotFound),
        (408, Unavailable),
        (409, RequestRefused),
        (422, RequestRefused),
        (429, RateLimited),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_every_status_has_one_meaning(status: int, kind: type[Exception]) -> None:
    assert type(explain_status(Response(status))) is kind


def test_a_good_answer_means_nothing_wrong() -> None:
    assert [explain_status(Response(status)) for status in (200, 201, 204)] == [None, None, None]


def test_a_limit_says_when_to_come_back() -> None:
    at = datetime(2026, 5, 20, 6, tzinfo=UTC)
    for status in (429, 503):
        error = explain_status(Response(status, {"Retry-After": "90"}, received_at=at))
        assert error is not None and error.retry_at == at + timedelta(seconds=90)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"error": {"message": "field jobTitle is too long", "record": {"ssn": "123-45-6789"}}}', "field jobTitle is too long"),
        (b'{"errors": [{"title": "No such group"}, {"title": "No such role"}]}', "No such group; No such role"),
        (b"<html><style>b{}</style><body><h1>Maintenance</h1> back at <b>noon</b></body></html>", "Maintenance back at noon"),
        (b'{"message": "jane.doe@client-company.example is taken"}', "••• is taken"),
        (b'{"employees": [{"ssn": "123-45-6789"}]}', ""),
        (b"x" * 1000, "x" * 199 + "…"),
    ],
)
def test_the_excerpt_of_a_refusal_is_a_sentence_and_not_a_record(body: bytes, words: str) -> None:
    assert Response(400, content=body).excerpt() == words


def test_the_vendor_explains_an_answer_and_the_line_raises_it(served: Any) -> None:
    line, url = served(answering(b'{"exception": "invalidtoken"}'))
    line.explain = lambda response: CredentialRejected("invalidtoken") if "exception" in response.json() else None
    with pytest.raises(CredentialRejected):
        line.get(url)
    assert line.get(url, explain=False).json() == {"exception": "invalidtoken"}


def test_a_refused_stream_is_explained_with_its_body(served: Any) -> None:
    line, url = served(answering(b'{"message": "no such report"}', "404 Not Found"))
    with pytest.raises(NotFound, match="no such report"):
        line.get(url, stream=True)


def test_json_that_is_a_page_is_an_unexpected_answer(served: Any) -> None:
    line, url = served(answering(b"<html><title>Sign in</title></html>", "200 OK", "Content-Type: text/html; charset=utf-8"))
    with pytest.raises(UnexpectedAnswer, match=r"expected JSON, got text/html.*Sign in"):
        line.get(url).json()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\xef\xbb\xbf" + '{"name": "Zoë"}'.encode(), "application/json"),
        ('{"name": "Zoë"}'.encode("latin-1"), "application/json; charset=ISO-8859-1"),
    ],
)
def test_json_with_a_mark_or_another_charset_is_read(body: bytes, content_type: str) -> None:
    assert Response(200, {"Content-Type": content_type}, body).json() == {"name": "Zoë"}


# ── the request log ─────────────────────────────────────────────────────────────────────────────────


def test_the_log_shows_no_secret_and_no_address_of_a_person(served: Any, log: list[Exchange]) -> None:
    line, url = served(answering(), redact=["tenant-key-1"])
    line.get(
        f"{url}/v1/tenant-key-1/users",
        params={"wstoken": "abcdef123456", "api_key": "k/1", "email": "jane.doe@client-company.example", "page": "2"},
    )
    shown = log[0].url
    assert shown == f"{url}/v1/•••/users?wstoken=•••&api_key=•••&email=•••&page=2"


def test_cookies_are_only_kept_where_a_vendor_asks_for_it(served: Any) -> None:
    seen: list[bytes] = []

    def script(peer: Peer) -> None:
        while request := peer.request():
            seen.append(request)
            peer.answer(b"{}", "200 OK", "Set-Cookie: session=abc; Path=/")

    line, url = served(script)
    line.get(url)
    line.get(url)
    assert b"Cookie" not in seen[1]
    line.keep_cookies = True
    line.get(url)
    line.get(url)
    assert b"Cookie: session=abc" in seen[3]


def test_a_header_with_a_line_break_is_refused_before_anything_is_sent(receiver: Any, line_to: Any) -> None:
    target = receiver(answering())
    with pytest.raises(RequestRefused):
        line_to(target).get(target.url, headers={"X-Name": "a\r\nX-Evil: 1"})
    assert target.accepted == 0


def test_an_address_the_guard_does_not_like_is_not_asked(receiver: Any, line_to: Any) -> None:
    target = receiver(answering())
    line = line_to(target, guard=Guard())
    for url in (target.url, f"https://{target.host}", "https://127.0.0.1", "file:///etc/passwd"):
        with pytest.raises(AddressRefused):
            line.get(url)
    assert target.accepted == 0
