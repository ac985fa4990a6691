"""What happens around fragments that htmx loads: failures are said, focus follows whoever asked, polling ends when told."""

from __future__ import annotations

from playwright.sync_api import Page, expect

PARTS = "/admin/system/parts/"


def put(page: Page, html: str) -> None:
    """Add a piece to the page, alive for htmx."""
    page.evaluate(
        "html => { const box = document.querySelector('main'); box.insertAdjacentHTML('beforeend', html); htmx.process(box); }", html
    )


def answer(page: Page, path: str, status: int = 200, html: str = "") -> list[str]:
    """Let the server answer so; the addresses that were asked, one entry a request."""
    asked: list[str] = []

    def fulfil(route):
        asked.append(route.request.url)
        route.fulfill(status=status, content_type="text/html", body=html)

    page.route(f"**{path}", fulfil)
    return asked


def test_a_fragment_that_cannot_be_loaded_says_so_and_keeps_what_was_there(visit):
    page = visit().open(PARTS)
    answer(page, "/broken/", status=500)
    put(page, '<div id="piece"><p>as it was</p><button hx-get="/broken/" hx-target="#piece">More</button></div>')
    page.get_by_role("button", name="More").click()
    expect(page.locator("#piece [role=alert]")).to_contain_text("Could not load")
    expect(page.locator("#piece")).to_contain_text("as it was")


def test_the_focus_goes_to_the_heading_of_what_a_person_asked_for(visit):
    page = visit().open(PARTS)
    answer(page, "/more/", html='<section id="piece"><h2>The result</h2></section>')
    put(page, '<section id="piece"><button hx-get="/more/" hx-target="#piece">More</button></section>')
    page.get_by_role("button", name="More").click()
    expect(page.get_by_role("heading", name="The result")).to_be_focused()


def test_a_poll_never_takes_the_focus_and_ends_with_an_answer_that_asks_no_more(visit):
    visitor = visit()
    visitor.page.clock.install()
    page = visitor.open(PARTS)
    asked = answer(page, "/progress/", html='<div id="bar"><h2>Done</h2></div>')
    put(page, '<div id="bar" hx-get="/progress/" hx-trigger="every 2s"><h2>Working</h2></div>')
    page.locator("#find").focus()
    page.clock.run_for(2100)
    expect(page.locator("#bar")).to_contain_text("Done")
    page.clock.run_for(10_000)
    assert len(asked) == 1
    expect(page.locator("#find")).to_be_focused()


def test_a_phase_is_announced_politely_through_the_live_region(visit):
    page = visit().open(PARTS)
    answer(page, "/phase/", html='<div id="bar">applying</div><p id="live" hx-swap-oob="innerHTML">The run is applying</p>')
    put(page, '<div id="bar"><button hx-get="/phase/" hx-target="#bar">Now</button></div>')
    page.get_by_role("button", name="Now").click()
    expect(page.locator("p#live[role=status]")).to_have_text("The run is applying")


def test_nothing_of_this_breaks_the_policy(visit):
    visitor = visit()
    page = visitor.open(PARTS)
    answer(page, "/more/", html='<section id="piece"><h2>The result</h2></section>')
    put(page, '<section id="piece"><button hx-get="/more/" hx-target="#piece">More</button></section>')
    page.get_by_role("button", name="More").click()
    expect(page.get_by_role("heading", name="The result")).to_be_visible()
    assert page.evaluate("window.violations") == []
