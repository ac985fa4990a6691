"""What Moodle holds, as its own administrator would see it; and the calls every vendor was asked."""

from __future__ import annotations

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.templatetags.rollcall import number
from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.page.frame import LABELS, card, chip, empty, page, table
from integrations.sandbox.page.markup import Child, Html, e
from integrations.sandbox.sandbox import Sandbox

ON_A_PAGE = 100
WRITES = {  # what the emulator counts
    "created": gettext_lazy("accounts made: %(n)s"),
    "updated": gettext_lazy("accounts changed: %(n)s"),
    "cohorts": gettext_lazy("cohorts made: %(n)s"),
    "members_added": gettext_lazy("added to a cohort: %(n)s"),
    "members_removed": gettext_lazy("taken out of a cohort: %(n)s"),
    "roles_assigned": gettext_lazy("roles given: %(n)s"),
    "roles_removed": gettext_lazy("roles taken away: %(n)s"),
    "suspended": gettext_lazy("accounts suspended: %(n)s"),
    "reactivated": gettext_lazy("accounts opened again: %(n)s"),
}


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
            chip("left", _("suspended")) if row["suspended"] else chip("active"),
            row["department"],
        )
        for row in found
    ]
    columns = (_("Name"), _("User name"), _("E-mail"), _("ID number"), _("State"), _("Department"))
    listed = table(_("Accounts"), columns, rows) if rows else empty(_("No account matches “%(text)s”.") % {"text": text})
    held = {"suspended": number(state["suspended"]), "most": ON_A_PAGE}
    said = ngettext(
        "%(n)s account, %(suspended)s of them suspended. The last changed ones first, at most %(most)s.",
        "%(n)s accounts, %(suspended)s of them suspended. The last changed ones first, at most %(most)s.",
        state["users"],
    ) % {**held, "n": number(state["users"])}
    counted = ((WRITES.get(kind, f"{kind}: %(n)s"), count) for kind, count in sorted(state["writes"].items()) if count)
    writes = ", ".join(str(words) % {"n": number(count)} for words, count in counted)
    told = e("p", said, " " + _("Since the start: %(writes)s.") % {"writes": writes} if writes else "", class_="muted")
    return page(sandbox, "/accounts", _("Moodle accounts"), told, _search(text), card(_("Accounts"), listed))


def calls(sandbox: Sandbox) -> Response:
    cards = [_calls(vendor, list(kept)[:50]) for vendor, kept in sandbox.exchanges.items()]
    intro = e("p", _("The last fifty calls of each vendor, newest first, without tokens and people."), class_="muted")
    return page(sandbox, "/calls", _("Calls"), intro, e("div", cards, class_="grid"))


def _calls(vendor: str, kept: list[dict[str, object]]) -> Html:
    if not kept:
        return card(LABELS[vendor], empty(_("Nobody has called yet.")))
    rows: list[tuple[Child, ...]] = [
        (
            str(one["at"])[11:23],
            e("span", f"{one['method']} {one['path']}", class_="mono"),
            str(one["note"]),
            _status(int(str(one["status"]))),
            _("%(n)s ms") % {"n": formats.number_format(str(one["ms"]))},
        )
        for one in kept
    ]
    columns = (_("At (UTC)"), _("Call"), _("What"), _("Answer"), _("Took"))
    return card(LABELS[vendor], table(_("Calls to %(vendor)s") % {"vendor": LABELS[vendor]}, columns, rows))


def _status(status: int) -> Html:
    if status == 0:
        return chip("bad", _("no answer"))
    return chip("ok" if status < 400 else "bad", str(status))


def _search(text: str) -> Html:
    find = e("input", type="search", name="q", value=text, id="q", autocomplete="off", placeholder=_("name, user name, e-mail or number"))
    return e("form", e("label", _("Find"), for_="q"), find, e("button", _("Search"), class_="btn"), class_="row find", role="search")
