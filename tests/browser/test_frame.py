"""The frame around every page: signing in, menu, find box, reader's choices, and Django's own screens under the same skin."""

from __future__ import annotations

import pytest

from config.roles.models import User
from tests.browser.checks import assert_axe_clean, assert_no_sideways_scrolling, assert_quiet, walk
from tests.browser.visitor import NARROW, WIDE

PASSWORD = "a long enough password"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_signing_in_is_accessible_quiet_and_fits(visit, width, theme):
    visitor = visit("", width=width, theme=theme)
    page = visitor.open("/admin/login/")
    assert_quiet(visitor)
    assert_axe_clean(page, "best-practice")
    assert_no_sideways_scrolling(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_signs_in_by_keyboard_and_out_again(visit, scripts):
    User.objects.create_user("lea", password=PASSWORD, is_staff=True, first_name="Lea", last_name="Adler")
    page = visit("", scripts=scripts).open("/admin/login/")
    page.get_by_label("Username").fill("lea")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("summary", has_text="Lea Adler").click()
    page.get_by_role("button", name="Sign out").click()
    assert page.locator("#header").count() == 0


def test_a_wrong_password_is_said_out_loud(visit):
    page = visit("").open("/admin/login/")
    page.get_by_label("Username").fill("lea")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    assert "do not fit together" in page.get_by_role("alert").inner_text()
    assert_axe_clean(page)


def test_the_first_stops_are_the_skip_link_the_find_box_and_the_menu(visit):
    page = visit().open("/admin/system/parts/")
    stops = walk(page, 6)
    assert stops[0] == "Skip to main content"
    assert stops[1] == "#find"
    assert "Rollcall" in stops


def test_the_skip_link_leads_to_the_content(visit):
    page = visit().open("/admin/system/parts/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content-start"


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_phone_the_menu_opens_and_closes(visit, scripts):
    page = visit(width=NARROW, scripts=scripts).open("/admin/system/parts/")
    menu = page.get_by_role("navigation", name="Main")
    assert menu.is_hidden()
    page.get_by_role("link", name="Menu", exact=True).click()
    assert menu.is_visible()
    page.get_by_role("link", name="Close menu").click()
    assert menu.is_hidden()


def test_the_current_page_is_marked_in_the_menu(visit):
    page = visit().open("/admin/system/parts/")
    assert page.locator("nav [aria-current=page]").first.inner_text() == "System"


def test_dark_is_chosen_and_stays(visit):
    page = visit().open("/admin/system/parts/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("summary", has_text="Lea Adler").click()
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert_axe_clean(page)


def test_the_open_menu_of_the_reader_is_accessible_and_closes_with_escape(visit):
    page = visit().open("/admin/system/parts/")
    page.locator("summary", has_text="Lea Adler").click()
    assert_axe_clean(page)
    page.keyboard.press("Escape")
    assert page.get_by_role("button", name="Sign out").is_hidden()
    assert "Lea Adler" in page.evaluate("document.activeElement.innerText")


def test_a_slash_starts_a_search_and_what_was_asked_stays_out_of_the_address(visit):
    visitor = visit()
    page = visitor.open("/admin/system/parts/")
    page.keyboard.press("/")
    page.keyboard.type("system")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/find/")
    assert "system" not in page.url
    assert page.locator("main").get_by_role("link", name="System").is_visible()
    assert_quiet(visitor)
    assert_axe_clean(page, "best-practice")
