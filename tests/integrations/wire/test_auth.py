from __future__ import annotations

import base64
import threading
from typing import Any
from urllib.parse import parse_qs

import pytest

from config.errors import (
    CredentialExpired,
    CredentialRejected,
    PermissionMissing,
    RequestRefused,
    RollcallError,
    Unavailable,
    UnexpectedAnswer,
)
from integrations.wire.auth import ApiKey, Basic, Bearer, ClientCredentials, RefreshToken
from integrations.wire.http import Exchange
from tests.integrations.wire.receiver import Peer, answering

pytestmark = pytest.mark.servers

JSON = "Content-Type: application/json"


def header(request: bytes, name: str) -> str:
    for line in request.decode().split("\r\n"):
        if line.lower().startswith(name.lower() + ":"):
            return line.partition(":")[2].strip()
    return ""


class Issuer:
    """A system with a token endpoint at /token that hands out t1, t2, …; only the newest is good."""

    def __init__(self, **answer: Any) -> None:
        self.answer = answer
        self.forms: list[dict[str, list[str]]] = []
        self.requests: list[bytes] = []
        self.good = "t0"

    def __call__(self, peer: Peer) -> None:
        while request := peer.request():
            self.requests.append(request)
            if request.startswith(b"POST /token"):
                self.forms.append(parse_qs(request.partition(b"\r\n\r\n")[2].decode()))
                self.good = f"t{len(self.forms)}"
                extra = "".join(f', "{key}": {value}' for key, value in self.answer.items())
                peer.answer(f'{{"access_token": "{self.good}"{extra}}}'.encode(), "200 OK", JSON)
            elif header(request, "Authorization") == f"Bearer {self.good}":
                peer.answer(b'"in"')
            else:
                peer.answer(b"{}", "401 Unauthorized")


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("auth", "name", "value"),
    [
        (Basic("isu@acme", "pä:ss"), "Authorization", "Basic " + base64.b64encode("isu@acme:pä:ss".encode()).decode()),
        (Bearer("abc"), "Authorization", "Bearer abc"),
        (Bearer("abc", scheme="SSWS"), "Authorization", "SSWS abc"),
        (ApiKey("X-Api-Key", "abc"), "X-Api-Key", "abc"),
    ],
)
def test_a_fixed_sign_in_is_a_header(served: Any, auth: Any, name: str, value: str) -> None:
    seen: list[bytes] = []

    def script(peer: Peer) -> None:
        seen.append(peer.request())
        peer.answer()

    line, url = served(script)
    line.get(url, auth=auth)
    assert header(seen[0], name) == value


def test_a_key_in_the_query_stands_beside_the_other_parameters_and_not_in_the_log(served: Any, log: list[Exchange]) -> None:
    seen: list[bytes] = []

    def script(peer: Peer) -> None:
        seen.append(peer.request())
        peer.answer()

    line, url = served(script)
    line.get(f"{url}/v1", params={"page": 2}, auth=ApiKey("api_key", "abc def", where="query"))
    assert seen[0].startswith(b"GET /v1?page=2&api_key=abc+def HTTP/1.1")
    assert log[0].url == f"{url}/v1?page=2&api_key=•••"


def test_a_401_with_a_fixed_sign_in_is_an_auth_fault_and_not_retried(receiver: Any, line_to: Any, log: list[Exchange]) -> None:
    target = receiver(answering(b"{}", "401 Unauthorized"))
    with pytest.raises(CredentialRejected):
        line_to(target).get(target.url, auth=Bearer("wrong"))
    assert len(log) == 1


def test_a_token_is_fetched_once_and_used_again(served: Any) -> None:
    issuer = Issuer(expires_in=3600)
    line, url = served(issuer)
    auth = ClientCredentials(f"{url}/token", "client", "sec ret", extra={"scope": "people.read"})
    assert [line.get(url, auth=auth).json() for _ in range(3)] == ["in", "in", "in"]
    assert issuer.forms == [{"grant_type": ["client_credentials"], "scope": ["people.read"]}]
    assert header(issuer.requests[0], "Authorization") == "Basic " + base64.b64encode(b"client:sec ret").decode()


def test_a_client_may_show_itself_in_the_form(served: Any) -> None:
    issuer = Issuer()
    line, url = served(issuer)
    line.get(url, auth=ClientCredentials(f"{url}/token", "client", "sec ret", style="form"))
    assert issuer.forms[0]["client_id"] == ["client"] and issuer.forms[0]["client_secret"] == ["sec ret"]
    assert header(issuer.requests[0], "Authorization") == ""


def test_a_token_is_renewed_a_minute_before_it_ends(served: Any) -> None:
    issuer, now = Issuer(expires_in=600), Time()
    line, url = served(issuer)
    auth = ClientCredentials(f"{url}/token", "client", "secret", monotonic=now)
    line.get(url, auth=auth)
    now.now += 539
    line.get(url, auth=auth)
    assert len(issuer.forms) == 1
    now.now += 2
    line.get(url, auth=auth)
    assert len(issuer.forms) == 2


@pytest.mark.parametrize("expires_in", ['"3600"', "null", '"soon"', "31536000000"])
def test_an_odd_lifetime_does_not_stop_a_token(served: Any, expires_in: str) -> None:
    line, url = served(Issuer(expires_in=expires_in))
    assert line.get(url, auth=ClientCredentials(f"{url}/token", "client", "secret")).json() == "in"


def test_a_401_fetches_a_new_token_once(served: Any) -> None:
    issuer = Issuer(expires_in=3600)
    line, url = served(issuer)
    auth = ClientCredentials(f"{url}/token", "client", "secret")
    line.get(url, auth=auth)
    issuer.good = "taken back"
    assert line.get(url, auth=auth).json() == "in"
    assert len(issuer.forms) == 2


def test_a_second_401_is_final(served: Any) -> None:
    class Refuses(Issuer):
        def __call__(self, peer: Peer) -> None:
            while request := peer.request():
                self.requests.append(request)
                if request.startswith(b"POST /token"):
                    peer.answer(b'{"access_token": "t"}')
                else:
                    peer.answer(b"{}", "401 Unauthorized")

    refuses = Refuses()
    line, url = served(refuses)
    with pytest.raises(CredentialRejected):
        line.get(url, auth=ClientCredentials(f"{url}/token", "client", "secret"))
    assert [request.split(b" ")[0] for request in refuses.requests] == [b"POST", b"GET", b"POST", b"GET"]


def test_a_new_refresh_token_is_used_and_handed_on_at_once(served: Any) -> None:
    issuer = Issuer(refresh_token='"r2"', instance_url='"https://eu.example.com"')
    line, url = served(issuer)
    kept: list[str] = []
    auth = RefreshToken(f"{url}/token", "client", "secret", refresh_token="r1", on_rotated=kept.append)
    line.get(url, auth=auth)
    issuer.good = "taken back"
    line.get(url, auth=auth)
    assert [form["refresh_token"] for form in issuer.forms] == [["r1"], ["r2"]]
    assert kept == ["r2"]
    assert auth.granted == {"instance_url": "https://eu.example.com"}


def test_a_token_never_shows_in_a_log_or_an_error(served: Any) -> None:
    def script(peer: Peer) -> None:
        while request := peer.request():
            if request.startswith(b"POST /token"):
                peer.answer(b'{"access_token": "top-secret-token"}')
            else:
                peer.answer(b'{"message": "top-secret-token may not do this"}', "403 Forbidden")

    line, url = served(script)
    with pytest.raises(PermissionMissing) as caught:
        line.get(url, auth=ClientCredentials(f"{url}/token", "client", "secret"))
    assert caught.value.detail == "403 ••• may not do this"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        ("400 Bad Request", b'{"error": "invalid_client"}', CredentialRejected),
        ("401 Unauthorized", b'{"error": "invalid_client", "error_description": "no such client"}', CredentialRejected),
        ("400 Bad Request", b'{"error": "invalid_grant"}', CredentialExpired),
        ("400 Bad Request", b'{"error": "unauthorized_client"}', PermissionMissing),
        ("400 Bad Request", b'{"error": "invalid_scope"}', PermissionMissing),
        ("400 Bad Request", b'{"error": "unsupported_grant_type"}', RequestRefused),
        ("400 Bad Request", b"<html>what?</html>", CredentialRejected),
        ("401 Unauthorized", b"", CredentialRejected),
        ("503 Service Unavailable", b"", Unavailable),
        ("200 OK", b"<html>Sign in</html>", UnexpectedAnswer),
        ("200 OK", b'{"token": "x"}', UnexpectedAnswer),
        ("200 OK", b'["x"]', UnexpectedAnswer),
        ("200 OK", b'{"access_token": ""}', UnexpectedAnswer),
    ],
)
def test_what_a_token_endpoint_answers_is_explained(served: Any, status: str, body: bytes, kind: type[RollcallError]) -> None:
    line, url = served(answering(body, status))
    with pytest.raises(RollcallError) as caught:
        line.get(url, auth=ClientCredentials(f"{url}/token", "client", "secret"))
    assert type(caught.value) is kind


def test_threads_that_need_a_token_at_the_same_time_fetch_one(served: Any) -> None:
    issuer = Issuer(expires_in=3600)
    line, url = served(issuer)
    auth = ClientCredentials(f"{url}/token", "client", "secret")
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(line.get(url, auth=auth).json())) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert answers == ["in"] * 5
    assert len(issuer.forms) == 1
