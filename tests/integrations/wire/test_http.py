from __future__ import annotations

from typing import Any

import pytest

from config.errors import (
    UnexpectedAnswer,
)
from config.sentences import english
from integrations.wire.http import Exchange
from tests.integrations.wire.receiver import Peer, answering

pytestmark = pytest.mark.servers


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


def test_a_redirect_is_not_followed(receiver: Any, line_to: Any) -> None:
    other = receiver(answering(b'"must not be asked"'))
    target = receiver(answering(b"", "302 Found", f"Location: {other.url}/sign-in?token=s3cr3t-value"))
    line = line_to(target)
    with pytest.raises(UnexpectedAnswer) as caught:
        line.post(target.url, data={"a": "b"})
    assert f"sent on to {other.url}/sign-in?token=•••" in english(caught.value.detail)
    assert other.accepted == 0
