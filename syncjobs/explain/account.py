"""Why is this person's account like this? One paragraph from facts. Pure: the same facts give the same sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.errors import by_code
from config.parts.shapes import Text
from syncjobs.explain.absence import Absence


@dataclass(frozen=True, slots=True)
class Held:
    """One account in a learning system. `verified_at`: last read back and found equal."""

    system: str
    is_suspended: bool
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What the paragraph is made of. `source` leads; `managers` counts all reporting lines; `why_primary` is the rule's."""

    name: str
    standing: str
    source: str = ""
    hired_on: date | None = None
    leaves_on: date | None = None
    accounts: Sequence[Held] = ()
    missing: Sequence[Absence] = ()  # learning systems without an account for this person
    set_aside: Sequence[tuple[str, str]] = ()  # systems whose newest record could not be used, and why
    managers: int = 0
    primary: str = ""
    why_primary: str = ""
    waiting: int = 0
    failed: int = 0
    other_sources: Sequence[str] = ()
    next_change_at: datetime | None = None
    today: date | None = None
    has_days: bool = True  # False for a reader who may not see days: then none is said to be missing either


def paragraph(it: Situation) -> str:
    """Accounts and why, then managers, other sources, what waits, and what happens next by itself."""
    parts = (_accounts(it), _absent(it), _managers(it), _others(it), _on_the_way(it), _upcoming(it))
    return " ".join(part for part in parts if part)


def _accounts(it: Situation) -> str:
    if not it.accounts:
        return ""
    systems = _listed([one.system for one in it.accounts])
    said = {"name": it.name, "systems": systems, "source": it.source or _("the source"), "because": _because(it)}
    suspended = [one for one in it.accounts if one.is_suspended]
    if len(suspended) == len(it.accounts):
        return _("%(name)s's account in %(systems)s is suspended because %(source)s says: %(because)s.") % said
    if it.standing == "left":
        still = _listed([one.system for one in it.accounts if not one.is_suspended])
        return _("%(name)s can still sign in to %(still)s, although %(source)s says: %(because)s.") % {**said, "still": still}
    return (
        ngettext(
            "%(name)s has one account, in %(systems)s, because %(source)s says: %(because)s.",
            "%(name)s has accounts in %(systems)s because %(source)s says: %(because)s.",
            len(it.accounts),
        )
        % said
    )


def _because(it: Situation) -> str:
    if not it.has_days:
        return str(WITHOUT_DAYS.get(it.standing, WITHOUT_DAYS["active"]))
    match it.standing:
        case "before":
            return _("starts on %(day)s") % {"day": _day(it.hired_on)} if it.hired_on else _("hired, without a first day yet")
        case "on_leave":
            return _("on leave, which keeps access")
        case "left":
            return _("left after %(day)s") % {"day": _day(it.leaves_on)} if it.leaves_on else _("left")
    if it.hired_on and it.today and it.hired_on > it.today:
        return _("starts on %(day)s") % {"day": _day(it.hired_on)}
    return _("works here since %(day)s") % {"day": _day(it.hired_on)} if it.hired_on else _("works here")


WITHOUT_DAYS: dict[str, Text] = {
    "before": gettext_lazy("starts later"),
    "on_leave": gettext_lazy("on leave, which keeps access"),
    "left": gettext_lazy("left"),
    "active": gettext_lazy("works here"),
}


def _absent(it: Situation) -> str:
    """One sentence for each reason, with the systems it holds for."""
    by_reason: dict[tuple[str, tuple[tuple[str, Any], ...]], list[str]] = {}
    for one in it.missing:
        by_reason.setdefault((one.why, one.said), []).append(one.system)
    told = [_reason(why, {"name": it.name, "systems": _listed(systems), **dict(said)}) for (why, said), systems in by_reason.items()]
    aside = _("The newest record from %(system)s was set aside: %(why)s What was known before stands.")
    return " ".join([*told, *(aside % {"system": system, "why": why} for system, why in it.set_aside)])


def _reason(why: str, said: dict[str, Any]) -> str:
    if why == "outside":
        said["groups"] = _listed(said["groups"])
    if why == "refused":
        error = by_code(said["error"])
        said["error"] = f"{_(error().sentence)} {_(error.next_step)}".strip()
    return str(ABSENT[why]) % said


ABSENT: dict[str, Text] = {
    "": gettext_lazy("%(name)s has no account in %(systems)s."),
    "question": gettext_lazy("%(name)s has no account in %(systems)s yet: a question waits for an answer."),
    "left": gettext_lazy("%(name)s has no account in %(systems)s, and gets none after leaving."),
    "outside": gettext_lazy("%(name)s has no account in %(systems)s: not in the pilot group of %(groups)s."),
    "before": gettext_lazy("%(name)s has no account in %(systems)s yet; it is made on the first day."),
    "on_leave": gettext_lazy("%(name)s has no account in %(systems)s: people on leave get none there before they are back."),
    "paused": gettext_lazy("%(name)s has no account in %(systems)s yet: nothing is written there before it is resumed."),
    "sending": gettext_lazy("%(name)s has no account in %(systems)s yet: it is on its way."),
    "refused": gettext_lazy("%(name)s has no account in %(systems)s, because making it did not succeed: %(error)s"),
    "given_up": gettext_lazy("%(name)s has no account in %(systems)s, because making it was given up or stopped."),
    "held": gettext_lazy("%(name)s has no account in %(systems)s yet: run %(run)s, which would make it, waits for an approval."),
    "not_approved": gettext_lazy("%(name)s has no account in %(systems)s: run %(run)s, which would have made it, was not approved."),
    "lapsed": gettext_lazy("%(name)s has no account in %(systems)s: nobody approved run %(run)s, which would have made it, in time."),
    "stopped": gettext_lazy("%(name)s has no account in %(systems)s: run %(run)s, which would have made it, was stopped before it did."),
    "stale": gettext_lazy("%(name)s has no account in %(systems)s yet: something changed after run %(run)s had planned it."),
}


def _managers(it: Situation) -> str:
    if it.managers > 1 and it.primary:
        said = {"n": it.managers, "primary": it.primary, "why": it.why_primary}
        if it.managers == 2:
            return _("Both reporting lines are kept; %(primary)s is the primary manager: %(why)s.") % said
        return _("All %(n)s reporting lines are kept; %(primary)s is the primary manager: %(why)s.") % said
    if it.managers and not it.primary:
        return _("No manager is primary: %(why)s.") % {"why": it.why_primary or _("the manager's own record has not arrived")}
    return ""


def _others(it: Situation) -> str:
    if not it.other_sources:
        return ""
    return _("%(sources)s speak of the same person; where they disagree, %(lead)s wins.") % {
        "sources": _listed([it.source, *it.other_sources]),
        "lead": it.source,
    }


def _on_the_way(it: Situation) -> str:
    if any(one.why == "refused" for one in it.missing):  # said already, and what else waits does so for the account
        return ""
    said = []
    if it.waiting:
        said.append(ngettext("%(n)s change is on its way.", "%(n)s changes are on their way.", it.waiting) % {"n": it.waiting})
    if it.failed:
        said.append(ngettext("%(n)s change did not get there.", "%(n)s changes did not get there.", it.failed) % {"n": it.failed})
    return " ".join(said)


def _upcoming(it: Situation) -> str:
    if it.next_change_at is None or not it.has_days:
        return ""
    day = _day(timezone.localtime(it.next_change_at).date())
    return _("The next change by date is due on %(day)s.") % {"day": day}


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(most)s and %(last)s") % {"most": ", ".join(names[:-1]), "last": names[-1]}


def _day(day: date | None) -> str:
    return formats.date_format(day, _("j F Y")) if day else ""
