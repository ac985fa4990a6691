"""The System page in a browser: well and in trouble, wide and narrow, light and dark."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.health.heartbeat import beat, real_now
from config.health.models import Heartbeat
from tests.browser.checks import assert_axe_clean, assert_no_sideways_scrolling, assert_quiet, assert_targets_are_large_enough
from tests.browser.visitor import NARROW, WIDE


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_it_is_accessible_quiet_and_fits(visit, width, theme):
    beat("worker", "1")
    Heartbeat.objects.create(component="beat", instance="a-machine-with-a-long-name-in-a-cluster/1", at=real_now() - timedelta(hours=3))
    visitor = visit("Integration engineer", width=width, theme=theme)
    page = visitor.open("/admin/system/")
    assert page.get_by_text("silent for 3 h").first.is_visible()
    assert_quiet(visitor)
    assert_axe_clean(page)
    assert_no_sideways_scrolling(page)
    assert_targets_are_large_enough(page)


def test_the_sandbox_is_reached_from_the_menu(visit, settings, live_server):
    settings.SANDBOX_URL = f"{live_server.url}/healthz"  # stands for the sandbox, which is another process
    page = visit("Integration engineer").open("/admin/system/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Sandbox").click()
    page.wait_for_url("**/healthz")
    assert page.url == settings.SANDBOX_URL
