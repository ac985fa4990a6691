"""People and one person in a real browser: clean, quiet, narrow, by keyboard and without scripts."""

from __future__ import annotations

import pytest

from integrations.connectors.models import Connector
from tests.browser.checks import assert_axe_clean, assert_no_sideways_scrolling, assert_quiet, assert_targets_are_large_enough
from tests.browser.visitor import NARROW, WIDE
from tests.rows import a_case, a_connector, a_delivery, a_line, a_person, a_record, join


@pytest.fixture
def marco(transactional_db):
    person, boss = a_person(1, given_name="Marco", family_name="Rossi"), a_person(2)
    join(person, a_record(a_connector("bamboohr", rank=20), "b1", {"job_title": "Sales Engineer"}), evidence="same employee number")
    join(person, a_record(a_connector("academy"), "17", {"username": "marco.rossi", "suspended": False}), evidence="created in Academy")
    Connector.objects.filter(key="academy").update(pilot={"people": ["P-000001"]})
    a_line(person, boss, is_primary=True, why="supervisory lines come first")
    a_delivery(person), a_delivery(person, state="dead", error_code="target_refused", error_detail="the site says no")
    a_case(a_record(a_connector("bamboohr"), "b2", {"given_name": "Marco"}), person)
    return person


PAGES = (
    "/admin/people/",
    "/admin/people/?outside=academy",
    "/admin/people/1/",
    "/admin/people/1/facts/job_title/",
    "/admin/people/1/sync/",
    "/admin/deliveries/",
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "theme"), [(WIDE, "light"), (NARROW, "dark")])
def test_pages_are_accessible_quiet_and_fit(visit, marco, path, width, theme):
    visitor = visit("L&D admin", width=width, theme=theme)
    page = visitor.open(path)
    assert_quiet(visitor)
    assert_axe_clean(page, "best-practice")
    assert_no_sideways_scrolling(page)
    assert_targets_are_large_enough(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_is_searched_and_opened(visit, marco, scripts):
    page = visit("L&D admin", scripts=scripts).open("/admin/people/")
    page.get_by_label("Name, e-mail or number").fill("rossi")
    page.get_by_role("button", name="Show").click()
    assert "rossi" not in page.url.lower()
    page.get_by_role("link", name="Marco Rossi").click()
    assert page.locator("h1").inner_text() == "Marco Rossi"
    assert "Marco" not in page.title()


def test_rows_are_walked_and_opened_by_keyboard(visit, marco):
    page = visit("L&D admin").open("/admin/people/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/people/2/")
    assert page.url.endswith("/admin/people/2/")


def test_rare_facts_are_folded_away_until_asked_for(visit, marco):
    marco.values = {**marco.values, "company": "Meridian Works Srl"}
    marco.save()
    page = visit("L&D admin").open("/admin/people/1/")
    company = page.get_by_text("Meridian Works Srl")
    assert company.is_hidden()
    page.locator("summary", has_text="1 more fact").click()
    assert company.is_visible()
