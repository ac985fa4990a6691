"""The frame of every page, without a browser: who sees it, what it says, what it must not contain."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.urls import reverse
from django.utils import translation

from config.admin_site import initials, role_of
from config.roles.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts_from_before():
    cache.clear()


@pytest.fixture
def lea():
    user = User.objects.create(username="lea", first_name="Lea", last_name="Adler", is_staff=True)
    user.groups.add(Group.objects.get(name="Integration engineer"))
    return user


@pytest.fixture
def page(client, lea):
    client.force_login(lea)
    return client.get(reverse("parts")).content.decode()


def test_the_frame_names_the_reader_and_their_role(page):
    assert "Lea Adler · Integration engineer" in page


def test_the_sandbox_is_named_so_that_nobody_takes_it_for_the_real_thing(page):
    assert "Sandbox" in page


def test_production_does_not_call_itself_a_sandbox(client, lea, settings):
    settings.PRODUCTION = True
    client.force_login(lea)
    assert "Sandbox" not in client.get(reverse("help")).content.decode()


def test_the_zone_of_the_times_is_named(page):
    assert "Times are shown in Europe/Berlin." in page


def test_nobody_signed_in_sees_neither_menu_nor_find_box(client):
    page = client.get(reverse("admin:login")).content.decode()
    assert "rc-nav" not in page
    assert "rc-find" not in page


def test_a_page_of_ours_leads_to_the_sign_in_first(client):
    answer = client.get(reverse("parts"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


def test_a_page_without_the_permission_is_refused_in_words(client):
    client.force_login(User.objects.create(username="plain", is_staff=True))
    answer = client.get(reverse("parts"))
    assert answer.status_code == 403
    assert "Your role does not allow this" in answer.content.decode()


def test_an_address_that_leads_nowhere_keeps_the_frame(client, lea):
    client.force_login(lea)
    answer = client.get("/admin/nothing/here/")
    assert answer.status_code == 404
    assert "rc-nav" in answer.content.decode()


def test_our_own_mistake_is_admitted_without_touching_a_table(client, lea, django_assert_num_queries):
    from config.failures import broken

    with django_assert_num_queries(0):
        answer = broken(None)
    assert answer.status_code == 500
    assert "Something went wrong inside Rollcall" in answer.content.decode()


def test_pages_are_never_kept_by_a_browser_or_proxy(client, lea):
    client.force_login(lea)
    assert "no-store" in client.get(reverse("parts"))["Cache-Control"]


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline(client):
    policy = client.get(reverse("admin:login"))["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_roles_are_named_in_order_and_an_administrator_as_such(lea):
    lea.groups.add(Group.objects.get(name="Auditor"))
    assert role_of(lea) == "Auditor, Integration engineer"
    assert role_of(User(is_superuser=True)) == "administrator"
    with translation.override("de"):
        assert role_of(lea) == "Integration (IT), Revision"


@pytest.mark.parametrize(("name", "letters"), [("Lea Adler", "LA"), ("Noor van den Berg", "NB"), ("lea", "LE")])
def test_initials_are_two_letters(name, letters):
    assert initials(name) == letters
