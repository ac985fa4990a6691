"""The menu: only what exists and may be seen, with honest numbers that cost little."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.navigation import MENU, MOST, Entry, address, first_address, navigation, waiting
from config.roles.models import User
from integrations.connectors.models import Connector, ConnectorIssue

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_counts_from_before():
    cache.clear()


def request_of(user, path="/admin/"):
    request = RequestFactory().get(path)
    request.user = user
    return request


def links(groups):
    return {link.key: link for group in groups for link in group.links}


def administrator():
    return User.objects.create(username="boss", is_staff=True, is_superuser=True)


def member(role):
    user = User.objects.create(username="member", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def troubles(count):
    connector = Connector.objects.create(key="workday", name="Workday", vendor="workday")
    ConnectorIssue.objects.bulk_create(
        ConnectorIssue(connector=connector, code=f"code{number}", first_at=AT, last_at=AT) for number in range(count)
    )


def test_an_entry_whose_page_does_not_exist_is_left_out():
    assert address(Entry("x", "X", ("no-such-page",)), administrator()) == ""


def test_the_first_page_that_exists_is_taken():
    assert first_address(("no-such-page", "parts")) == reverse("parts")


def test_an_entry_nobody_granted_is_left_out():
    nobody = User.objects.create(username="nobody", is_staff=True)
    assert set(links(navigation(request_of(nobody)))) == {"overview"}


def test_any_of_the_named_permissions_is_enough():
    entry = Entry("x", "X", ("parts",), ("config.view_heartbeat", "config.view_user"))
    assert address(entry, member("Integration engineer"))
    assert not address(entry, member_without("config"))


def member_without(_app):
    return User.objects.create(username="plain", is_staff=True)


def test_the_longest_fitting_address_is_current():
    found = links(navigation(request_of(administrator(), reverse("parts"))))
    assert [key for key, link in found.items() if link.is_current] == ["system"]


def test_the_overview_is_current_only_on_itself():
    found = links(navigation(request_of(administrator(), "/admin/somewhere/else/")))
    assert not any(link.is_current for link in found.values())
    assert links(navigation(request_of(administrator_again(), "/admin/")))["overview"].is_current


def administrator_again():
    return User.objects.get(username="boss")


def test_a_view_may_say_which_entry_it_belongs_to():
    request = request_of(administrator(), "/admin/elsewhere/")
    request.section = "system"
    assert links(navigation(request))["system"].is_current


def test_what_waits_is_counted():
    troubles(3)
    assert waiting()["integrations.ConnectorIssue"] == 3


def test_a_count_never_reads_further_than_it_can_say():
    troubles(MOST + 20)
    assert waiting()["integrations.ConnectorIssue"] == MOST


def test_closed_troubles_do_not_count():
    troubles(2)
    ConnectorIssue.objects.update(closed_at=AT)
    assert waiting()["integrations.ConnectorIssue"] == 0


def test_the_menu_costs_one_query_a_pile_and_then_none():
    piles = sum(len(entry.piles) for _group, entries in MENU for entry in entries)
    boss = administrator()
    with CaptureQueriesContext(connection) as first:
        navigation(request_of(boss))
    with CaptureQueriesContext(connection) as second:
        navigation(request_of(boss))
    assert len(first) == piles
    assert len(second) == 0
