from __future__ import annotations

from typing import Any

import pytest

from config.errors import (
    AddressRefused,
    RequestRefused,
)
from integrations.wire.http import Exchange
from integrations.wire.safe_url import Guard
from tests.integrations.wire.receiver import Peer, answering

pytestmark = pytest.mark.servers


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
