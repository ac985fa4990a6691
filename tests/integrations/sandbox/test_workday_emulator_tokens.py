"""Bearer tokens out of a refresh token, for SOAP and for reports."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from integrations.sandbox.exchange import Request, Response
from tests.integrations.sandbox.workday_caller import Answer, Tenant, envelope, filter_, get_workers

FORM = "grant_type=refresh_token&refresh_token=sandbox-refresh-token"
CLIENT = "rollcall-sandbox-client:sandbox-client-secret"


def ask(tenant: Tenant, form: str = FORM, client: str = CLIENT, path: str = "/ccx/oauth2/meridian/token") -> Response:
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": "Basic " + base64.b64encode(client.encode()).decode(),
    }
    return tenant.emulator.handle(Request.of("POST", path, headers, form.encode()))


def token(tenant: Tenant) -> str:
    return str(json.loads(ask(tenant).content)["access_token"])


def call(tenant: Tenant, bearer: str) -> Response:
    return tenant.post(envelope(get_workers(filter_(count=1)), header=""), Authorization=f"Bearer {bearer}")


def test_a_refresh_token_buys_an_access_token_that_needs_no_security_header() -> None:
    tenant = Tenant(size=500)
    issued: dict[str, Any] = json.loads(ask(tenant).content)
    assert issued["token_type"] == "Bearer" and issued["refresh_token"] == "sandbox-refresh-token" and "expires_in" not in issued
    assert Answer(call(tenant, issued["access_token"])).one("Page_Results") == "1"


def test_the_lifetime_is_told_only_by_switch() -> None:
    assert json.loads(ask(Tenant(size=500, says_expires_in=True, token_seconds=60)).content)["expires_in"] == 60


def test_a_token_dies_with_its_hour() -> None:
    tenant = Tenant(size=500)
    bearer = token(tenant)
    tenant.clock.advance(seconds=3601)
    assert call(tenant, bearer).status == 401
    assert call(tenant, token(tenant)).status == 200


def test_a_dead_token_is_a_401_or_by_switch_a_fault() -> None:
    assert call(Tenant(size=500), "nonsense").status == 401
    assert Answer(call(Tenant(size=500, refused_bearer="fault"), "nonsense")).fault[0] == "Client.authenticationError"


@pytest.mark.parametrize(
    ("form", "client", "status", "error"),
    [
        (FORM, "rollcall-sandbox-client:wrong", 401, "invalid_client"),
        (FORM.replace("sandbox-refresh-token", "other"), CLIENT, 400, "invalid_grant"),
        ("grant_type=password&username=a&password=b", CLIENT, 400, "unsupported_grant_type"),
    ],
)
def test_a_bad_token_request_says_why(form: str, client: str, status: int, error: str) -> None:
    answer = ask(Tenant(size=500), form, client)
    assert (answer.status, json.loads(answer.content)["error"]) == (status, error)


def test_another_tenant_has_no_token_endpoint_here() -> None:
    assert ask(Tenant(size=500), path="/ccx/oauth2/acme/token").status == 404


def test_the_switch_lets_a_token_live_for_so_many_calls_and_the_next_one_works() -> None:
    tenant = Tenant(size=500)
    bearer = token(tenant)
    tenant.faults.set("workday", expire_token_after=2)
    assert [call(tenant, bearer).status for _ in range(4)] == [200, 200, 401, 401]
    assert call(tenant, token(tenant)).status == 200
