from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.errors import CredentialRejected, CursorExpired, PermissionMissing, RateLimited, Unavailable, UnexpectedAnswer
from integrations.wire.http import Response
from tests.integrations.vendors.bamboohr.other_side import Bamboo, connect, person, read
from tests.integrations.vendors.scripted_line import said


@pytest.mark.parametrize(
    ("status", "headers", "body", "error"),
    [
        (401, {}, b"", CredentialRejected),
        (403, {"X-BambooHR-Error-Message": "No access"}, b"", PermissionMissing),
        (429, {"Retry-After": "30"}, b"", RateLimited),
        (503, {"Retry-After": "30"}, b"", RateLimited),
        (503, {}, b"<html>down</html>", Unavailable),
        (400, {}, b'{"error":{"code":"BadPage","message":"stale"}}', CursorExpired),
        (200, {"Content-Type": "text/html"}, b"<html>Sign in</html>", UnexpectedAnswer),
        (200, {"Content-Type": "application/xml"}, b"<employees/>", UnexpectedAnswer),
    ],
)
def test_answers_are_explained(status: int, headers: dict[str, str], body: bytes, error: type[Exception]) -> None:
    vendor, _ = connect(Bamboo())
    found = vendor.explain(Response(status, headers, body))
    assert type(found) is error


def test_the_reason_of_the_header_reaches_the_reader() -> None:
    found = connect(Bamboo())[0].explain(Response(403, {"X-BambooHR-Error-Message": "Directory disabled for this account"}))
    assert found is not None and "Directory disabled for this account" in found.detail


def test_throttling_carries_the_moment_to_come_back() -> None:
    received = datetime(2026, 6, 10, 8, 0, tzinfo=UTC)
    found = connect(Bamboo())[0].explain(Response(503, {"Retry-After": "30"}, received_at=received))
    assert found is not None and found.retry_at == datetime(2026, 6, 10, 8, 0, 30, tzinfo=UTC)


def test_a_page_instead_of_the_report_is_refused_before_it_is_read() -> None:
    bamboo = Bamboo(person(501))
    html = Response(200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>Sign in</html>")
    bamboo.other = lambda asked: html if asked.path.endswith("custom") else None
    with pytest.raises(UnexpectedAnswer):
        read(bamboo)


def test_a_list_that_goes_in_a_circle_is_left() -> None:
    bamboo = Bamboo(person(501))
    circle = {"data": [{"employeeId": "501"}], "meta": {"total": 9, "page": {"nextCursor": "1"}}}
    bamboo.other = lambda asked: said(circle) if asked.path.endswith("/employees") else None
    with pytest.raises(UnexpectedAnswer):
        read(bamboo)
