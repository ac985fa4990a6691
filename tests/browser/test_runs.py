"""Runs in a browser: every page accessible, quiet and without sideways scrolling, and a decision made with scripts off."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from config import clock
from syncjobs.runs.models import SyncRun
from tests.browser.checks import (
    assert_axe_clean,
    assert_focus_is_never_hidden,
    assert_no_sideways_scrolling,
    assert_no_word_is_broken,
    assert_quiet,
    assert_targets_are_large_enough,
)
from tests.browser.visitor import NARROW, WIDE
from tests.syncjobs.pages.run_rows import a_held_run, a_parked, a_plan, a_run, a_write

PAGES = (
    "/admin/runs/",
    "/admin/runs/?phase=failed",
    "/admin/runs/start/",
    "/admin/runs/start/?connector=workday&mode=full",
    "/admin/runs/{held}/",
    "/admin/runs/{held}/approve/?some=1&change=academy:create",
    "/admin/runs/{held}/plan/?target=academy&kind=deactivate",
    "/admin/runs/{held}/people/1/",
    "/admin/runs/{partial}/",
    "/admin/runs/{partial}/records/?outcome=parked",
    "/admin/runs/{working}/",
    "/admin/runs/{failed}/",
)


@pytest.fixture
def runs(live_server):
    cache.clear()
    held = a_held_run()
    partial = a_run(
        phase="partial", counts={"heard": 30, "same": 8, "parked": 22, "dropped": {"workers": ["a_rather_long_field_name"] * 30}}
    )
    a_parked(partial, 22)
    a_write(partial, 500, operation="create")
    a_write(partial, 501, state="dead", error_code="target_refused", error_detail="no")
    working = a_run(phase="planning", stage="fetch", done=300, total=900)
    failed = a_run(phase="failed", stage="fetch", error_code="credential_rejected", error_detail="401 from the other side")
    return {"held": held.pk, "partial": partial.pk, "working": working.pk, "failed": failed.pk}


def test_german_heads_of_columns_stay_whole(visit, runs):
    """A row as wide as a busy day makes it."""
    busy = a_run(trigger="decision", mode="plan", counts={"heard": 1204, "parked": 25})
    a_plan(busy, {"academy": {"deactivate": 212, "create": 141, "update": 865, "reactivate": 319, "skip": 300}})
    page = visit(locale="de-DE").open("/admin/runs/")
    assert page.locator("thead th", has_text="Begann").bounding_box()["height"] < 45
    assert_no_word_is_broken(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_every_page_of_runs_is_accessible_quiet_and_fits(visit, runs, width, theme):
    visitor = visit(width=width, theme=theme)
    for path in PAGES:
        page = visitor.open(path.format(**runs))
        assert_quiet(visitor)
        assert_no_sideways_scrolling(page)
        assert_targets_are_large_enough(page)
        assert_axe_clean(page)


def test_a_plan_is_approved_in_part_without_scripts(visit, runs):
    page = visit("Approver", scripts=False, width=NARROW).open(f"/admin/runs/{runs['held']}/")
    page.get_by_role("button", name="Apply what is ticked…").click()
    assert page.get_by_text("2 changes will be made.").is_visible()
    page.locator("input[name=reason]").fill("the leavers are checked first")
    page.get_by_role("button", name="Approve the plan").click()
    assert page.get_by_text("Done: Approve the plan").is_visible()
    assert SyncRun.objects.get(pk=runs["held"]).phase == "applying"


def test_a_working_run_is_followed_until_it_waits(visit, runs):
    page = visit().open(f"/admin/runs/{runs['working']}/")
    assert page.get_by_text("Reading from Workday: 300 of 900").is_visible()
    SyncRun.objects.filter(pk=runs["working"]).update(done=600)
    page.get_by_text("Reading from Workday: 600 of 900").wait_for()
    SyncRun.objects.filter(pk=runs["working"]).update(phase="succeeded", stage="verify", finished_at=clock.now())
    page.locator("#progress:not([hx-trigger])").wait_for()
    head = page.locator("main h1").locator("xpath=ancestor::*[2]").inner_text()
    assert "succeeded" in head and "planning" not in head, "the head is not left as it was at the start"
    assert page.get_by_role("link", name="Cancel run").count() == 0


def test_a_poll_does_not_take_the_focus(visit, runs):
    page = visit().open(f"/admin/runs/{runs['working']}/")
    page.locator("#find").focus()
    SyncRun.objects.filter(pk=runs["working"]).update(done=700)
    page.get_by_text("Reading from Workday: 700 of 900").wait_for()
    assert page.evaluate("document.activeElement.id") == "find"


def test_the_person_behind_a_number_of_the_plan_is_reached_by_keyboard(visit, runs):
    page = visit().open(f"/admin/runs/{runs['held']}/")
    assert_focus_is_never_hidden(page, 30)
    page.get_by_role("link", name="Given1 Family1").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/admin/runs/{runs['held']}/people/1/")
    assert page.title() == "Plan of one person · Rollcall"


def test_on_paper_stands_what_is_to_be_read_and_nothing_to_press(visit, runs):
    page = visit().open(f"/admin/runs/{runs['held']}/")
    assert page.locator("main .rc-btn:visible").count()
    page.emulate_media(media="print")
    assert page.locator(".rc-btn:visible").count() == 0
    assert page.get_by_text("Stopped before the first write").first.is_visible()
