"""The page of parts, which holds every part in every state: what passes here, passes on the pages made of them."""

from __future__ import annotations

import pytest

from tests.browser.checks import (
    assert_axe_clean,
    assert_focus_is_never_hidden,
    assert_no_sideways_scrolling,
    assert_quiet,
    assert_targets_are_large_enough,
)
from tests.browser.visitor import NARROW, WIDE

PARTS = "/admin/system/parts/"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, 1366, NARROW])
def test_every_part_is_accessible_quiet_and_fits(visit, width, theme):
    visitor = visit(width=width, theme=theme)
    page = visitor.open(PARTS)
    assert_quiet(visitor)
    assert_axe_clean(page, "best-practice")
    assert_no_sideways_scrolling(page)
    assert_targets_are_large_enough(page)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_bar_at_the_bottom_never_hides_what_has_the_focus(visit, width):
    assert_focus_is_never_hidden(visit(width=width).open(PARTS), steps=70)


def test_a_table_row_becomes_a_card_on_a_phone(visit):
    page = visit(width=NARROW).open(PARTS)
    row = page.locator("#plan tbody tr").first
    assert row.evaluate("row => getComputedStyle(row).display") == "flex"
    people = row.locator("td", has_text="212")
    assert people.evaluate("cell => getComputedStyle(cell, '::before').content").startswith('"People')


def test_without_scripts_everything_can_be_read_and_no_key_is_promised(visit):
    page = visit(scripts=False).open(PARTS)
    assert page.locator("h1").inner_text() == "Parts"
    assert page.locator("kbd[data-keys-hint]").first.is_hidden()
    assert page.locator("[data-theme-choice]").is_hidden()
    page.locator(".rc-show-equal").check()
    assert page.locator("tr.rc-equal").is_visible()


def test_equal_rows_are_folded_away_until_asked_for(visit):
    page = visit().open(PARTS)
    assert page.locator("tr.rc-equal").is_hidden()
    page.get_by_label("show the 1 equal row").check()
    assert page.locator("tr.rc-equal").is_visible()


def test_rows_columns_and_buttons_answer_to_keys(visit):
    page = visit().open(PARTS)
    page.locator("#compare tbody tr").first.locator("input").first.focus()
    page.keyboard.press("2")
    assert page.locator("input[name=name][value=bamboohr]").is_checked()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.name") == "email"
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.name") == "name"
    assert page.locator("input[name=name][value=bamboohr]").is_checked()
    page.keyboard.press("m")  # presses “Merge”, which asks for the reason first
    assert page.evaluate("document.activeElement.name") == "reason"


def test_keys_are_listed_and_can_be_turned_off(visit):
    page = visit().open(PARTS)
    page.keyboard.press("?")
    page.get_by_label("Use these keys").uncheck()
    page.get_by_role("button", name="Close", exact=True).click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "find"
    page.reload()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "find"
    assert page.locator("main kbd[data-keys-hint]").first.is_hidden()
