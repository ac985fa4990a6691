from __future__ import annotations

import os
import ssl
import threading
from typing import Any

import pytest

from config.errors import AddressRefused, ConnectionFailed, TlsFailed
from integrations.wire.deadline import Deadline
from integrations.wire.dial import dial
from integrations.wire.http import Line
from integrations.wire.safe_url import Guard
from tests.integrations.wire.certificates import Authority
from tests.integrations.wire.receiver import Peer, answering

HOST = "hr.example.com"
LOOPBACK_ALLOWED = Guard(allow_networks=["127.0.0.0/8"])


def server_context(files: tuple[str, str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return context


@pytest.mark.servers
def test_the_address_that_is_checked_is_the_address_that_is_dialled(names: Any, receiver: Any) -> None:
    target = receiver(answering())
    names[HOST] = [["127.0.0.1"], ["10.0.0.1"]]
    made = dial(HOST, target.port, LOOPBACK_ALLOWED, Deadline(5, lambda: None))
    with made:
        assert made.getpeername() == ("127.0.0.1", target.port)
    assert names[HOST] == [["10.0.0.1"]]  # one look-up: there is no second one that could say something else


@pytest.mark.servers
def test_a_name_that_turns_inwards_at_the_second_look_up_is_refused(names: Any, receiver: Any, authority: Authority) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.answer(b"{}", "200 OK", "Connection: close")

    target = receiver(script, tls=server_context(authority.certificate(HOST)))
    names[HOST] = [["127.0.0.1"], ["169.254.169.254"]]
    with Line(guard=LOOPBACK_ALLOWED, ca_file=str(authority.file)) as line:
        assert line.get(f"https://{HOST}:{target.port}").status == 200
        with pytest.raises(AddressRefused, match=r"169\.254\.169\.254"):
            line.get(f"https://{HOST}:{target.port}")
    assert target.accepted == 1


@pytest.mark.servers
def test_an_address_inside_is_skipped_for_the_one_outside(names: Any, receiver: Any) -> None:
    target = receiver(answering())
    names[HOST] = [["10.0.0.1", "::1", "127.0.0.1"]]
    with dial(HOST, target.port, LOOPBACK_ALLOWED, Deadline(5, lambda: None)) as made:
        assert made.getpeername()[0] == "127.0.0.1"


@pytest.mark.servers
def test_the_next_address_is_tried_when_one_does_not_answer(names: Any, receiver: Any) -> None:
    target = receiver(answering())
    names[HOST] = [["127.9.9.9", "127.0.0.1"]]
    with dial(HOST, target.port, LOOPBACK_ALLOWED, Deadline(5, lambda: None)) as made:
        assert made.getpeername()[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost"])
def test_another_way_to_write_this_machine_is_refused(host: str) -> None:
    with pytest.raises((AddressRefused, ConnectionFailed)) as caught:
        dial(host, 443, Guard(), Deadline(5, lambda: None))
    assert "not a public address" in caught.value.detail or "not known" in caught.value.detail


def test_an_unknown_name_is_a_failed_connection(names: Any) -> None:
    with pytest.raises(ConnectionFailed, match=f"{HOST} is not known"):
        dial(HOST, 443, Guard(), Deadline(5, lambda: None))


@pytest.mark.servers
def test_the_certificate_is_checked_against_the_name_and_not_the_address(names: Any, receiver: Any, authority: Authority) -> None:
    seen: list[str | None] = []
    context = server_context(authority.certificate(HOST))
    context.sni_callback = lambda _socket, name, _context: seen.append(name)
    target = receiver(answering(b'"secure"'), tls=context)
    names[HOST] = [["127.0.0.1"]]
    with Line(guard=LOOPBACK_ALLOWED, ca_file=str(authority.file)) as line:
        assert line.get(f"https://{HOST}:{target.port}").json() == "secure"
    assert seen == [HOST]


@pytest.mark.servers
def test_a_certificate_for_another_name_is_refused(names: Any, receiver: Any, authority: Authority) -> None:
    target = receiver(answering(), tls=server_context(authority.certificate("other.example.com")))
    names[HOST] = [["127.0.0.1"]]
    with Line(guard=LOOPBACK_ALLOWED, ca_file=str(authority.file)) as line, pytest.raises(TlsFailed, match="mismatch"):
        line.get(f"https://{HOST}:{target.port}")


@pytest.mark.servers
def test_a_certificate_of_an_unknown_authority_is_refused(names: Any, receiver: Any, authority: Authority) -> None:
    target = receiver(answering(), tls=server_context(authority.certificate(HOST)))
    names[HOST] = [["127.0.0.1"]]
    with Line(guard=LOOPBACK_ALLOWED) as line, pytest.raises(TlsFailed, match="issuer"):
        line.get(f"https://{HOST}:{target.port}")


@pytest.mark.servers
def test_plain_http_on_a_secure_port_is_a_tls_failure(names: Any, receiver: Any) -> None:
    def script(peer: Peer) -> None:
        peer.connection.recv(1000)
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    target = receiver(script)
    names[HOST] = [["127.0.0.1"]]
    with Line(guard=LOOPBACK_ALLOWED) as line, pytest.raises(TlsFailed):
        line.get(f"https://{HOST}:{target.port}")


@pytest.mark.servers
def test_a_client_certificate_is_shown(names: Any, receiver: Any, authority: Authority) -> None:
    shown: list[Any] = []
    context = server_context(authority.certificate(HOST))
    context.load_verify_locations(str(authority.file))
    context.verify_mode = ssl.CERT_REQUIRED

    def script(peer: Peer) -> None:
        peer.request()
        shown.append(peer.connection.getpeercert())  # type: ignore[attr-defined]
        peer.answer()

    target = receiver(script, tls=context)
    names[HOST] = [["127.0.0.1"]]
    files = authority.certificate("rollcall-client")
    with Line(guard=LOOPBACK_ALLOWED, ca_file=str(authority.file), client_certificate=files) as line:
        line.get(f"https://{HOST}:{target.port}")
    assert shown[0]["subject"] == ((("commonName", "rollcall-client"),),)


# ── the watchdog ────────────────────────────────────────────────────────────────────────────────────


def test_a_deadline_that_was_met_shuts_nothing_down() -> None:
    cut = threading.Event()
    deadline = Deadline(0.1, cut.set)
    with deadline:
        pass
    assert not cut.wait(0.3)
    assert not deadline.has_expired


def test_waiting_adds_up_over_several_reads() -> None:
    cut, never = threading.Event(), threading.Event()
    deadline = Deadline(0.3, cut.set)
    for _ in range(2):
        with deadline:
            never.wait(0.1)
    assert 0.0 < deadline.seconds_left < 0.12
    with deadline:
        assert cut.wait(1)
    assert deadline.has_expired


def test_many_deadlines_end_in_their_own_order() -> None:
    ended: list[int] = []
    over = threading.Event()
    deadlines = [Deadline(0.3 - 0.05 * number, lambda number=number: ended.append(number)) for number in range(5)]
    last = Deadline(0.4, over.set)
    for deadline in (*deadlines, last):
        deadline.__enter__()
    assert over.wait(2)
    assert ended == [4, 3, 2, 1, 0]


def test_a_deadline_that_fails_does_not_stop_the_others() -> None:
    over = threading.Event()
    for deadline in (Deadline(0.02, lambda: 1 // 0), Deadline(0.1, over.set)):
        deadline.__enter__()
    assert over.wait(2)


@pytest.mark.processes
def test_a_forked_child_has_a_watchdog_of_its_own() -> None:
    with Deadline(5, lambda: None):  # the parent's thread runs
        pid = os.fork()
        if pid == 0:
            cut = threading.Event()
            deadline = Deadline(0.05, cut.set)
            deadline.__enter__()
            os._exit(0 if cut.wait(5) else 1)
    assert os.waitpid(pid, 0)[1] == 0
