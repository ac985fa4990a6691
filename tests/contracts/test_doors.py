"""Every address of the product: who is let in, by which method, with which headers, and what odd input does to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from config.audit.models import AuditEntry
from integrations.connectors.models import Connector
from tests.contracts.addresses import addresses, furnish
from tests.rows import staff

pytestmark = [pytest.mark.django_db, pytest.mark.walks]
OPEN_TO_STRANGERS = frozenset({"healthz", "readyz", "admin:login", "home"})
WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture(autouse=True)
def _furnished() -> None:
    cache.clear()
    furnish()


def signed_in(role: str, **options: bool) -> Client:
    client = Client(**options)
    client.force_login(staff(role))
    return client


@dataclass
class Look:
    """What GET on one address answered one who may do everything, and what it wrote into tables of ours."""

    name: str
    address: str
    status: int
    headers: Mapping[str, str]
    writes: list[str]


LOOKS: list[Look] = []


def looks() -> list[Look]:
    """One at every address, once a session."""
    if not LOOKS:
        client, found = signed_in("administrator"), []
        for name, address in addresses():
            writes: list[str] = []
            with connection.execute_wrapper(noting(writes)):
                answer = client.get(address)
            found.append(Look(name, address, answer.status_code, answer.headers, writes))
        LOOKS.extend(found)
    return LOOKS


def noting(writes: list[str]):  # type: ignore[no-untyped-def]
    def execute(run, sql, params, many, context):  # type: ignore[no-untyped-def]
        if "django_session" not in sql and sql.lstrip().upper().startswith(WRITES):
            writes.append(sql[:80])
        return run(sql, params, many, context)

    return execute


def test_strangers_are_sent_to_sign_in_whatever_they_ask() -> None:
    stranger = Client()
    for name, address in addresses():
        if name in OPEN_TO_STRANGERS or name.startswith("well-known"):
            continue
        for ask in (stranger.get, stranger.post):
            stranger.cookies.clear()  # a stranger each time; a client of its own would load the middleware anew
            answer = ask(address)
            assert answer.status_code == 302 and "/login/" in answer["Location"], address


def test_every_page_and_refusal_carries_the_headers() -> None:
    for look in looks():
        name, address, answer = look.name, look.address, look.headers
        policy = answer.get("Content-Security-Policy", "")
        assert "default-src 'none'" in policy and "unsafe" not in policy, address
        assert "frame-ancestors 'none'" in policy and answer["X-Frame-Options"] == "DENY", address
        assert answer["X-Content-Type-Options"] == "nosniff" and answer["Referrer-Policy"] == "same-origin", address
        if address.startswith("/admin/") and not name.startswith(("admin:login", "admin:password", "home")) and look.status == 200:
            assert "no-store" in answer.get("Cache-Control", ""), address


def test_failures_carry_the_headers_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr("syncjobs.pages.runs.account_kinds", breaks)
    for role, address, status in (
        ("administrator", "/admin/runs/", 500),
        ("administrator", "/admin/none/", 404),
        ("Partner manager", "/admin/runs/", 403),
    ):
        signed = signed_in(role, raise_request_exception=False)
        answer = signed.get(address)
        assert answer.status_code == status
        assert "default-src 'none'" in answer["Content-Security-Policy"] and answer["X-Frame-Options"] == "DENY"
        assert "on purpose" not in answer.content.decode()


def test_a_look_changes_nothing() -> None:
    """GET on every address, as one who may do everything: no table of ours is written."""
    for look in looks():
        assert look.status < 500, look.address
        assert not look.writes, f"GET {look.address}: {look.writes}"


def test_nothing_is_done_without_the_token_of_the_form() -> None:
    client = signed_in("administrator", enforce_csrf_checks=True)
    before = AuditEntry.objects.count()
    for _name, address in addresses():
        assert client.post(address, {"reason": "because"}).status_code in (403, 404), address
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("role", ["Auditor", "Partner manager"])
def test_who_only_reads_can_change_nothing_by_post(role: str) -> None:
    client = signed_in(role)
    before = (AuditEntry.objects.exclude(object_type__in=("audit",)).count(), list(Connector.objects.values("pk", "state", "settings")))
    for name, address in addresses():
        if not name.startswith("admin:password"):
            client.post(address, {"reason": "because", "name": "x", "value": "x", "answer": "new", "do": "save"})
    assert before == (
        AuditEntry.objects.exclude(object_type__in=("audit",)).count(),
        list(Connector.objects.values("pk", "state", "settings")),
    )


@pytest.mark.parametrize("value", ["9" * 30, "-1", "x" * 5000, "٣", "' OR 1=1 --", "%", "../../etc/passwd"])
def test_odd_words_in_an_address_are_no_error_of_ours(value: str) -> None:
    client = signed_in("administrator")
    names = (
        "state",
        "kind",
        "unit",
        "system",
        "connector",
        "person",
        "after",
        "before",
        "phase",
        "outcome",
        "code",
        "target",
        "q",
        "from",
        "earlier",
    )
    for name in ("people", "runs", "deliveries", "decisions", "audit", "connectors", "schedules", "value-maps", "mappings"):
        for key in names:
            assert client.get(reverse(name), {key: value}).status_code < 500, (name, key)


def test_numbers_that_no_table_can_hold_are_not_found() -> None:
    client = signed_in("administrator")
    for path in ("people", "runs", "deliveries", "decisions", "audit", "connectors", "schedules"):
        assert client.get(f"/admin/{path}/{'9' * 30}/").status_code == 404, path


def test_a_nul_in_an_address_is_refused() -> None:
    client = signed_in("administrator")
    for address in ("/admin/people/?unit=a%00b", "/admin/runs/?phase=%00", "/admin/value-maps/a%00b/"):
        answer = client.get(address)
        assert answer.status_code == 400 and "default-src 'none'" in answer["Content-Security-Policy"], address
