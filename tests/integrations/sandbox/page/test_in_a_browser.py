"""The page in a real browser: nothing is wider than the screen, nothing is unreadable, and the keyboard is enough."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from integrations.sandbox import cast
from integrations.sandbox.server import running_sandbox

PAGES = ("/", "/people", f"/people/workday/{cast.NOOR_VAN_DEN_BERG.key}", "/people/workday/new", "/break", "/accounts", "/calls")

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(vendors=("moodle",), rollcall_url="http://127.0.0.1:8000/") as running:
        running.world.change_title("workday", cast.NOOR_VAN_DEN_BERG.key, cast.NOOR_NEW_TITLE)
        running.faults.set("moodle", slow=0.01, rate_limited=1)
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_fits_and_passes_axe(sandbox, chromium, scheme, width):
    # axe is a script: only for its sake is the page's own policy set aside here
    with chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        for path in PAGES:
            page.goto(sandbox.url + path)
            page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
            too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            violations = [(found["id"], found["nodes"][0]["html"]) for found in Axe().run(page).response["violations"]]
            assert (too_wide, violations) == (0, []), path


def test_a_title_is_changed_with_the_keyboard_alone_and_scripts_off(sandbox, chromium):
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{sandbox.url}/people/workday/{cast.JANE_DOE.key}")
        page.get_by_text("New title", exact=True).focus()
        page.keyboard.press("Enter")
        page.get_by_label("Job title", exact=True).focus()
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.type("Partner Manager III")
        page.keyboard.press("Enter")
        page.get_by_role("status").wait_for()
        assert page.get_by_role("status").inner_text() == "The new title is in."
        assert sandbox.world.worker("workday", cast.JANE_DOE.key).title == "Partner Manager III"
        assert complaints == []
