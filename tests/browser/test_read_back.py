"""What reading back showed, in a real browser: a person, a write and a run of which something was otherwise."""

from __future__ import annotations

import pytest

from config import clock
from tests.browser.checks import assert_axe_clean, assert_no_sideways_scrolling, assert_quiet, assert_targets_are_large_enough
from tests.browser.visitor import NARROW, WIDE
from tests.rows import a_connector, a_delivery, a_person, a_record, join
from tests.syncjobs.pages.run_rows import a_run

COUNTS = {"heard": 2, "differ": 1, "read_back": {"differs:cohorts": 1, "differs:department": 1, "unshown:manager": 1, "absent": 1}}


@pytest.fixture
def pages(transactional_db):
    person, run = a_person(1, given_name="Marco", family_name="Rossi"), a_run(counts=COUNTS)
    held = {"username": "marco.rossi", "suspended": False, "cohorts": [], "department": "Elsewhere", "manager": "P-000002"}
    join(person, a_record(a_connector("academy"), "17", held), evidence="created in Academy")
    more = {"cause": run.cause, "done_at": clock.now(), "remote_id": "17"}
    a_delivery(person, "create", verified_at=clock.now(), read_back={}, **more)
    differs = {"cohorts": [["dept-customer-success"], []], "department": ["Customer Success", "Elsewhere"]}
    groups = a_delivery(person, "cohorts", values={"add": ["dept-customer-success"], "remove": []}, read_back={"differs": differs}, **more)
    role = a_delivery(person, "set_manager", values={"manager": "P-000002"}, read_back={"unshown": ["manager"]}, **more)
    gone = a_delivery(a_person(2), "create", read_back={"absent": True}, **more)
    writes = [f"/admin/deliveries/{row.pk}/" for row in (groups, role, gone)]
    return ["/admin/people/1/", f"/admin/runs/{run.pk}/", "/admin/deliveries/", *writes]


@pytest.mark.parametrize(("width", "theme"), [(WIDE, "light"), (NARROW, "dark")])
def test_pages_that_tell_of_differences_are_accessible_quiet_and_fit(visit, pages, width, theme):
    visitor = visit("L&D admin", width=width, theme=theme)
    for path in pages:
        page = visitor.open(path)
        assert_quiet(visitor)
        assert_axe_clean(page, "best-practice")
        assert_no_sideways_scrolling(page)
        assert_targets_are_large_enough(page)
