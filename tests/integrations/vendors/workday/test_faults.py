from __future__ import annotations

import pytest

from config.errors import CredentialRejected, PermissionMissing, RateLimited, RequestRefused, RollcallError, Unavailable
from integrations.wire.http import Response
from tests.integrations.vendors.workday.recorded import answer, connect, fault

# A fault is HTTP 500 whatever is wrong; only what may be tried again without harm is.
KINDS: tuple[tuple[str, type[RollcallError], bool], ...] = (
    ("sign_in", CredentialRejected, False),
    ("validation", RequestRefused, False),
    ("task_not_authorized", PermissionMissing, False),
    ("throttled", RateLimited, True),
    ("processing", Unavailable, True),
)


@pytest.mark.parametrize(("name", "kind", "retry"), KINDS)
def test_the_words_of_a_fault_decide_whether_it_is_tried_again(name: str, kind: type[RollcallError], retry: bool) -> None:
    workday, _ = connect()
    error = workday.explain(fault(name))
    assert type(error) is kind and error.retry is retry


def test_a_validation_fault_tells_what_and_where() -> None:
    error = connect()[0].explain(fault("validation"))
    assert error is not None
    assert "'99' is not a valid ID value" in error.detail and "Worker_Reference[1]" in error.detail


def test_words_of_the_own_tenant_can_mean_throttling() -> None:
    unknown = Response(500, {"Content-Type": "text/xml"}, fault("processing").content.replace(b"An internal error", b"Task queue full"))
    assert isinstance(connect()[0].explain(unknown), Unavailable)
    assert isinstance(connect(throttle_words=["Queue full"])[0].explain(unknown), RateLimited)


def test_a_maintenance_page_is_an_outage_and_not_an_answer() -> None:
    workday, _ = connect()
    assert isinstance(workday.explain(answer("maintenance.html", 503)), Unavailable)
    assert isinstance(workday.explain(Response(500, {}, b"")), Unavailable)


def test_rest_style_refusals_go_by_their_status() -> None:
    workday, _ = connect()
    assert isinstance(workday.explain(Response(429, {}, b"{}")), RateLimited)
    assert isinstance(workday.explain(Response(401, {}, b"{}")), CredentialRejected)
    assert workday.explain(answer("server_timestamp.xml")) is None
