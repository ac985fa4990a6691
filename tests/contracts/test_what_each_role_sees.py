"""Every page with the eyes of every role: names, addresses, numbers and days of people only where they were granted."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from config.roles.catalogue import APPROVER, AUDITOR, IT, LND, PARTNER
from tests.contracts.addresses import DAYS, FAMILY, GIVEN, MAIL, NUMBER, PERSONAL, addresses, furnish
from tests.rows import staff

pytestmark = [pytest.mark.django_db, pytest.mark.walks]
MASKED = (IT.name, APPROVER.name, PARTNER.name)
FULL = (LND.name, AUDITOR.name)
SHOWN: dict[str, dict[str, str]] = {}
SHOWS_PEOPLE = ("people", "person", "run-plan", "run-person", "run-plan-csv", "run-plan-json", "delivery", "person-fact")


@pytest.fixture(autouse=True)
def _furnished() -> None:
    cache.clear()
    furnish()


def reader(role: str) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(staff(role))
    return client


def text_of(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return f"{answer.headers} {content.decode('utf-8', 'replace')}"


def walk(role: str) -> dict[str, str]:
    """What this role is shown, by address. Nothing may be an error of ours.

    Each role walks once a session: every test has the same rows, and a look changes none (test_doors).
    """
    if role not in SHOWN:
        client, shown = reader(role), {}
        for name, address in addresses():
            answer = client.get(address)
            assert answer.status_code < 500, f"{address} as {role}"
            shown[f"{name} {address}"] = text_of(answer)
        SHOWN[role] = shown
    return SHOWN[role]


@pytest.mark.parametrize("role", MASKED)
def test_no_page_names_a_person_to_a_role_without_the_right(role: str) -> None:
    told = [f"{word} at {where}" for where, text in walk(role).items() for word in (*PERSONAL, *DAYS) if word in text]
    assert not told, "\n".join(told)


@pytest.mark.parametrize("role", FULL)
def test_pages_about_people_name_them_to_roles_with_the_right(role: str) -> None:
    shown = walk(role)
    for name in SHOWS_PEOPLE:
        texts = [text for where, text in shown.items() if where.split(" ")[0] == name]
        assert any(GIVEN in text or MAIL in text or "Aug" in text for text in texts), name


@pytest.mark.parametrize("role", MASKED)
@pytest.mark.parametrize("typed", [GIVEN, FAMILY.lower(), MAIL, MAIL[:12], NUMBER, NUMBER[:3]])
def test_a_masked_reader_cannot_guess_a_value_by_searching_for_it(role: str, typed: str) -> None:
    client = reader(role)
    answer = client.post("/admin/people/", {"asked": typed})
    listed = text_of(client.get(answer["Location"])) if answer.status_code == 302 else ""
    found = text_of(client.post("/admin/find/", {"q": typed}))
    assert "P-000007" not in listed + found and "/admin/people/7/" not in listed + found


def test_a_masked_reader_still_finds_a_person_by_our_own_number() -> None:
    client = reader(IT.name)
    listed = text_of(client.get(client.post("/admin/people/", {"asked": "p-000007"})["Location"]))
    assert "/admin/people/7/" in listed and "/admin/people/8/" not in listed


@pytest.mark.parametrize("role", [LND.name, IT.name, AUDITOR.name, APPROVER.name, PARTNER.name])
def test_no_personal_data_stands_in_an_address_or_a_title(role: str) -> None:
    for where, text in walk(role).items():
        title = text.partition("<title>")[2].partition("</title>")[0]
        assert not [word for word in PERSONAL if word in where + title]


def test_a_partner_manager_sees_nothing_of_others() -> None:
    client = reader(PARTNER.name)
    free = {
        "overview",
        "admin:index",
        "home",
        "find",
        "help",
        "help-topic",
        "admin:login",
        "admin:password_change",
        "admin:password_change_done",
    }
    for name, address in addresses():
        if name not in free and address.startswith("/admin/"):
            assert client.get(address).status_code in (302, 403, 404, 405), address
