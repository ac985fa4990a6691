"""Django's own lists, forms and histories under the skin."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.models import Notice, User
from integrations.models import Connector, ValueMap, ValueMapRow
from tests.browser.checks import assert_axe_clean, assert_no_sideways_scrolling, assert_quiet
from tests.browser.visitor import NARROW, WIDE

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
SCREENS = (
    "/admin/integrations/connector/",
    "/admin/integrations/connector/?state__exact=active",
    "/admin/integrations/connector/{connector}/change/",
    "/admin/integrations/connector/{connector}/history/",
    "/admin/integrations/connector/{connector}/delete/",
    "/admin/integrations/valuemap/",
    "/admin/integrations/valuemap/?q=nothing",
    "/admin/integrations/valuemap/{value_map}/change/",
    "/admin/config/notice/",
    "/admin/config/user/",
    "/admin/config/user/add/",
    "/admin/config/user/{user}/change/",
    "/admin/password_change/",
    "/admin/config/",
)


@pytest.fixture
def rows(settings, live_server):
    settings.ROOT_URLCONF = "tests.browser.plain_screens"
    connector = Connector.objects.create(key="workday", name="Workday", vendor="workday")
    connector.rank = 10
    connector.save()
    value_map = ValueMap.objects.create(key="locations", name="Locations")
    for number in range(3):
        ValueMapRow.objects.create(value_map=value_map, source=f"MUC-{number}", folded=f"muc-{number}", target="Munich")
    Notice.objects.create(key="x", severity="bad", title="Workday did not accept the sign-in", first_at=AT, last_at=AT)
    for number in range(120):
        User.objects.create(username=f"user{number:03}", email=f"user{number:03}@meridian.example")
    return {"connector": connector.pk, "value_map": value_map.pk, "user": User.objects.get(username="user003").pk}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_plain_screens_are_accessible_quiet_and_fit(visit, rows, width, theme):
    visitor = visit(width=width, theme=theme)
    for screen in SCREENS:
        page = visitor.open(screen.format(**rows))
        assert_quiet(visitor)
        assert_no_sideways_scrolling(page)
        assert_axe_clean(page)


def test_on_a_phone_a_row_of_a_list_is_a_card_that_names_its_values(visit, rows):
    page = visit(width=NARROW).open("/admin/integrations/connector/")
    state = page.locator("#result_list .field-state")
    assert state.evaluate("cell => getComputedStyle(cell, '::before').content").startswith('"State')


def test_a_history_says_what_changed_and_leads_back_to_the_version(visit, rows):
    page = visit().open(f"/admin/integrations/connector/{rows['connector']}/history/")
    assert page.locator("del", has_text="100").is_visible()
    assert page.locator("ins", has_text="10").is_visible()


def test_what_is_history_offers_no_way_to_change_it(visit, rows):
    page = visit().open("/admin/config/notice/")
    assert page.get_by_role("link", name="Add notice").count() == 0
    page.get_by_role("link", name="Workday did not accept").click()
    assert page.locator(".submit-row input").count() == 0


def test_a_name_stands_in_the_headline_and_not_in_the_browser_tab(visit, rows):
    page = visit().open(f"/admin/integrations/connector/{rows['connector']}/change/")
    assert page.locator("h1").inner_text() == "Workday"
    assert "Workday" not in page.title()


def test_a_row_is_opened_by_keyboard_alone(visit, rows):
    page = visit().open("/admin/integrations/connector/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/")
    assert "/connector/" in page.url
