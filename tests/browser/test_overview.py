"""The first page in a browser: accessible and quiet for every role, alive while something runs, and whole without scripts."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from config import clock
from integrations.connectors.models import ConnectorIssue
from syncjobs.runs.models import SyncRun
from tests.browser.checks import (
    assert_axe_clean,
    assert_focus_is_never_hidden,
    assert_no_sideways_scrolling,
    assert_quiet,
    assert_targets_are_large_enough,
)
from tests.browser.visitor import NARROW, WIDE
from tests.rows import a_case, a_connector, a_record
from tests.syncjobs.pages.run_rows import a_held_run, a_leaver, a_run

ROLES = ("L&D admin", "Integration engineer", "Auditor", "Approver", "Partner manager")


@pytest.fixture
def busy(live_server):
    """An installation in which something of every kind waits, and a run works."""
    cache.clear()
    a_run(finished_at=clock.now())
    a_leaver(77)
    a_case(a_record(a_connector(), "w9", {}))
    a_held_run()
    ConnectorIssue.objects.create(connector=a_connector("bamboohr"), code="credential_rejected", first_at=clock.now(), last_at=clock.now())
    return a_run(phase="planning", stage="plan", done=1000, total=4000)


@pytest.mark.parametrize(("width", "theme"), [(WIDE, "light"), (NARROW, "dark")])
def test_the_overview_is_accessible_quiet_and_fits_for_every_role(visit, busy, width, theme):
    for role in ROLES:
        visitor = visit(role, width=width, theme=theme)
        page = visitor.open("/admin/")
        assert_quiet(visitor)
        assert_no_sideways_scrolling(page)
        assert_targets_are_large_enough(page)
        assert_axe_clean(page)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_an_empty_installation_is_accessible_and_fits(visit, width):
    visitor = visit(width=width)
    page = visitor.open("/admin/")
    assert page.get_by_text("1. Add a source").is_visible()
    assert_quiet(visitor)
    assert_no_sideways_scrolling(page)
    assert_axe_clean(page)


def test_the_card_of_what_runs_ends_by_itself_and_says_so(visit, busy):
    page = visit().open("/admin/")
    card = page.locator("#running")
    assert card.get_by_text("Planning: 1,000 of 4,000").is_visible()
    SyncRun.objects.filter(pk=busy.pk).update(phase="succeeded", finished_at=clock.now())
    card.get_by_text("Nothing runs at the moment.").wait_for()
    page.locator("#live", has_text="The run has ended.").wait_for(state="attached")
    assert page.locator("#running[hx-trigger]").count() == 0


def test_without_scripts_the_first_page_says_the_same_and_offers_to_refresh(visit, busy):
    page = visit(scripts=False).open("/admin/")
    assert page.get_by_text("Planning: 1,000 of 4,000").is_visible()
    assert page.locator("#running").get_by_role("link", name="Refresh").is_visible()


def test_the_first_need_is_reached_and_opened_by_keyboard(visit, busy):
    page = visit("L&D admin").open("/admin/")
    assert_focus_is_never_hidden(page, 20)
    link = page.get_by_role("link", name="Close account")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/people/77/**")
