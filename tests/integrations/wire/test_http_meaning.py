from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.errors import (
    CredentialRejected,
    NotFound,
    PermissionMissing,
    RateLimited,
    RequestRefused,
    Unavailable,
    UnexpectedAnswer,
)
from integrations.wire.http import Response, explain_status
from tests.integrations.wire.receiver import answering


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


@pytest.mark.servers
def test_the_vendor_explains_an_answer_and_the_line_raises_it(served: Any) -> None:
    line, url = served(answering(b'{"exception": "invalidtoken"}'))
    line.explain = lambda response: CredentialRejected("invalidtoken") if "exception" in response.json() else None
    with pytest.raises(CredentialRejected):
        line.get(url)
    assert line.get(url, explain=False).json() == {"exception": "invalidtoken"}


@pytest.mark.servers
def test_a_refused_stream_is_explained_with_its_body(served: Any) -> None:
    line, url = served(answering(b'{"message": "no such report"}', "404 Not Found"))
    with pytest.raises(NotFound, match="no such report"):
        line.get(url, stream=True)


@pytest.mark.servers
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
