"""Help: one page for each entry of the menu, and nothing else under that address."""

from __future__ import annotations

import pytest
from django.urls import reverse

from config.navigation import MENU
from config.roles.models import User

pytestmark = pytest.mark.django_db
KEYS = [entry.key for _group, entries in MENU for entry in entries]


@pytest.fixture
def signed_in(client):
    client.force_login(User.objects.create(username="lea", is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("key", KEYS)
def test_every_entry_of_the_menu_has_its_help(signed_in, key):
    page = signed_in.get(reverse("help-topic", args=[key])).content.decode()
    assert page.count("<dt>") >= 2


def test_the_help_of_a_page_is_one_link_away_at_the_same_place(signed_in):
    assert reverse("help-topic", args=["system"]) in signed_in.get(reverse("parts")).content.decode()


@pytest.mark.parametrize("topic", ["topic", "nothing"])
def test_what_is_no_page_has_no_help(signed_in, topic):
    assert signed_in.get(reverse("help-topic", args=[topic])).status_code == 404
