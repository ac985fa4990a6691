"""Break a vendor: every switch in words, what is on, and one button that mends all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.sandbox.exchange import Response
from integrations.sandbox.faults import VendorFaults
from integrations.sandbox.page.forms import choice, field, form, tick
from integrations.sandbox.page.frame import LABELS, card, chip, page
from integrations.sandbox.page.markup import Html, e
from integrations.sandbox.sandbox import Sandbox

HOW_OFTEN = (
    ("0", gettext_lazy("no")),
    ("1", gettext_lazy("the next call")),
    ("5", gettext_lazy("the next five calls")),
    ("-1", gettext_lazy("until mended")),
)
TOKEN = (
    ("", gettext_lazy("no")),
    ("0", gettext_lazy("at once")),
    ("5", gettext_lazy("after five calls")),
    ("50", gettext_lazy("after fifty calls")),
)


@dataclass(frozen=True)
class Switch:
    """`kind`: count, flag, seconds, token or rename. `is_common`: every vendor has it."""

    name: str
    words: str | Promise
    kind: str = "flag"
    is_common: bool = False


SWITCHES = (
    Switch("slow", gettext_lazy("Seconds it waits before each answer"), "seconds", True),
    Switch("rate_limited", gettext_lazy("Asks us to slow down (429)"), "count", True),
    Switch("server_error", gettext_lazy("Fails (503)"), "count", True),
    Switch("html_instead", gettext_lazy("Shows a sign-in page instead of data"), "count", True),
    Switch("cut_off", gettext_lazy("Hangs up in the middle of an answer"), "count", True),
    Switch("down", gettext_lazy("Does not answer at all"), "count", True),
    Switch("expire_token_after", gettext_lazy("Our token runs out"), "token"),
    Switch("empty", gettext_lazy("Nobody is there")),
    Switch("truncate_last_page", gettext_lazy("The last page is missing")),
    Switch("duplicate_across_pages", gettext_lazy("Some people come twice")),
    Switch("bad_dates", gettext_lazy("Dates make no sense")),
    Switch("huge_field", gettext_lazy("One field is far too long")),
    Switch("manager_cycle", gettext_lazy("Two managers report to each other")),
    Switch("unknown_location", gettext_lazy("A site nobody has heard of")),
    Switch("rename_field", gettext_lazy("A field has another name"), "rename"),
)
WORDS = {switch.name: switch.words for switch in SWITCHES} | {
    "rate_limited_until": gettext_lazy("Asks us to slow down"),
    "down_until": gettext_lazy("Does not answer"),
}


def breaking(sandbox: Sandbox, done: str = "", refused: str = "") -> Response:
    cards = [_vendor(sandbox, vendor) for vendor in sandbox.emulators]
    intro = e("p", _("Each switch does to Rollcall what this vendor has done to somebody before."), class_="muted")
    status = 400 if refused else 200
    return page(sandbox, "/break", _("Break something"), intro, e("div", cards, class_="grid"), done=done, refused=refused, status=status)


def switched(given: dict[str, str]) -> dict[str, Any]:
    """What the form says, as arguments of Faults.set. Raises ValueError for numbers that are none."""
    out: dict[str, Any] = {}
    for switch in SWITCHES:
        if switch.kind == "rename":
            if f"{switch.name}_from" in given:
                old, new = given[f"{switch.name}_from"].strip(), given.get(f"{switch.name}_to", "").strip()
                out[switch.name] = {old: new} if old and new else {}
        elif switch.kind == "flag":
            if f"{switch.name}_shown" in given:
                out[switch.name] = switch.name in given
        elif switch.name in given:
            out[switch.name] = _number(given[switch.name], switch)
    return out


def _number(text: str, switch: Switch) -> float | int | None:
    if switch.kind == "token":
        return int(text) if text else None
    return float(text or 0) if switch.kind == "seconds" else int(text or 0)


def _vendor(sandbox: Sandbox, vendor: str) -> Html:
    faults, own = sandbox.faults.for_vendor(vendor), getattr(sandbox.emulators[vendor], "switches", None)
    shown = [switch for switch in SWITCHES if switch.is_common or own is None or switch.name in own]
    broken = faults.broken()
    state = chip("bad", _("broken")) if broken else chip("ok", _("works"))
    told = e("p", "; ".join(str(WORDS.get(name, name)) for name in broken) + ".") if broken else None
    mend = form(f"/break/{vendor}/mend", _("Mend everything"), kind="plain") if broken else None
    groups = [
        e("div", [_field(switch, faults) for switch in shown if switch.kind in kinds], class_="fields")
        for kinds in (("seconds", "count", "token"), ("flag",), ("rename",))
    ]
    setting = form(f"/break/{vendor}", _("Set the switches of %(vendor)s") % {"vendor": LABELS[vendor]}, groups)
    return card(LABELS[vendor], e("div", told, mend, setting, class_="in grid"), aside=state)


def _field(switch: Switch, faults: VendorFaults) -> Html:
    value = getattr(faults, switch.name)
    if switch.kind == "flag":
        return e("div", tick(switch.name, switch.words, bool(value)), e("input", type="hidden", name=f"{switch.name}_shown", value="1"))
    if switch.kind == "seconds":
        return field(switch.name, switch.words, f"{value:g}", "number", min=0, max=120, step="any")
    if switch.kind == "rename":
        old, new = next(iter(value.items()), ("", ""))
        pair = (field(f"{switch.name}_from", _("real name"), old), field(f"{switch.name}_to", _("other name"), new))
        return e("fieldset", e("legend", switch.words), e("div", pair, class_="fields"))
    options = TOKEN if switch.kind == "token" else HOW_OFTEN
    chosen = "" if value is None else str(value)
    known = options if chosen in dict(options) else (*options, (chosen, _("%(n)s more calls") % {"n": chosen}))
    return choice(switch.name, switch.words, known, chosen)
