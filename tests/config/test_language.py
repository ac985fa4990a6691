"""The reader's language: kept with the login and in the browser, and never a way out of the site."""

from __future__ import annotations

import pytest
from django.urls import reverse

from config.roles.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea(client):
    user = User.objects.create(username="lea", is_staff=True)
    client.force_login(user)
    return user


def test_a_choice_is_kept_and_leads_back(client, lea):
    answer = client.post(reverse("language"), {"language": "de", "next": "/admin/help/"})
    lea.refresh_from_db()
    assert (lea.language, answer["Location"], answer.cookies["django_language"].value) == ("de", "/admin/help/", "de")


def test_a_language_we_do_not_speak_changes_nothing(client, lea):
    answer = client.post(reverse("language"), {"language": "tlh", "next": "/admin/help/"})
    lea.refresh_from_db()
    assert lea.language == ""
    assert "django_language" not in answer.cookies


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_the_way_back_never_leads_elsewhere(client, lea, elsewhere):
    assert client.post(reverse("language"), {"language": "de", "next": elsewhere})["Location"] == reverse("admin:index")


def test_a_link_cannot_change_the_language(client, lea):
    assert client.get(reverse("language")).status_code == 405
