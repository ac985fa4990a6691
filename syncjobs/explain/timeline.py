"""What happened to a person: facts, links, writes with their tries, cases and decisions, newest first, a page at a time.

Nothing is stored for it: every source of moments is asked for its newest ones before the page's beginning, then they are merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.audit.models import AuditEntry, CauseKind
from config.errors import by_code
from config.navigation import first_address
from config.parts.shapes import Moment, Text
from config.roles.masking import Sight
from config.say import said
from config.templatetags.rollcall import lasting
from config.vocabulary import word
from identity.cases.models import Case
from identity.people.models import FactSheet, Link, Person
from integrations.outbound.models import Attempt, Delivery
from syncjobs.explain.stopped import LAPSED, REFUSED, WAITS, Stopped, stopped
from syncjobs.explain.values import APART, label, operation_word, personal, unit_names, words
from syncjobs.runs.models import SyncRun

SIZE = 30
SPARE = 20  # moments of one instant (a run stamps all it writes alike) are never cut apart
MOST_CHANGES = 4  # of one fact sheet shown as differences; the rest is named


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the timeline. `kind`: a key of KINDS or empty; `system`: a connector's id or 0; `before`: the page's beginning.

    `beside`: moments that no table holds (day one), told among the writes.
    """

    person: Person
    kind: str = ""
    system: int = 0
    before: datetime | None = None
    beside: Sequence[Moment] = ()


def timeline(wanted: Wanted, sight: Sight) -> tuple[list[Moment], datetime | None]:
    """Moments of one page, and where the next page begins (None at the end). A constant number of queries."""
    teller = Teller(wanted, sight)
    found = [moment for kind, tell in teller.kinds.items() if wanted.kind in ("", kind) for moment in tell()]
    if wanted.kind in ("", "deliveries"):
        found += [moment for moment in wanted.beside if wanted.before is None or moment.at < wanted.before]
    found.sort(key=lambda moment: moment.at, reverse=True)
    shown = found[:SIZE]
    shown += [moment for moment in found[SIZE:] if moment.at == shown[-1].at]
    return shown, shown[-1].at if len(found) > len(shown) else None


KINDS = ("facts", "links", "deliveries", "cases", "decisions")


class Teller:
    """Asks each table for its newest moments before the page's beginning."""

    def __init__(self, wanted: Wanted, sight: Sight) -> None:
        self.wanted, self.sight = wanted, sight
        self.kinds: Mapping[str, Callable[[], list[Moment]]] = {
            "facts": self.facts,
            "links": self.links,
            "deliveries": self.deliveries,
            "cases": self.cases,
            "decisions": lambda: [*self.decisions(), *self.stopped()],
        }

    def earlier(self, column: str) -> Q:
        return Q(**{f"{column}__lt": self.wanted.before}) if self.wanted.before else Q()

    def facts(self) -> list[Moment]:
        """Each fact sheet against the one before it."""
        if self.wanted.system:
            return []
        rows = FactSheet.objects.filter(self.earlier("recorded_at"), person=self.wanted.person).select_related("cause")
        sheets = list(rows.order_by("-version")[: SIZE + SPARE + 1])
        units = unit_names(sheet.values for sheet in sheets)
        runs = dict(SyncRun.objects.filter(cause_id__in={sheet.cause_id for sheet in sheets}).values_list("cause_id", "pk"))
        pairs = zip(sheets, [*sheets[1:], None], strict=True)
        told = (self._sheet(sheet, earlier, units, runs) for sheet, earlier in pairs if earlier or sheet.version == 1)
        return [moment for moments in told for moment in moments]

    def _sheet(self, sheet: FactSheet, earlier: FactSheet | None, units: Mapping[str, str], runs: Mapping[int, int]) -> list[Moment]:
        """One moment a change, each with its values; beyond MOST_CHANGES their names."""
        note, href = said(sheet.cause.label), _run(runs.get(sheet.cause_id))
        if earlier is None:
            return [Moment(sheet.recorded_at, _("First seen"), note=note, tone="ok", href=href)]
        changes = list(self._changes(sheet, earlier, units))
        if not changes:
            return [Moment(sheet.recorded_at, _("Looked at again; nothing people see has changed"), note=note, href=href)]
        told = [
            Moment(sheet.recorded_at, _("%(fact)s changed") % {"fact": key}, "", note, before, after, href=href)
            for key, before, after in changes[:MOST_CHANGES]
        ]
        if others := ", ".join(key for key, *_values in changes[MOST_CHANGES:]):
            told.append(Moment(sheet.recorded_at, _("Changed as well: %(others)s") % {"others": others}, note=note, href=href))
        return told

    def _changes(self, sheet: FactSheet, earlier: FactSheet, units: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
        if sheet.standing != earlier.standing:
            yield _("Standing"), str(word("standing", earlier.standing).label), str(word("standing", sheet.standing).label)
        for key in sorted({*sheet.values, *earlier.values} - APART):
            old, new = earlier.values.get(key), sheet.values.get(key)
            if old != new:
                yield label(key), words(key, old, self.sight, units), words(key, new, self.sight, units)

    def links(self) -> list[Moment]:
        rows = Link.objects.filter(self.earlier("since"), person=self.wanted.person).select_related("record__connector", "cause")
        if self.wanted.system:
            rows = rows.filter(record__connector=self.wanted.system)
        return [
            Moment(
                link.since,
                _("Joined to %(system)s") % {"system": link.record.connector.name},
                note=self.sight.said(link.evidence, personal(self.wanted.person.values, link.record.values)),
                tone="hold" if link.method == Link.Method.DECISION else "",
            )
            for link in rows.order_by("-since")[: SIZE + SPARE]
        ]

    def deliveries(self) -> list[Moment]:
        """One moment for each write, at its last try; failed tries before that are told beside it."""
        rows = Delivery.objects.filter(self.earlier("created_at"), subject_id=self.wanted.person.pk).select_related("connector")
        if self.wanted.system:
            rows = rows.filter(connector=self.wanted.system)
        found = list(rows.order_by("-created_at", "-id")[: SIZE + SPARE])
        tries: dict[int, list[Attempt]] = {}
        for attempt in Attempt.objects.filter(delivery__in=found).order_by("number"):
            tries.setdefault(attempt.delivery_id, []).append(attempt)
        return [_delivery(row, tries.get(row.pk, [])) for row in found]

    def cases(self) -> list[Moment]:
        about = Q(candidates__person=self.wanted.person) | Q(
            record__in=Link.objects.filter(person=self.wanted.person, until=None).values("record")
        )
        rows = (
            Case.objects.filter(about, self.earlier("opened_at"))
            .select_related("cause__actor", "record__connector")
            .prefetch_related("candidates__person")
            .distinct()
        )
        if self.wanted.system:
            rows = rows.filter(record__connector=self.wanted.system)
        return [self._case(case) for case in rows.prefetch_related("candidates__person").order_by("-opened_at")[: SIZE + SPARE]]

    def _case(self, case: Case) -> Moment:
        quoted = [one.person.display_name for one in case.candidates.all()] + personal(case.record.values)
        note = _said(case.cause.actor_label, case.cause.reason) if case.cause else said(case.waits)
        question = _("Question: %(question)s") % {"question": self.sight.said(case.question, quoted)}
        tone = "warn" if case.state in ("open", "deferred") else "hold"
        return Moment(case.opened_at, question, note=self.sight.text(note, quoted), tone=tone, href=reverse("case", args=[case.pk]))

    def decisions(self) -> list[Moment]:
        """What members of staff decided about this person, from the trail."""
        if self.wanted.system:
            return []
        rows = AuditEntry.objects.filter(
            self.earlier("at"), object_type="person", object_id=self.wanted.person.public_id, cause__kind=CauseKind.DECISION
        ).exclude(action__startswith="account.")
        found = rows.select_related("cause__actor").order_by("-seq")[: SIZE + SPARE]
        return [Moment(entry.at, _act(entry), note=_said(entry.actor, entry.cause.reason), tone="hold") for entry in found]

    def stopped(self) -> list[Moment]:
        """Changes that the guard stopped, with what was decided of them."""
        person, wanted = self.wanted.person, self.wanted
        quoted = personal({"name": person.display_name}, person.values)
        found = stopped(person.pk, system=wanted.system, before=wanted.before, most=SIZE + SPARE)
        return [
            Moment(
                one.at,
                str(STOPPED[one.state][0]) % {"system": one.system},
                str(word("change", one.kind).label),
                " · ".join(filter(None, [self.sight.said(one.why, quoted), decided(one, self.sight, quoted)])),
                tone=STOPPED[one.state][1],
                href=_run(one.run_id),
            )
            for one in found
        ]


def decided(one: Stopped, sight: Sight, quoted: Sequence[str]) -> str:
    """Who did not approve the change, when, and why."""
    if one.decided is None:
        return ""
    day = date_format(localtime(one.decided.at), _("j F Y"))
    reason = sight.text(one.decided.reason, quoted)
    return _("%(actor)s on %(day)s: “%(reason)s”") % {"actor": one.decided.actor_label, "day": day, "reason": reason}


STOPPED: dict[str, tuple[Text, str]] = {
    WAITS: (gettext_lazy("A change for %(system)s waits for a decision"), "warn"),
    REFUSED: (gettext_lazy("A change for %(system)s was not approved"), "hold"),
    LAPSED: (gettext_lazy("A change for %(system)s lapsed: nobody decided in time, or a later plan took its place"), ""),
}


def _act(entry: AuditEntry) -> str:
    """What was decided, without whom it was about: that is this person."""
    return said(entry.cause.label).split(":")[0]


OPERATIONS: dict[str, Text] = {
    "create": gettext_lazy("Account made in %(system)s"),
    "update": gettext_lazy("%(system)s took the change"),
    "deactivate": gettext_lazy("Account suspended in %(system)s"),
    "reactivate": gettext_lazy("Account opened again in %(system)s"),
    "cohorts": gettext_lazy("Groups set in %(system)s"),
    "set_manager": gettext_lazy("Manager set in %(system)s"),
}


def _delivery(row: Delivery, tries: Sequence[Attempt]) -> Moment:
    said = {"system": row.connector.name}
    if row.state == "delivered":
        title, tone = str(OPERATIONS.get(row.operation, OPERATIONS["update"])) % said, "ok"
    elif row.state == "dead":
        title, tone = _("%(system)s did not take the change") % said, "bad"
    elif row.state == "cancelled":
        title, tone = _("A change for %(system)s was given up, or a newer one took its place") % said, ""
    elif row.state == "held":
        title, tone = _("A change for %(system)s waits: the account it needs was not made") % said, "warn"
    else:
        title, tone = _("A change is on its way to %(system)s") % said, "warn"
    note = _tries(row, tries)
    if row.state != "delivered":  # whose title says it
        note = " · ".join(filter(None, [operation_word(row.operation), note]))
    return Moment(row.created_at, title, note=note, tone=tone, href=reverse("delivery", args=[row.pk]))


def _tries(row: Delivery, tries: Sequence[Attempt]) -> str:
    failed = [attempt for attempt in tries if attempt.outcome != "ok"]
    parts = [_("%(span)s after it was decided") % {"span": lasting(row.done_at - row.created_at)}] if row.done_at else []
    if failed:
        why = _(by_code(failed[-1].outcome)().sentence).rstrip(".")
        parts.append(_("tries that failed: %(n)s, %(why)s") % {"n": len(failed), "why": why})
    if row.verified_at:
        parts.append(_("read back, equal"))
    elif row.read_back:
        parts.append(_("read back, differs") if row.read_back.get("differs") else _("read back, but not shown there"))
    return " · ".join(parts)


def _said(actor: str, reason: str) -> str:
    return _("%(actor)s: “%(reason)s”") % {"actor": actor, "reason": reason} if reason else actor


def _run(number: Any) -> str:
    return first_address(("run", "admin:syncjobs_syncrun_change"), number) if number else ""
