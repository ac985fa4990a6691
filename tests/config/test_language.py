"""The reader's language: kept with the login and in the browser, and never a way out of the site."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import translation

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


def test_the_language_of_the_login_comes_before_the_browser_and_the_cookie(client, lea):
    User.objects.update(language="de")
    client.cookies["django_language"] = "en"
    answer = client.get(reverse("help"), headers={"Accept-Language": "en"})
    assert '<html lang="de"' in answer.text
    assert answer["Content-Language"] == "de"


@pytest.mark.parametrize("kept", ["", "tlh"])
def test_without_a_language_of_the_login_the_cookie_decides(client, lea, kept):
    User.objects.update(language=kept)
    client.cookies["django_language"] = "de"
    assert '<html lang="de"' in client.get(reverse("help"), headers={"Accept-Language": "en"}).text


def test_the_language_of_one_reader_does_not_stay_for_the_next(client, lea):
    User.objects.update(language="de")
    before = translation.get_language()
    with translation.override("en"):
        client.get(reverse("help"))
        client.logout()
        assert '<html lang="en"' in client.get(reverse("admin:login")).text
    assert translation.get_language() == before
