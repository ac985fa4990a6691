"""What the vendor would refuse, the emulator refuses: a table of bad requests and their answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integrations.sandbox.exchange import Request
from tests.integrations.sandbox.bamboohr_caller import Account, basic, error

REPORT = "/api/v1/reports/custom?format=JSON"
FIELDS = {"fields": ["status"]}
MANY = ",".join(f"field{number}" for number in range(401))


@pytest.fixture(scope="module")
def account() -> Account:
    return Account()


@pytest.mark.parametrize(
    ("method", "target", "status", "says"),
    [
        ("GET", "/api/v1/employees/999999", 404, "Employee not found"),
        ("GET", "/api/v1/employees/999999/tables/jobInfo", 404, "Employee not found"),
        ("GET", "/api/v1/employees/402/tables/noTable", 404, "Table noTable not found"),
        ("GET", "/api/v1/employees/changed/tables/noTable?since=2026-06-10T00:00:00Z", 404, "Table noTable not found"),
        ("GET", f"/api/v1/employees/402?fields={MANY}", 400, "Too many fields requested: 401"),
        ("GET", "/api/v1/employees/changed", 400, "since is required"),
        ("GET", "/api/v1/employees/changed?since=yesterday", 400, "Invalid date yesterday"),
        ("GET", "/api/v1/employees/changed?since=2026-06-09T10:00:00+00:00", 400, "Invalid date"),  # the + was not encoded
        ("GET", "/api/v1/employees/changed?since=2026-06-09T10:00:00Z&type=Updated", 400, "Invalid type Updated"),
        ("GET", "/api/v1/employees/changed/tables/jobInfo", 400, "since is required"),
        ("GET", "/api/v1/time_off/whos_out?start=soon", 400, "Invalid date soon"),
        ("POST", "/api/v1/employees/directory", 405, "Method not allowed"),
        ("DELETE", "/api/v1/employees/402", 405, "Method not allowed"),
        ("GET", "/api/v1/reports/custom", 405, "Method not allowed"),
        ("GET", "/api/v1/training/type", 404, "Not found"),
        ("GET", "/api/v1/webhooks", 404, "Not found"),
        ("GET", "/api/v2/employees/402", 404, "Not found"),
        ("GET", "/api/gateway.php/acme/v1/employees/402", 404, "Not found"),
        ("GET", "/employees/402", 404, "Not found"),
        ("GET", "/api/v1_2/datasets/payroll/fields", 404, "Dataset payroll not found"),
    ],
)
def test_bad_requests_are_refused_with_the_reason_in_a_header(account: Account, method: str, target: str, status: int, says: str) -> None:
    answer = account.call(method, target)
    assert answer.status == status
    assert says in error(answer)


@pytest.mark.parametrize(
    ("target", "body", "content_type", "accept", "status", "says"),
    [
        (REPORT, FIELDS, "application/json; charset=UTF-8", "application/json", 400, "read as XML"),
        (REPORT, FIELDS, "text/plain", "application/json", 400, "read as XML"),
        (REPORT, FIELDS, "", "application/json", 400, "read as XML"),
        (REPORT, b"{not json", "application/json", "application/json", 400, "read as JSON"),
        (REPORT, {"title": "no fields"}, "application/json", "application/json", 400, "read as JSON"),
        (REPORT, {"fields": MANY.split(",")}, "application/json", "application/json", 400, "Too many fields"),
        ("/api/v1/reports/custom?format=docx", FIELDS, "application/json", "application/json", 400, "Unknown format docx"),
        ("/api/v1/reports/custom", FIELDS, "application/json", "*/*", 404, "No format given"),
        (
            REPORT,
            FIELDS | {"filters": {"lastChanged": {"value": "soon"}}},
            "application/json",
            "application/json",
            400,
            "Invalid date soon",
        ),
    ],
)
def test_the_report_is_strict_about_its_body(
    account: Account, target: str, body: Any, content_type: str, accept: str, status: int, says: str
) -> None:
    answer = account.call("POST", target, body, Content_Type=content_type, Accept=accept)
    assert answer.status == status
    assert says in error(answer)


def test_without_a_format_the_report_follows_accept(account: Account) -> None:
    answer = account.call("POST", "/api/v1/reports/custom", FIELDS, Content_Type="application/json")
    assert answer.status == 200 and json.loads(answer.content)["employees"]


def test_an_empty_directory_is_a_404() -> None:
    account = Account()
    account.faults.set("bamboohr", empty=True)
    assert account.get("employees/directory").status == 404


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<employee><field", "Malformed XML"),
        (b'<employee><field id="firstName">Vera</field></employee>', "first and a last name"),
        (b'<employee><field id="lastName">K</field><field id="firstName">V</field><field id="hireDate">soon</field></employee>', "soon"),
        (b'<employee><field id="lastName">K</field><field id="firstName">V</field><field id="location">Mars</field></employee>', "Mars"),
    ],
)
def test_a_person_that_cannot_be_is_not_created(account: Account, body: bytes, says: str) -> None:
    before = account.world.count("bamboohr")
    answer = account.call("POST", "/api/v1/employees", body)
    assert (answer.status, account.world.count("bamboohr")) == (400, before) and says in error(answer)


# ── keys and tokens ─────────────────────────────────────────────────────────────────────────────────


def test_a_missing_or_wrong_key_is_a_401() -> None:
    account = Account()
    assert account.get("employees/402", Authorization="").status == 401
    assert account.get("employees/402", Authorization=basic("wrong")).status == 401
    assert account.get("employees/402", Authorization="Basic ???").status == 401
    assert account.get("employees/402", Authorization="Bearer nonsense").status == 401


def test_too_many_unknown_keys_lock_everybody_out_for_a_while() -> None:
    account = Account()
    assert [account.get("employees/402", Authorization=basic(f"guess-{number}")).status for number in range(6)] == [401] * 5 + [403]
    locked = account.get("employees/402")
    assert locked.status == 403 and "Too many failed attempts" in error(locked)
    account.clock.advance(seconds=301)
    assert account.get("employees/402").status == 200


def test_the_right_key_in_between_starts_the_count_again() -> None:
    account = Account()
    for _ in range(3):
        for _ in range(4):
            assert account.get("employees/402", Authorization=basic("wrong")).status == 401
        assert account.get("employees/402").status == 200


def exchange(account: Account, **form: str) -> Any:
    told = {"client_id": "rollcall-sandbox-client", "client_secret": "sandbox-client-secret", **form}
    body = "&".join(f"{name}={value}" for name, value in told.items()).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return account.emulator.handle(Request.of("POST", "/token.php?request=token", headers, body))


def test_a_browser_code_becomes_tokens_and_refresh_tokens_rotate() -> None:
    account = Account()
    target = "/authorize.php?response_type=code&client_id=rollcall-sandbox-client&redirect_uri=http://127.0.0.1:1/back&state=s1"
    back = account.emulator.handle(Request.of("GET", target))
    assert back.status == 302 and back.headers["Location"].endswith("&state=s1")
    code = back.headers["Location"].partition("code=")[2].partition("&")[0]
    tokens = json.loads(exchange(account, grant_type="authorization_code", code=code).content)
    assert tokens["expires_in"] == 3600
    assert account.get("employees/402", Authorization=f"Bearer {tokens['access_token']}").status == 200
    assert exchange(account, grant_type="authorization_code", code=code).status == 400
    again = exchange(account, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert json.loads(again.content)["refresh_token"] != tokens["refresh_token"]
    assert exchange(account, grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status == 400


def test_a_token_dies_with_its_hour_and_a_wrong_client_gets_none() -> None:
    account = Account()
    tokens = json.loads(exchange(account, grant_type="refresh_token", refresh_token="sandbox-refresh-token").content)
    account.clock.advance(seconds=3601)
    assert account.get("employees/402", Authorization=f"Bearer {tokens['access_token']}").status == 401
    assert exchange(account, grant_type="refresh_token", client_secret="wrong").status == 401
    assert exchange(account, grant_type="password").status == 400
