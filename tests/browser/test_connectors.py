"""Connectors, timetable and trail in a real browser."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config import clock
from integrations.connectors.models import ConnectorIssue, Credential, RequestLog
from syncjobs.schedules.models import Blackout, SyncSchedule
from tests.browser.checks import assert_axe_clean, assert_no_sideways_scrolling, assert_quiet, assert_targets_are_large_enough
from tests.browser.visitor import NARROW, WIDE
from tests.rows import a_connector, an_entry


@pytest.fixture
def academy(transactional_db):
    made = a_connector("academy", settings={"base_url": "https://learn.example.com", "auth": "oidc"})
    now = clock.now()
    Credential.objects.create(connector=made, name="token", value="secret", set_at=now)
    ConnectorIssue.objects.create(connector=made, code="timed_out", detail="30 s", first_at=now, last_at=now)
    RequestLog.objects.create(connector=made, at=now, method="POST", url=f"https://learn.example.com/{'long/' * 30}", status=500, ms=1200)
    SyncSchedule.objects.create(connector=a_connector("workday"), cron="0 2 * * *")
    Blackout.objects.create(name="Payroll", starts_at=now, ends_at=now + timedelta(days=1))
    an_entry("connector.changed", "connector", "1", before={"name": "Old"}, after={"name": "Academy"}, label="Academy")
    return made


TABS = (
    "",
    "settings/",
    "mappings/",
    "runs/",
    "changes/",
    "requests/",
    "credentials/",
    "limits/",
    "danger/",
    "secrets/token/",
    "act/pause/",
    "diagnosis/",
)
OTHERS = ("/admin/connectors/", "/admin/connectors/add/", "/admin/connectors/add/workday/", "/admin/connectors/add/csv_file/")
TIMES = ("/admin/schedules/", "/admin/schedules/add/", "/admin/blackouts/add/")


def assert_good(visitor, path: str) -> None:
    page = visitor.open(path)
    assert_quiet(visitor)
    assert_axe_clean(page, "best-practice")
    assert_no_sideways_scrolling(page)
    assert_targets_are_large_enough(page)


@pytest.mark.parametrize(("width", "theme"), [(WIDE, "light"), (NARROW, "dark")])
def test_every_tab_is_accessible_quiet_and_fits(visit, academy, width, theme):
    visitor = visit("Integration engineer", width=width, theme=theme)
    for tab in TABS:
        assert_good(visitor, f"/admin/connectors/{academy.pk}/{tab}")


@pytest.mark.parametrize(("width", "theme"), [(WIDE, "dark"), (NARROW, "light")])
def test_lists_and_forms_are_accessible_quiet_and_fit(visit, academy, width, theme):
    visitor = visit("Integration engineer", width=width, theme=theme)
    schedule = SyncSchedule.objects.get().pk
    for path in (*OTHERS, *TIMES, f"/admin/schedules/{schedule}/", f"/admin/schedules/{schedule}/pause/"):
        assert_good(visitor, path)


@pytest.mark.parametrize(("width", "theme"), [(WIDE, "light"), (NARROW, "dark")])
def test_the_trail_is_accessible_quiet_and_fits(visit, academy, width, theme):
    visitor = visit("Auditor", width=width, theme=theme)
    for path in ("/admin/audit/", "/admin/audit/1/"):
        assert_good(visitor, path)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_wrong_setting_is_said_at_its_field_and_at_the_top(visit, academy, scripts):
    page = visit("Integration engineer", scripts=scripts).open(f"/admin/connectors/{academy.pk}/settings/")
    page.get_by_label("Address of the site").fill("")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").first.get_by_role("link", name="Address of the site").click()
    field = page.get_by_label("Address of the site")
    assert field.get_attribute("aria-invalid") == "true"
    assert field.evaluate("one => document.getElementById(one.getAttribute('aria-describedby').split(' ').pop()) !== null")
    if scripts:  # axe itself is one
        assert_axe_clean(page)


def test_a_connector_is_paused_through_preview_and_reason(visit, academy):
    page = visit("Integration engineer").open(f"/admin/connectors/{academy.pk}/")
    page.get_by_role("link", name="Pause…").click()
    assert "changes wait in their order" in page.locator("main").inner_text()
    page.get_by_label("Reason, for whoever asks later").fill("maintenance")
    page.get_by_role("button", name="Pause").click()
    academy.refresh_from_db()
    assert academy.state == "paused"


@pytest.mark.parametrize(("scripts", "width", "theme"), [(True, WIDE, "light"), (True, NARROW, "dark"), (False, NARROW, "light")])
def test_settings_are_changed_through_a_preview(visit, academy, scripts, width, theme):
    visitor = visit("Integration engineer", scripts=scripts, width=width, theme=theme)
    page = visitor.open(f"/admin/connectors/{academy.pk}/settings/")
    page.get_by_label("Name", exact=False).first.fill("Academy of Meridian")
    page.get_by_label("Address of the site").fill("https://elsewhere.example.com/a/rather/long/address/of/a/site/that/has/to/fit")
    page.get_by_label("Token", exact=False).first.fill("typed-just-now")
    page.get_by_role("button", name="Save…").click()
    said = page.locator("main").inner_text()
    assert "Name: Academy → Academy of Meridian" in said and "another server is asked" in said and "replaced" in said
    assert "typed-just-now" not in page.content()
    if scripts:
        assert_axe_clean(page, "best-practice")
    assert_no_sideways_scrolling(page)
    page.get_by_role("button", name="Back to the form").click()
    assert page.get_by_label("Name", exact=False).first.input_value() == "Academy of Meridian"
    page.get_by_label("Token", exact=False).first.fill("typed-just-now")
    page.get_by_role("button", name="Save…").click()
    page.get_by_label("Reason, for whoever asks later").fill("moved")
    page.get_by_role("button", name="Save").click()
    assert "Test the connection" in page.locator("main").inner_text()
    academy.refresh_from_db()
    assert academy.name == "Academy of Meridian"
    assert_quiet(visitor)


def test_limits_say_that_they_become_looser_before_they_are(visit, academy):
    page = visit("Integration engineer", width=NARROW).open(f"/admin/connectors/{academy.pk}/limits/")
    page.get_by_label("Suspended accounts: never more than").fill("5000")
    page.get_by_label("Business units").fill("Digital")
    page.get_by_role("button", name="Save limits and rules…").click()
    said = page.locator("main").inner_text()
    assert "The guard becomes looser" in said and "Pilot group: everybody → Business units: Digital" in said
    assert_no_sideways_scrolling(page)
    page.get_by_label("Reason, for whoever asks later").fill("first group")
    page.get_by_role("button", name="Change limits and rules").click()
    academy.refresh_from_db()
    assert academy.pilot == {"units": ["Digital"]} and academy.guard["deactivate"]["most"] == 5000


@pytest.mark.parametrize("scripts", [True, False])
def test_a_schedule_is_said_in_plain_words_and_only_what_was_chosen_is_asked_for(visit, academy, scripts):
    page = visit("Integration engineer", scripts=scripts).open("/admin/schedules/add/")
    page.locator("[name=connector]").select_option(label="Workday")
    assert page.get_by_label("At", exact=True).is_visible() and not page.get_by_label("Line of cron", exact=True).is_visible()
    page.get_by_label("On certain days of the week").check()
    page.get_by_label("Sunday").check()
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
        page.get_by_label(day, exact=True).uncheck()
    page.get_by_label("At", exact=True).fill("03:30")
    page.get_by_role("button", name="Show what it means").click()
    assert page.get_by_text("Every Sunday at 03:30, Europe/Berlin").is_visible()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved: Every Sunday at 03:30").wait_for()
    assert SyncSchedule.objects.filter(cron="30 3 * * 0").exists()


def test_a_day_that_was_forgotten_is_asked_for_where_it_belongs(visit, academy):
    page = visit("Integration engineer").open("/admin/schedules/add/")
    page.locator("[name=connector]").select_option(label="Workday")
    page.get_by_label("On certain days of the week").check()
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
        page.get_by_label(day, exact=True).uncheck()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").first.get_by_role("link", name="On these days").wait_for()
    assert_axe_clean(page)


def test_the_diagnosis_is_copied_with_one_press_and_can_be_read_without_scripts(visit, academy):
    there = f"/admin/connectors/{academy.pk}/diagnosis/"
    visitor = visit("Integration engineer")
    page = visitor.open(there)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert '"rollcall_diagnosis": 1' in page.evaluate("navigator.clipboard.readText()")
    plain = visit("Integration engineer", scripts=False).open(there)
    assert (
        not plain.get_by_role("button", name="Copy").is_visible()
        and "rollcall_diagnosis" in plain.get_by_role("textbox").last.input_value()
    )
