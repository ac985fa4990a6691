"""Base classes of plain screens: history stays history, large tables are not counted, decisions have buttons."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

import pytest
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse

from config import clock
from config.admin_screens import EstimatedPaginator, HistoryScreen
from config.audit.models import Cause
from config.bulk import insert_rows
from config.decision_page import DecisionScreen
from config.decisions import Decision, Effect
from config.models import Notice, User

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
CHANGE = "admin:config_notice_change"


class Shout(Decision):
    label = "Shout"
    permission = "config.change_notice"
    object_type = "notice"
    heard: ClassVar[list[str]] = []

    def __init__(self, actor: User, notice: Notice) -> None:
        super().__init__(actor)
        self.notice = notice

    @property
    def object_id(self) -> str:
        return str(self.notice.pk)

    def preview(self) -> Effect:
        return Effect([f"Everybody hears “{self.notice.title}”."])

    def carry_out(self, cause: Cause) -> None:
        self.heard.append(self.notice.title)


class Notices(DecisionScreen):
    decisions: ClassVar = {"shout": Shout}


@pytest.fixture
def notice():
    Shout.heard.clear()
    return Notice.objects.create(key="x", severity="bad", title="The sign-in failed", first_at=AT, last_at=AT)


@pytest.fixture
def screen(settings):
    settings.ROOT_URLCONF = "tests.config.screens_with_decisions"
    return reverse


def sign_in(client, is_superuser=True):
    user = User.objects.create(username="lea", is_staff=True, is_superuser=is_superuser)
    client.force_login(user)
    return user


def test_a_decision_is_a_button_on_the_form_that_leads_to_its_preview(client, screen, notice):
    sign_in(client)
    form = client.get(screen(CHANGE, args=[notice.pk])).content.decode()
    address = screen("admin:config_notice_decide", args=[notice.pk, "shout"])
    assert f'<a href="{address}">Shout</a>' in form
    assert "Everybody hears “The sign-in failed”." in client.get(address).content.decode()
    assert not Shout.heard


def test_deciding_acts_and_goes_back_to_the_form(client, screen, notice):
    sign_in(client)
    answer = client.post(screen("admin:config_notice_decide", args=[notice.pk, "shout"]), {"reason": ""})
    assert Shout.heard == ["The sign-in failed"]
    assert answer["Location"] == screen(CHANGE, args=[notice.pk])


def test_who_may_not_decide_gets_no_button(screen, notice):
    looker = User.objects.create(username="looker", is_staff=True)
    request = RequestFactory().get("/")
    request.user = looker
    assert Notices(Notice, admin.site)._decision_links(request, notice) == []


@pytest.mark.parametrize(("number", "verb"), [("{pk}", "whisper"), ("999", "shout")])
def test_an_unknown_verb_or_row_is_not_found(client, screen, notice, number, verb):
    sign_in(client)
    assert client.get(screen("admin:config_notice_decide", args=[number.format(pk=notice.pk), verb])).status_code == 404


def test_history_cannot_be_added_changed_or_deleted_even_by_an_administrator():
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    history = HistoryScreen(Notice, admin.site)
    assert history.has_view_permission(request)
    assert not any((history.has_add_permission(request), history.has_change_permission(request), history.has_delete_permission(request)))


def test_history_is_empty_for_a_reader_without_the_right_to_view_it(notice):
    request = RequestFactory().get("/")
    request.user = User.objects.create(username="looker", is_staff=True)
    assert list(HistoryScreen(Notice, admin.site).get_queryset(request)) == []


def test_a_small_table_is_counted(notice):
    assert EstimatedPaginator(Notice.objects.order_by("id"), 50).count == 1


@pytest.mark.postgres
def test_a_large_table_is_estimated_and_a_filtered_list_is_counted(notice):
    now = clock.now()
    rows = [(f"many:{number}", "info", "Many", now, now) for number in range(12_000)]
    insert_rows(Notice, ("key", "severity", "title", "first_at", "last_at"), rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE config_notice")
    Notice.objects.filter(title="Many", key__endswith="7").delete()  # the planner still thinks that all are there
    assert EstimatedPaginator(Notice.objects.order_by("id"), 50).count == 12_001
    assert EstimatedPaginator(Notice.objects.filter(severity="bad").order_by("id"), 50).count == 1
