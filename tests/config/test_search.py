"""The find box: finds what the reader may see, opens what is named by number, and keeps names out of addresses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from config.roles.models import User
from config.search import MOST
from identity.people.models import Person
from integrations.connectors.models import Connector

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 2, tzinfo=UTC)


def person(number, name, **values):
    search = values.pop("search", name.casefold())
    return Person.objects.create(
        id=number, display_name=name, search=search, standing="active", job_title="Analyst", created_at=AT, changed_at=AT, **values
    )


@pytest.fixture
def find(client):
    def ask(asked, role="L&D admin"):
        user = User.objects.create(username=f"user-{role}", is_staff=True, is_superuser=role == "administrator")
        if not user.is_superuser and role:
            user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return client.post(reverse("find"), {"q": asked})

    return ask


def test_a_person_is_found_by_any_words_in_any_order_and_writing(find):
    person(7, "José García-Núñez", search="jose garcia-nunez jose.garcia@meridian.example 10023")
    assert "José García-Núñez" in find("GARCÍA josé").content.decode()


@pytest.mark.parametrize("asked", ["Smith-Jones", "alice.smith@meridian.example", "O'Brien", "P-000008", "smith_jones"])
def test_signs_between_letters_do_not_hide_a_person(find, asked):
    person(8, "Alice Smith-Jones O'Brien", search="alice smith jones o brien alice smith meridian example 10023 p-000008")
    answer = find(asked)
    assert answer.status_code == 302 or "Alice Smith-Jones" in answer.content.decode()


def test_every_word_must_fit(find):
    person(7, "Jane Doe")
    assert "Jane Doe" not in find("jane roe").content.decode()


def test_a_masked_reader_finds_people_by_our_number_only(find):
    person(7, "Jane Doe")
    assert "/admin/people/7/" not in find("jane", role="Integration engineer").content.decode()
    assert find("P-000007").headers["Location"] == "/admin/people/7/"


def test_a_reader_who_may_not_see_people_finds_none(find):
    person(7, "Jane Doe")
    assert "Jane Doe" not in find("jane", role="").content.decode()


def test_more_than_fit_are_announced_not_listed(find):
    for number in range(1, MOST + 3):
        person(number, f"Chen Wei {number}")
    page = find("chen").content.decode()
    assert page.count("Chen Wei") == MOST
    assert "There are more" in page


def test_a_connector_is_found_by_name_or_system(find):
    Connector.objects.create(key="academy", name="Moodle Academy", vendor="moodle")
    assert "Moodle Academy" in find("moodle").content.decode()


def test_a_page_is_found_by_its_name(find):
    assert reverse("system") in find("system", role="Integration engineer").content.decode()


def test_nothing_found_says_what_can_be_asked(find):
    page = find("zzz").content.decode()
    assert "Nothing found for “zzz”" in page
    assert "P-000123" in page


def test_an_empty_question_asks_back(find):
    assert "What are you looking for?" in find("  ").content.decode()


def test_a_person_number_of_nobody_finds_nothing(find):
    assert "Nothing found" in find("P-000099").content.decode()


def test_what_was_asked_is_shown_as_text(find):
    assert "<b>x" not in find("<b>x").content.decode()


def test_asking_by_get_shows_an_empty_form_so_that_no_name_stands_in_an_address(client, find):
    person(7, "Jane Doe")
    find("x")
    assert "Jane Doe" not in client.get(reverse("find"), {"q": "jane"}).content.decode()
