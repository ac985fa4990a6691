"""Today: who is where, what is broken, what just happened, and the button that makes it tomorrow."""

from __future__ import annotations

from django.utils.dateformat import format as in_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.templatetags.rollcall import number
from integrations.sandbox import cast
from integrations.sandbox.exchange import Response
from integrations.sandbox.page.forms import field, form, tick
from integrations.sandbox.page.frame import IN, LABELS, card, empty, in_short, page, table
from integrations.sandbox.page.markup import Child, Html, e
from integrations.sandbox.sandbox import Sandbox
from integrations.sandbox.worker import SYSTEMS, WorldChange

STORIES = (
    (cast.NOOR_VAN_DEN_BERG, gettext_lazy("Make her a Senior Analyst, and see what Rollcall does with it.")),
    (
        cast.HARUTO_SATO,
        gettext_lazy("His last day is the second day of this world, in Tokyo. Move time forward and watch whose midnight counts."),
    ),
    (cast.LENA_VOGT, gettext_lazy("She starts on the first Monday. Her account should be ready before she is.")),
    (cast.OMAR_HADDAD, gettext_lazy("He came as a contractor. Make him an employee: another key, another number, the same human.")),
    (cast.MARCO_ROSSI, gettext_lazy("He has two managers, and sits in BambooHR as well, under another address.")),
    (cast.ANA_RUIZ, gettext_lazy("She was here before. Moodle had kept her account, suspended.")),
    (cast.CHEN_WEI_SHANGHAI, gettext_lazy("Shares a name with somebody in Berlin, and nothing else.")),
    (cast.SOFIA_LINDGREN, gettext_lazy("Her address belongs to somebody in BambooHR, too.")),
)
VERBS = {
    "hire": gettext_lazy("was hired"),
    "rename": gettext_lazy("got a new name or address"),
    "title": gettext_lazy("got a new title"),
    "move": gettext_lazy("moved"),
    "leave": gettext_lazy("has a change of leave"),
    "terminate": gettext_lazy("will leave"),
    "rescind_termination": gettext_lazy("stays after all"),
    "rehire": gettext_lazy("was hired again"),
    "convert": gettext_lazy("became an employee"),
    "delete": gettext_lazy("was erased"),
    "unit": gettext_lazy("was changed in the chart"),
    "edit": gettext_lazy("was edited"),
}


def overview(sandbox: Sandbox, done: str = "", refused: str = "") -> Response:
    below = e("div", e("div", _journal(sandbox), _stories(sandbox), class_="grid"), _time(sandbox), class_="two")
    return page(sandbox, "/", _("Today"), _systems(sandbox), below, done=done, refused=refused, status=400 if refused else 200)


def _systems(sandbox: Sandbox) -> Html:
    tiles = [_tile(sandbox.world.count(hr), _("people %(where)s") % {"where": IN[hr]}, f"/people?hr={hr}") for hr in SYSTEMS]
    if "moodle" in sandbox.emulators:
        tiles.append(_tile(sandbox.state_of("moodle")["users"], _("accounts in Moodle"), "/accounts"))
    broken = sum(1 for vendor in sandbox.emulators if sandbox.faults.for_vendor(vendor).broken())
    tiles.append(_tile(broken, ngettext("vendor is broken", "vendors are broken", broken), "/break"))
    return e("div", tiles, class_="kpis")


def _tile(count: int, words: str, path: str) -> Html:
    return e("a", e("b", number(count)), e("span", words, class_="muted"), href=path, class_="kpi")


def _journal(sandbox: Sandbox) -> Html:
    changes = sandbox.world.recent(20)
    if not changes:
        return card(_("What happened"), empty(_("Nothing yet. Hire somebody, or change a title, and it shows here.")))
    rows = [_happened(sandbox, change) for change in changes]
    return card(_("What happened"), table(_("What happened"), (_("Entered"), _("System"), _("What"), _("True from")), rows))


def _stories(sandbox: Sandbox) -> Html:
    """Where to begin: people something can be tried on."""
    met = [(worker, words) for member, words in STORIES if (worker := sandbox.world.worker(member.hr, member.key))]
    lines = [e("li", e("a", worker.full_name, href=f"/people/{worker.hr}/{worker.key}"), f": {words}") for worker, words in met]
    return card(_("People worth meeting"), e("ul", lines))


def _happened(sandbox: Sandbox, change: WorldChange) -> tuple[Child, ...]:
    return in_format(change.at, _("j M H:i")), LABELS[change.hr], _who(sandbox, change), in_short(change.effective_on)


def _who(sandbox: Sandbox, change: WorldChange) -> Html:
    is_past = change.kind == "terminate" and change.effective_on < sandbox.world.today()
    words = _("has left") if is_past else str(VERBS.get(change.kind, change.kind))
    if change.kind == "unit":
        unit = sandbox.world.unit(change.key)
        return e("span", f"{unit.name if unit else change.key} {words}")
    worker = sandbox.world.worker(change.hr, change.key)
    name = worker.full_name if worker else change.key
    return e("span", e("a", name, href=f"/people/{change.hr}/{change.key}"), f" {words}")


def _time(sandbox: Sandbox) -> Html:
    if sandbox.can_advance:
        days = field("days", _("Days"), "1", "number", min=1, max=366, required=True)
        told = e("p", _("Hires start, leavers leave, dated changes come true."), class_="muted")
        advance = form("/advance", _("Move time forward"), told, days)
    else:
        advance = e("p", _("This sandbox follows the real clock."), class_="muted")
    sure = tick("sure", _("Yes, forget everything that happened here"), required=True)
    told = e("p", _("People as on the first day, and every vendor whole. The date and the accounts in Moodle stay."), class_="muted")
    reset = form("/reset", _("Start over"), told, sure, kind="stop")
    return e(
        "div", card(_("Days go by"), e("div", advance, class_="in")), card(_("Start over"), e("div", reset, class_="in")), class_="grid"
    )
