"""The sheet every page is written on: head, navigation, the day, a notice. No script anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from django.utils.dateformat import format as in_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from integrations.sandbox.exchange import Response
from integrations.sandbox.page.markup import Child, Html, e
from integrations.sandbox.sandbox import Sandbox

LABELS: dict[str, str | Promise] = {"workday": "Workday", "bamboohr": "BambooHR", "csv": gettext_lazy("CSV file"), "moodle": "Moodle"}
IN = {"workday": gettext_lazy("in Workday"), "bamboohr": gettext_lazy("in BambooHR"), "csv": gettext_lazy("in the CSV file")}
KINDS = {"employee": gettext_lazy("employee"), "contingent": gettext_lazy("contractor")}
NAVIGATION = (
    ("/", gettext_lazy("Today")),
    ("/people", gettext_lazy("People")),
    ("/break", gettext_lazy("Break something")),
    ("/accounts", gettext_lazy("Moodle accounts")),
    ("/calls", gettext_lazy("Calls")),
)
STYLE = (Path(__file__).parent / "sandbox.css").read_bytes()
ICON = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 22 22"><rect width="22" height="22" rx="6" fill="#7d4f00"/>'
    b'<path d="M6 16V9l5-4 5 4v7z" fill="#fff"/></svg>'
)
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def page(
    sandbox: Sandbox, here: str, title: str | Promise, *content: Child, done: str = "", refused: str = "", status: int = 200
) -> Response:
    """A whole page. `here` is its place in the navigation, `done` and `refused` are sentences about what was just asked."""
    now = sandbox.world.now()
    links = [e("a", label, href=path, aria_current="page" if path == here else None) for path, label in NAVIGATION if _shown(sandbox, path)]
    back = e("a", _("Back to Rollcall"), href=sandbox.rollcall_url, class_="back") if sandbox.rollcall_url else None
    body = e(
        "body",
        e("a", _("Skip to the content"), href="#content", class_="skip"),
        e(
            "header",
            e("div", e("b", "Meridian Works"), e("span", _("sandbox: nobody here is real"), class_="chip warn"), class_="brand"),
            e("nav", links, back, aria_label=_("Main")),
            class_="top",
        ),
        e(
            "main",
            e("div", e("h1", title), e("p", f"{in_words(now.date())}, {now:%H:%M} UTC", class_="muted"), class_="title"),
            e("p", done, class_="notice ok", role="status") if done else None,
            e("p", refused, class_="notice bad", role="alert") if refused else None,
            *content,
            id="content",
        ),
    )
    head = e(
        "head",
        e("meta", charset="utf-8"),
        e("meta", name="viewport", content="width=device-width, initial-scale=1"),
        e("meta", name="color-scheme", content="light dark"),
        e("title", _("%(title)s · Meridian Works sandbox") % {"title": title}),
        e("link", rel="icon", href="/icon.svg"),
        e("link", rel="stylesheet", href="/sandbox.css"),
    )
    text = Html("<!doctype html>") + e("html", head, body, lang=get_language() or "en")
    return Response(status, {"Content-Type": "text/html; charset=utf-8", **HEADERS}, text.encode())


def see_other(path: str) -> Response:
    """After a form was carried out: look at the result, so that reloading does not do it twice."""
    return Response(303, {"Location": path, **HEADERS})


def card(title: str | Promise, *content: Child, aside: Child = None) -> Html:
    return e("section", e("header", e("h2", title), aside), *content, class_="card")


def table(label: str | Promise, columns: tuple[str | Promise, ...], rows: Sequence[tuple[Child, ...]]) -> Html:
    """On a phone each row becomes a small card, so every cell knows its column."""
    head = e("thead", e("tr", [e("th", column, scope="col") for column in columns]))
    body = e("tbody", [e("tr", [e("td", cell, data_k=column) for column, cell in zip(columns, row, strict=True)]) for row in rows])
    return e("div", e("table", head, body, class_="stack"), class_="scroll", tabindex="0", role="region", aria_label=label)


def empty(sentence: str | Promise, *more: Child) -> Html:
    return e("div", e("p", sentence), *more, class_="in muted")


CHIPS = {"active": "ok", "pending": "info", "leave": "hold", "left": "idle", "deleted": "bad"}
STATES = {
    "active": gettext_lazy("active"),
    "pending": gettext_lazy("not here yet"),
    "leave": gettext_lazy("on leave"),
    "left": gettext_lazy("left"),
    "deleted": gettext_lazy("erased"),
}


def chip(state: str, words: str | Promise = "") -> Html:
    return e("span", f"● {words or STATES[state]}", class_=f"chip {CHIPS.get(state, state)}")


def in_short(day: date) -> str:
    return in_format(day, _("j M Y"))


def in_words(day: date) -> str:
    return in_format(day, _("l j F Y"))


def _shown(sandbox: Sandbox, path: str) -> bool:
    return path != "/accounts" or "moodle" in sandbox.emulators
