"""Somebody whose only record is set aside or asked about has no page, but is found where people are looked for."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config.roles.models import User
from integrations.records.models import SourceRecord
from syncjobs.explain.unjoined import unjoined
from tests.builders import Book, sync, worker
from tests.rows import staff

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
def two_without_a_person() -> None:
    """Noor has the number of somebody else, and Émile left on a day that is none."""
    cache.clear()
    book = Book.of("hr")
    for number in (1, 2, 3):
        book.write(str(number), **worker(number))
    sync()
    book.write("9", **worker(1, given_name="Noor", family_name="Haddad", work_email="noor@meridian.example"))
    book.write("8", **worker(8, given_name="Émile", family_name="Roux", termination_on="31.02.2026"))
    sync()


def search(client: Client, text: str) -> str:
    return client.get(client.post("/admin/people/", {"asked": text})["Location"]).content.decode()


def lea(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("lea"))
    return client


def test_the_question_and_the_row_that_was_set_aside_are_one_link_away(two_without_a_person: None, client: Client) -> None:
    lea(client)
    asked = search(client, "haddad noor")
    assert "Records that belong to nobody yet" in asked and "Noor Haddad" in asked and "/admin/decisions/" in asked
    aside = search(client, "emile")
    assert "Émile Roux" in aside and "/records/" in aside
    assert "belong to nobody yet" not in search(client, "Given2"), "who has a page is no record without one"
    assert "belong to nobody yet" not in client.get("/admin/people/").content.decode()


def test_a_masked_reader_finds_nobody_by_guessing(two_without_a_person: None, client: Client) -> None:
    client.force_login(staff("Integration engineer"))
    assert "Haddad" not in search(client, "haddad")


def test_a_record_that_found_its_person_or_is_gone_is_none_of_them(two_without_a_person: None) -> None:
    assert [one.external_id for one in unjoined(SourceRecord.objects.all(), "noor")] == ["9"]
    SourceRecord.objects.filter(external_id="9").update(pending=False)
    assert unjoined(SourceRecord.objects.all(), "noor") == []


def test_it_costs_the_same_however_many_there_are(two_without_a_person: None) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert unjoined(SourceRecord.objects.all(), "meridian")
        return len(asked)

    few = cost()
    for number in range(20, 60):
        Book.of("hr").write(str(number), **worker(number, termination_on="31.02.2026"))
    sync()
    assert cost() == few == 4
    assert len(unjoined(SourceRecord.objects.all(), "meridian")) == 20
