"""The System page: for whom, how much it asks the database, and what it says when something is not well."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.health.heartbeat import beat, real_now
from config.health.models import Heartbeat
from tests.rows import a_connector, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts_from_before():
    cache.clear()


def look(client, role="Integration engineer"):
    client.force_login(staff(role))
    return client.get(reverse("system"))


@pytest.mark.parametrize(("role", "status"), [("Integration engineer", 200), ("Auditor", 200), ("L&D admin", 403), ("Approver", 403)])
def test_it_is_for_it_and_the_auditor(client, role, status):
    assert look(client, role).status_code == status


def test_an_installation_that_is_well_says_so(client):
    beat("worker")
    beat("beat")
    page = look(client).text
    assert "The installation itself is well: 2 processes are alive" in page
    assert "needs action" not in page


def test_a_silent_process_is_red_and_says_who_starts_what(client):
    beat("worker")
    Heartbeat.objects.create(component="beat", instance="box/1", at=real_now() - timedelta(minutes=3))
    page = look(client).text
    assert "1 thing of the installation needs you." in page
    assert "silent for 3 min" in page
    assert "start “celery -A config beat”" in page
    assert page.count("rc-chip-bad") == 2  # in what needs somebody, and at the process itself


def test_what_it_asks_the_database_does_not_grow_with_what_is_stored(client):
    look(client)
    with CaptureQueriesContext(connection) as few:
        look(client)
    for number in range(20):
        a_connector(f"csv{number}", "csv_file")
        beat("worker", str(number))
    cache.clear()
    look(client, "Auditor")
    with CaptureQueriesContext(connection) as many:
        look(client, "Auditor")
    assert len(many) == len(few) <= 50


def test_the_sandbox_is_one_link_away_and_not_in_production(client, settings):
    settings.SANDBOX_URL = "http://127.0.0.1:8001"
    assert 'href="http://127.0.0.1:8001"' in look(client).text
    settings.PRODUCTION = True
    assert "127.0.0.1:8001" not in look(client).text


def test_the_menu_leads_to_the_sandbox_and_not_in_production(client, settings):
    settings.SANDBOX_URL = "http://127.0.0.1:8001"
    assert f'href="{reverse("sandbox")}"' in look(client).text
    assert client.get(reverse("sandbox"))["Location"] == "http://127.0.0.1:8001"
    settings.PRODUCTION = True
    assert client.get(reverse("sandbox")).status_code == 404
    assert reverse("sandbox") not in look(client).text


def test_the_sandbox_is_not_for_a_role_that_may_not_move_it(client):
    assert reverse("sandbox") not in look(client, "Auditor").text
    assert client.get(reverse("sandbox")).status_code == 403
