"""The mapping pages in a browser: readable at every width, by keyboard, with and without scripts, and quiet under the strict policy."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from integrations import vendors
from integrations.connectors.models import Connector
from integrations.mapping.models import MappingVersion, UnmappedValue, ValueMap, ValueMapRow
from integrations.mapping.shapes import shape_of
from integrations.mapping.unmapped import record_unmapped
from integrations.mapping.versions import as_values, draft, install_default, save_draft
from integrations.vendors.bamboohr.fields import MAPPING
from tests.browser.checks import (
    assert_axe_clean,
    assert_focus_is_never_hidden,
    assert_no_sideways_scrolling,
    assert_quiet,
    assert_targets_are_large_enough,
)
from tests.browser.visitor import NARROW, WIDE, member_of, session_of
from tests.integrations.mapping.conftest import NOW, new_record
from tests.integrations.mapping.probe import PEOPLE

EDIT = "/admin/mappings/probe/people/"
SCREENS = (
    "/admin/mappings/",
    EDIT,
    "/admin/mappings/bamboo/employees/",
    f"{EDIT}versions/?old=1&new=2",
    f"{EDIT}publish/",
    "/admin/value-maps/",
    "/admin/value-maps/locations/",
)


@pytest.fixture
def stage(live_server, monkeypatch):
    """A connector with a mapping in force and a draft, records, and a code that waits."""
    monkeypatch.setitem(vendors.VENDORS, "probe", "tests.integrations.mapping.probe.Probe")
    shape_of.cache_clear()
    lea = member_of("administrator")
    connector = Connector.objects.create(key="probe", name="Probe HR", vendor="probe")
    version = install_default(connector, "people", PEOPLE, lea)
    install_default(Connector.objects.create(key="bamboo", name="BambooHR", vendor="bamboohr"), "employees", MAPPING, lea)
    begun = draft(connector, "people", lea)
    save_draft(begun, [as_values(row) | ({"source": "mail"} if row.target == "work_email" else {}) for row in version.rows.all()], lea)
    value_map = ValueMap.objects.get(key="locations")
    ValueMapRow.objects.create(value_map=value_map, source="BER-01", folded="ber-01", target="Berlin")
    waiting = [new_record(connector, f"a{number}", site="XYZ-9", mail=f"p{number}@meridian.example").pk for number in range(3)]
    record_unmapped(connector, {("locations", "XYZ-9"): waiting}, NOW)
    yield version
    shape_of.cache_clear()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_every_page_is_accessible_quiet_and_fits(visit, stage, width, theme):
    visitor = visit(width=width, theme=theme)
    for screen in SCREENS:
        page = visitor.open(screen)
        for details in page.locator("details.rc-more").all()[:2]:
            details.locator("summary").click()
        assert_quiet(visitor)
        assert_no_sideways_scrolling(page)
        assert_targets_are_large_enough(page)
        assert_axe_clean(page)


def test_the_preview_follows_while_somebody_types_and_saves_nothing(visit, stage):
    visitor = visit()
    page = visitor.open(EDIT)
    expect(page.locator("#beside")).to_contain_text("p2@meridian.example")
    page.get_by_label("Taken from, row 2").fill("last")
    expect(page.locator("#beside li", has_text="First name")).to_contain_text("Doe")
    page.get_by_label("Changed by, row 2").fill("upper\nnonsense")
    expect(page.locator("#beside")).to_contain_text("there is no transform")
    page.get_by_label("Changed by, row 2").fill("upper")
    expect(page.locator("#beside li", has_text="First name")).to_contain_text("DOE")
    expect(page.get_by_label("Changed by, row 2")).to_be_focused()
    assert MappingVersion.objects.get(state="draft").rows.get(target="given_name").source == "first"
    assert_quiet(visitor)
    assert_axe_clean(page)


def test_a_session_that_ends_while_somebody_edits_costs_no_edit(visit, stage):
    visitor = visit()
    page = visitor.open(EDIT)
    Session.objects.all().delete()
    page.get_by_label("Taken from, row 2").fill("last")
    expect(page.locator("#beside [role=alert]")).to_contain_text("You have been signed out")
    expect(page.locator("input[type=password]")).to_have_count(0)
    expect(page.get_by_label("Taken from, row 2")).to_be_focused()
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("#editor > [role=alert]").get_by_role("link", name="Sign in")).to_be_focused()
    expect(page.get_by_label("Taken from, row 2")).to_have_value("last")
    visitor.context.clear_cookies()  # signing in gives a new session and a new token
    fresh = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(member_of("administrator")), "url": visitor.url}
    visitor.context.add_cookies([fresh])
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("main")).to_contain_text("The draft is saved")
    assert MappingVersion.objects.get(state="draft").rows.get(target="given_name").source == "last"


def test_another_record_is_shown_without_leaving_what_was_typed(visit, stage):
    page = visit().open(EDIT)
    page.get_by_label("Taken from, row 2").fill("last")
    page.get_by_label("Id in the source").fill("a0")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#beside header")).to_contain_text("a0")
    expect(page.get_by_label("Taken from, row 2")).to_have_value("last")
    page.get_by_role("button", name="Last that waits").click()
    expect(page.locator("#beside")).to_contain_text("Nothing waits")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_row_is_added_looked_at_saved_and_published(visit, stage, scripts):
    page = visit(scripts=scripts).open(EDIT)
    page.get_by_label("Fills, row 7").select_option("phone")
    page.get_by_label("Taken from, row 7").fill("'12345'")
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.locator("#beside li", has_text="Phone")).to_contain_text("12345")
    page.get_by_role("button", name="One more row").click()
    expect(page.get_by_label("Fills, row 8")).to_be_visible()
    page.get_by_role("button", name="Try on many records").click()
    expect(page.locator("#beside")).to_contain_text("Would read differently")
    page.get_by_role("button", name="Save and publish…").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Publish version 2")
    page.get_by_label("Note: why").fill("phones are needed")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("main")).to_contain_text("Version 2 is in force")
    assert MappingVersion.objects.get(state="published", stream="people").rows.filter(target="phone").exists()


def test_a_mistake_is_listed_and_leads_to_its_field(visit, stage):
    page = visit().open(EDIT)
    page.get_by_label("Taken from, row 4").fill("a..b")
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("link", name="Row 4, Taken from").click()
    expect(page.get_by_label("Taken from, row 4")).to_be_focused()
    assert_axe_clean(page)


def test_a_code_is_named_on_a_phone_without_scripts(visit, stage):
    page = visit(width=NARROW, scripts=False).open("/admin/value-maps/locations/")
    page.get_by_label("Name of XYZ-9").fill("Xanten")
    page.get_by_role("button", name="Name it XYZ-9").click()
    expect(page.locator("main")).to_contain_text("Every code that was seen has a name")
    assert not UnmappedValue.objects.filter(closed_at=None).exists()


def test_the_editor_can_be_walked_by_keyboard_and_nothing_hides_the_focus(visit, stage):
    page = visit(height=700).open(EDIT)
    page.locator("#id_rows-0-target").focus()
    assert_focus_is_never_hidden(page, 40)
