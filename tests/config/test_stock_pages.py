"""Django's own index pages under our skin: they work for every app, and the panel of recent actions is nowhere, for the trail says more."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from config.roles.models import User
from tests.rows import staff

pytestmark = pytest.mark.django_db
APPS = sorted({model._meta.app_label for model in admin.site._registry})


@pytest.fixture
def boss(client):
    boss = staff("administrator")
    client.force_login(boss)
    LogEntry.objects.create(
        user=boss, content_type=ContentType.objects.get_for_model(User), object_id=boss.pk, object_repr="X", action_flag=2
    )
    return boss


@pytest.mark.parametrize("app", APPS)
def test_the_page_of_an_app_lists_its_tables_in_the_frame(client, boss, app):
    answer = client.get(reverse("admin:app_list", args=[app]))
    assert answer.status_code == 200
    assert "rc-nav" in answer.text
    for model in admin.site._registry:
        if model._meta.app_label == app:
            assert reverse(f"admin:{app}_{model._meta.model_name}_changelist") in answer.text


@pytest.mark.parametrize("address", [reverse("admin:index"), *(reverse("admin:app_list", args=[app]) for app in APPS)])
def test_no_page_shows_an_empty_panel_of_recent_actions(client, boss, address):
    page = client.get(address).text
    assert "recent-actions" not in page
    assert "Recent actions" not in page


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.label)
def test_every_list_of_the_admin_opens(client, boss, model):
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert client.get(address).status_code == 200
