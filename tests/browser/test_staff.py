"""Staff and roles in a browser: list, forms and roles, wide and narrow, light and dark."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from config.roles.models import User
from tests.browser.checks import assert_axe_clean, assert_no_sideways_scrolling, assert_quiet
from tests.browser.visitor import NARROW, WIDE


@pytest.fixture
def nora(live_server):
    user = User.objects.create(username="nora", first_name="Nora", last_name="van den Berg-Lindqvist", email="nora@meridian.example")
    user.groups.set(Group.objects.filter(name__in=("Auditor", "L&D admin")))
    return user


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_every_screen_is_accessible_quiet_and_fits(visit, nora, width, theme):
    visitor = visit(width=width, theme=theme)
    group = Group.objects.get(name="L&D admin")
    for path in (
        "/admin/config/user/",
        "/admin/config/user/add/",
        f"/admin/config/user/{nora.pk}/change/",
        f"/admin/config/user/{nora.pk}/password/",
        f"/admin/config/user/{nora.pk}/decide/deactivate/",
        "/admin/auth/group/",
        f"/admin/auth/group/{group.pk}/change/",
    ):
        page = visitor.open(path)
        assert_quiet(visitor)
        assert_axe_clean(page)
        assert_no_sideways_scrolling(page)


def test_a_role_is_given_by_ticking_its_box(visit, nora):
    page = visit().open(f"/admin/config/user/{nora.pk}/change/")
    page.get_by_label("Approver").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/config/user/")
    assert page.get_by_role("row", name="Nora").get_by_text("Approver, Auditor, L&D admin").is_visible()


def test_the_way_from_the_menu_to_what_a_role_may_do(visit, nora):
    page = visit("Auditor").open("/admin/")
    page.get_by_role("link", name="Staff and roles").click()
    page.get_by_role("link", name="What each role may do").click()
    page.get_by_role("link", name="Approver", exact=True).click()
    told = page.get_by_text("Approve or refuse a plan that a guard holds")
    told.wait_for()
    assert told.is_visible()
