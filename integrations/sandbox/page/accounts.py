"""What Moodle holds, as its own administrator would see it; and the calls every vendor was asked."""

from __future__ import annotations

from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.page.frame import LABELS, card, chip, empty, page, table
from integrations.sandbox.page.markup import Child, Html, e
from integrations.sandbox.sandbox import Sandbox

ON_A_PAGE = 100


def accounts(sandbox: Sandbox, request: Request) -> Response:
    text = request.param("q").strip()
    found = sandbox.accounts(text, ON_A_PAGE)
    state = sandbox.state_of("moodle")
    rows: list[tuple[Child, ...]] = [
        (
            f"{row['firstname']} {row['lastname']}",
            e("span", row["username"], class_="mono"),
            row["email"],
            e("span", row["idnumber"], class_="mono"),
            chip("left", "suspended") if row["suspended"] else chip("active"),
            row["department"],
        )
        for row in found
    ]
    columns = ("Name", "User name", "E-mail", "ID number", "State", "Department")
    listed = table("Accounts", columns, rows) if rows else empty(f"No account matches “{text}”.")
    said = f"{state['users']:,} accounts, {state['suspended']:,} of them suspended. The last changed ones first, at most {ON_A_PAGE}."
    writes = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in sorted(state["writes"].items()) if count)
    told = e("p", said, f" Written since the start: {writes}." if writes else "", class_="muted")
    return page(sandbox, "/accounts", "Moodle accounts", told, _search(text), card("Accounts", listed))


def calls(sandbox: Sandbox) -> Response:
    cards = [_calls(vendor, list(kept)[:50]) for vendor, kept in sandbox.exchanges.items()]
    intro = e("p", "The last fifty calls of each vendor, newest first, without tokens and people.", class_="muted")
    return page(sandbox, "/calls", "Calls", intro, e("div", cards, class_="grid"))


def _calls(vendor: str, kept: list[dict[str, object]]) -> Html:
    if not kept:
        return card(LABELS[vendor], empty("Nobody has called yet."))
    rows: list[tuple[Child, ...]] = [
        (
            str(one["at"])[11:23],
            e("span", f"{one['method']} {one['path']}", class_="mono"),
            str(one["note"]),
            _status(int(str(one["status"]))),
            f"{one['ms']} ms",
        )
        for one in kept
    ]
    return card(LABELS[vendor], table(f"Calls to {LABELS[vendor]}", ("At (UTC)", "Call", "What", "Answer", "Took"), rows))


def _status(status: int) -> Html:
    if status == 0:
        return chip("bad", "no answer")
    return chip("ok" if status < 400 else "bad", str(status))


def _search(text: str) -> Html:
    find = e("input", type="search", name="q", value=text, id="q", autocomplete="off", placeholder="name, user name, e-mail or number")
    return e("form", e("label", "Find", for_="q"), find, e("button", "Search", class_="btn"), class_="row find", role="search")
