"""What every screen must pass. Each check says what is wrong and where, so that a failure needs no second look."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.visitor import Visitor

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def assert_axe_clean(page: Page, *extra_tags: str) -> None:
    """No violation of WCAG 2.2 A and AA that axe can find; more of axe's tags (“best-practice”) may be asked for."""
    options = {
        "runOnly": {"type": "tag", "values": [*TAGS, *extra_tags]},
        "preload": False,
    }  # preloading writes styles of its own into the page
    found = Axe().run(page, options=options)
    assert not found.response["violations"], "\n".join(_said(violation) for violation in found.response["violations"])


def _said(violation: dict[str, Any]) -> str:
    nodes = [f"    {' '.join(map(str, node['target']))}: {node['html'][:160]}" for node in violation["nodes"][:5]]
    return "\n".join([f"{violation['id']} ({violation['impact']}): {violation['help']}", *nodes])


def assert_no_csp_violations(visitor: Visitor) -> None:
    """Nothing on the page asked for what the content security policy forbids."""
    recorded = visitor.page.evaluate("window.violations")
    spoken = [line for line in visitor.complaints if "Content Security Policy" in line]
    assert not recorded and not spoken, "\n".join([*recorded, *spoken])


def assert_quiet(visitor: Visitor) -> None:
    """No error or warning in the console, no script that broke, nothing forbidden."""
    assert_no_csp_violations(visitor)
    assert not visitor.complaints, "\n".join(visitor.complaints)


TOO_WIDE = """() => [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .filter((one) => !one.closest(".rc-scroll, .rc-tabs"))
    .slice(0, 5).map((one) => one.outerHTML.slice(0, 120))"""


def assert_no_sideways_scrolling(page: Page) -> None:
    """The page fits its window; only labelled regions may scroll sideways on their own."""
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{over} px too wide: {page.evaluate(TOO_WIDE)}"


BROKEN = """() => [...document.querySelectorAll(".rc-table thead th, .rc-table time")].flatMap((one) => [...one.childNodes]
    .filter((node) => node.nodeType === Node.TEXT_NODE && one.checkVisibility())
    .flatMap((node) => [...node.textContent.matchAll(/\\p{L}{2,}/gu)].filter((word) => {
        const range = document.createRange(); range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
        return new Set([...range.getClientRects()].map((box) => box.top)).size > 1;
    }).map((word) => word[0])))"""


def assert_no_word_is_broken(page: Page) -> None:
    """No word at the head of a column and no time of day stands on two lines in pieces."""
    broken = page.evaluate(BROKEN)
    assert not broken, broken


def assert_targets_are_large_enough(page: Page) -> None:
    """Everything to press is at least 24 × 24 px, except links inside a sentence (WCAG 2.2, 2.5.8)."""
    small = page.evaluate(
        """() => [...document.querySelectorAll("main a[href], main button, main select, main summary, main input:not([type=hidden])")]
            .filter((one) => { const box = one.getBoundingClientRect(); const style = getComputedStyle(one);
                return box.width && style.display !== "inline" && !one.closest("label") && (box.width < 23.5 || box.height < 23.5); })
            .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert not small, "\n".join(small)


NAME_OF_FOCUS = "() => { const at = document.activeElement; return at.id ? `#${at.id}` : at.innerText.trim().split('\\n')[0]; }"


def walk(page: Page, steps: int) -> list[str]:
    """Press Tab that often; each element reached in order, by #id or first line of text. What cannot be reached is missing."""
    reached = []
    for _step in range(steps):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(NAME_OF_FOCUS))
    return reached


HIDDEN_FOCUS = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return [];
    const box = at.getBoundingClientRect();
    const points = [[box.left + 2, box.top + 2], [box.right - 2, box.bottom - 2], [box.left + box.width / 2, box.top + box.height / 2]];
    const isSeen = points.map(([x, y]) => document.elementFromPoint(x, y)).some((top) => top && (at.contains(top) || top.contains(at)));
    return isSeen ? [] : [at.outerHTML.slice(0, 160)]; }"""


def assert_focus_is_never_hidden(page: Page, steps: int) -> None:
    """Whatever has the focus can be seen: no sticky bar lies over all of it (WCAG 2.2, 2.4.11)."""
    hidden = []
    for _step in range(steps):
        page.keyboard.press("Tab")
        hidden += page.evaluate(HIDDEN_FOCUS)
    assert not hidden, "\n".join(hidden)
