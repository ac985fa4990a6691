"""What waits for a human, ordered by consequence: who is harmed first stands first. A constant number of queries.

Each kind shows a few by name and counts the rest, so that 4,000 open questions take one line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config import clock, vocabulary
from config.errors import by_code
from config.navigation import first_address
from config.parts.shapes import Chip, Need, Text
from config.roles.masking import Sight, sight_of
from config.roles.models import User
from config.say import said
from config.templatetags.rollcall import number, percent
from identity.cases.models import Case, CaseKind, CaseState
from integrations.connectors.models import ConnectorState, Credential
from integrations.mapping.models import UnmappedValue
from integrations.outbound.models import Delivery, DeliveryState
from integrations.records.models import Watermark
from integrations.vendors import vendor_class
from syncjobs.guards.models import Hold, HoldState
from syncjobs.pages.connector_rows import ConnectorRow
from syncjobs.pages.figures import still_active
from syncjobs.runs.models import SyncRun

SHOWN = 3  # of one kind; the rest is one line with a button to the list


@dataclass(slots=True)
class Needs:
    """What this reader can do something about, and what waits for others. The numbers count also what is not shown by name."""

    items: list[Need] = field(default_factory=list)
    total: int = 0
    of_others: list[Need] = field(default_factory=list)
    total_of_others: int = 0

    def add(self, items: Sequence[Need], total: int, more: Need | None = None, *, is_mine: bool) -> None:
        shown = [*items, *([more] if more and total > len(items) else [])]
        if is_mine:
            self.items += shown
            self.total += total
        else:
            self.of_others += shown
            self.total_of_others += total


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose list it is."""

    user: User
    sight: Sight
    rows: Sequence[ConnectorRow]

    def may(self, *permissions: str) -> bool:
        return any(self.user.has_perm(permission) for permission in permissions)


def needs_of(user: User, rows: Sequence[ConnectorRow], *, connectors_first: bool = False) -> Needs:
    """`connectors_first` is how the people who keep the connections alive see it."""
    reader, found = Reader(user, sight_of(user), rows), Needs()
    order: tuple[tuple[str, Callable[[Reader, Needs], None]], ...] = (
        ("identity.view_person", _still_active),
        ("syncjobs.view_syncrun", _held),
        ("integrations.view_connector", _in_trouble),
        ("integrations.view_delivery", _dead),
        ("syncjobs.view_syncrun", _set_aside),
        ("identity.view_case", _cases),
        ("integrations.view_unmappedvalue", _unmapped),
        ("integrations.view_mappingversion", _vanished),
        ("integrations.view_connector", _late),
        ("integrations.rotate_credential", _old_secrets),
    )
    if connectors_first:
        order = (order[2], order[3], order[8], order[0], order[1], *order[4:8], *order[9:])
    for permission, add in order:
        if user.has_perm(permission):
            add(reader, found)
    return found


def _chip(table: str, key: str) -> Chip:
    word = vocabulary.word(table, key)
    return Chip(word.label, word.tone, word.sign)


# ── people ──────────────────────────────────────────────────────────────────────────────────────────


def _still_active(reader: Reader, found: Needs) -> None:
    links = list(still_active().select_related("person", "record__connector").order_by("person__changed_at", "id")[:SHOWN])
    total = still_active().count() if len(links) == SHOWN else len(links)
    verb, button = ("person-sync", _("Close account")) if reader.may("syncjobs.start_run") else ("person", _("Look"))
    items = [
        Need(
            Chip(_("left, still active"), "bad", "!"),
            reader.sight.name(link.person.display_name) or link.person.public_id,
            _("left, and can still sign in to %(system)s") % {"system": link.record.connector.name},
            _("Until the account is closed, a former colleague sees the courses and takes a licence."),
            button,
            first_address((verb, "person"), link.person_id),
        )
        for link in links
    ]
    rest = total - len(items)
    more = Need(
        Chip(_("left, still active"), "bad", "!"),
        ngettext("%(n)s more person left and can still sign in", "%(n)s more people left and can still sign in", rest)
        % {"n": number(rest)},
        button=_("See all"),
        href=f"{first_address(('people',))}?standing=left",
    )
    found.add(items, total, more, is_mine=reader.may("syncjobs.start_run"))


CASE_WORDS: dict[str, Text] = {  # for readers who may not see names
    CaseKind.DUPLICATE: gettext_lazy("Two records may be the same person"),
    CaseKind.NUMBER_REUSED: gettext_lazy("A number was used by somebody else before"),
    CaseKind.SHARED_EMAIL: gettext_lazy("Two people use the same e-mail"),
    CaseKind.ALREADY_THERE: gettext_lazy("Somebody may be in the learning system already"),
    CaseKind.MANAGER_TIE: gettext_lazy("More than one manager could be the primary one"),
}


def _cases(reader: Reader, found: Needs) -> None:
    waiting = Case.objects.filter(state=CaseState.OPEN)
    if not reader.sight.is_full:
        _cases_by_kind(reader, found, waiting)
        return
    shown = list(waiting.select_related("record__connector").order_by("opened_at", "id")[:SHOWN])
    total = waiting.count() if len(shown) == SHOWN else len(shown)
    button = _("Decide") if reader.may("identity.decide_case") else _("Look")
    items = [
        Need(
            Chip(_("case"), "warn", "?"),
            said(case.question),
            "",
            " · ".join(filter(None, (case.record.connector.name, said(case.waits)))),
            button,
            first_address(("case", "admin:identity_case_change"), case.pk),
        )
        for case in shown
    ]
    rest = total - len(items)
    title = ngettext("%(n)s more question waits", "%(n)s more questions wait", rest) % {"n": number(rest)}
    found.add(
        items,
        total,
        Need(Chip(_("case"), "warn", "?"), title, button=_("See all"), href=first_address(("decisions",))),
        is_mine=reader.may("identity.decide_case"),
    )


def _cases_by_kind(reader: Reader, found: Needs, waiting: QuerySet[Case]) -> None:
    """One line a kind: without the names, three questions of one kind would be the same line three times."""
    counted = list(waiting.order_by().values_list("kind").annotate(n=Count("id"), first=Min("opened_at")).order_by("first"))
    words, listed = dict(CaseKind.choices), first_address(("decisions",))
    items = [
        Need(
            Chip(_("case"), "warn", "?"),
            CASE_WORDS.get(kind, words.get(kind, kind)),
            "· " + ngettext("%(n)s question", "%(n)s questions", n) % {"n": number(n)},
            _("Nothing changes for the people concerned until somebody answers."),
            _("Decide") if reader.may("identity.decide_case") else _("Look"),
            f"{listed}?{urlencode({'kind': kind})}" if listed else "",
        )
        for kind, n, _first in counted
    ]
    found.add(items, sum(n for _kind, n, _first in counted), is_mine=reader.may("identity.decide_case"))


def _unmapped(reader: Reader, found: Needs) -> None:
    waiting = UnmappedValue.objects.filter(closed_at=None, people__gt=0)
    shown = list(waiting.select_related("value_map", "connector").order_by("-people", "id")[:SHOWN])
    total = waiting.count() if len(shown) == SHOWN else len(shown)
    items = [
        Need(
            Chip(_("mapping"), "warn", "!"),
            _("%(map)s: “%(code)s” has no name yet") % {"map": value.value_map, "code": value.value},
            "· " + (ngettext("%(n)s person", "%(n)s people", value.people) % {"n": number(value.people)}),
            _("%(source)s sends this code. Until it has a name, the people keep what they had.") % {"source": value.connector},
            _("Add name") if reader.may("integrations.map_value") else _("Look"),
            first_address(("value-map", "admin:integrations_valuemap_changelist"), value.value_map.key),
        )
        for value in shown
    ]
    rest = total - len(items)
    title = ngettext("%(n)s more code has no name yet", "%(n)s more codes have no name yet", rest) % {"n": number(rest)}
    found.add(
        items,
        total,
        Need(Chip(_("mapping"), "warn", "!"), title, button=_("See all"), href=first_address(("value-maps",))),
        is_mine=reader.may("integrations.map_value"),
    )


def _vanished(reader: Reader, found: Needs) -> None:
    """One line a stream: mapped fields that came empty for everybody, whose old values stay."""
    rows = Watermark.objects.exclude(vanished={}).select_related("connector").order_by("connector__rank", "id")
    items = [
        Need(
            Chip(_("mapping"), "warn", "!"),
            _("%(name)s: nobody has a value in %(fields)s any more") % {"name": row.connector.name, "fields": ", ".join(row.vanished)},
            "· " + (ngettext("%(n)s person", "%(n)s people", max(row.vanished.values())) % {"n": number(max(row.vanished.values()))}),
            _("They keep the old value, which grows old. Was the column renamed or left out?"),
            _("Open mapping"),
            first_address(("mapping-edit",), row.connector.key, row.stream),
        )
        for row in rows
    ]
    found.add(items, len(items), is_mine=reader.may("integrations.map_value"))


# ── runs and connections ────────────────────────────────────────────────────────────────────────────


def _held(reader: Reader, found: Needs) -> None:
    waiting = SyncRun.objects.filter(phase__in=("held", "awaiting approval"))
    shown = list(waiting.select_related("connector").prefetch_related("holds").order_by("id")[:SHOWN])
    total = waiting.count() if len(shown) == SHOWN else len(shown)
    items = [_held_run(reader, run) for run in shown]
    rest = total - len(items)
    title = ngettext("%(n)s more run waits", "%(n)s more runs wait", rest) % {"n": number(rest)}
    found.add(
        items,
        total,
        Need(_chip("run", "held"), title, button=_("See all"), href=f"{first_address(('runs',))}?phase=held"),
        is_mine=reader.may("syncjobs.approve_plan"),
    )


def _held_run(reader: Reader, run: SyncRun) -> Need:
    holds = [hold for hold in run.holds.all() if hold.state == HoldState.OPEN]
    worst = max(holds, key=lambda hold: (hold.kind == "deactivate", hold.people), default=None)
    return Need(
        _chip("run", run.phase),
        held_title(run, worst),
        held_share(worst),
        _("Until somebody decides, these people keep their access. Nothing has been written.")
        if worst and worst.kind == "deactivate"
        else _("Nothing has been written. If nobody decides, the run ends and changes nothing."),
        _("Review plan") if reader.may("syncjobs.approve_plan") else _("Look"),
        first_address(("run",), run.pk),
    )


HELD_WORDS: dict[str, Callable[[int], str]] = {
    "create": lambda n: ngettext("%(name)s would make %(n)s account", "%(name)s would make %(n)s accounts", n),
    "update": lambda n: ngettext("%(name)s would change %(n)s person", "%(name)s would change %(n)s people", n),
    "deactivate": lambda n: ngettext("%(name)s would deactivate %(n)s person", "%(name)s would deactivate %(n)s people", n),
    "reactivate": lambda n: ngettext("%(name)s would reactivate %(n)s person", "%(name)s would reactivate %(n)s people", n),
    "link": lambda n: ngettext("%(name)s would join %(n)s account", "%(name)s would join %(n)s accounts", n),
}


def held_title(run: SyncRun, hold: Hold | None) -> str:
    """Who would do what to how many: the sentence of one hold of this run."""
    names = {"name": run.connector.name, "n": number(hold.people) if hold else ""}
    if hold is None:
        return _("%(name)s waits for a decision") % names
    if hold.code == "first_plan":
        return _("The first plan of %(name)s waits for your approval: %(n)s people") % names
    if hold.kind in HELD_WORDS:
        return HELD_WORDS[hold.kind](hold.people) % names
    return said(hold.sentence)


def held_share(hold: Hold | None) -> str:
    """How much that is of everybody there."""
    if hold is None or not hold.kind or not hold.of or hold.people > hold.of:
        return ""
    return _("(%(share)s of %(of)s)") % {"share": percent(hold.people / hold.of), "of": number(hold.of)}


def _in_trouble(reader: Reader, found: Needs) -> None:
    """One line a connector: what a person has to mend, else that its last run failed."""
    items = []
    for row in reader.rows:
        issue = next((issue for issue in row.issues if not by_code(issue.code).retry), None)
        name = row.connector.name
        if row.state in ("paused", "disabled"):
            continue
        if issue is not None:
            error = by_code(issue.code)
            href = first_address(("connector", "admin:integrations_connector_change"), row.connector.pk)
            title = f"{name}: {_(error().sentence)}"
            items.append(Need(_chip("connector", "action needed"), title, "", _(error.next_step), _("Open connector"), href))
        elif row.failed_run is not None:
            title = _("%(name)s: the last run failed") % {"name": name}
            harm = _("Changes of its people do not arrive until a run succeeds.")
            items.append(Need(_chip("run", "failed"), title, "", harm, _("Open run"), first_address(("run",), row.failed_run)))
    found.add(items, len(items), is_mine=reader.may("integrations.change_connector"))


def _set_aside(reader: Reader, found: Needs) -> None:
    """One line a source whose last run had to leave records out."""
    items = []
    for row in reader.rows:
        if row.parked and row.last_run is not None:
            said = ngettext("%(name)s: %(n)s record was set aside", "%(name)s: %(n)s records were set aside", row.parked)
            title = said % {"name": row.connector.name, "n": number(row.parked)}
            harm = _("These people keep what they had until the record is mended.")
            items.append(Need(_chip("run", "partial"), title, "", harm, _("See why"), first_address(("run",), row.last_run)))
    found.add(items, len(items), is_mine=reader.may("syncjobs.start_run"))


def _late(reader: Reader, found: Needs) -> None:
    items = [
        Need(
            _chip("connector", row.state),
            _("%(name)s is overdue") % {"name": row.connector.name},
            "",
            _("A planned run did not succeed. What changed there since has not arrived."),
            _("Open connector"),
            first_address(("connector", "admin:integrations_connector_change"), row.connector.pk),
        )
        for row in reader.rows
        if row.missed and row.failed_run is None and row.state in ("late", "down")
    ]
    found.add(items, len(items), is_mine=reader.may("integrations.change_connector"))


def _old_secrets(reader: Reader, found: Needs) -> None:
    """Secrets that have been in use for longer than the installation wants (capability 108)."""
    if not settings.SECRET_DAYS:
        return
    now = clock.now()
    begun = now - timedelta(days=settings.SECRET_DAYS)
    aged = Credential.objects.filter(set_at__lt=begun).exclude(connector__state=ConnectorState.DISABLED)
    rows = list(aged.select_related("connector").order_by("set_at", "id"))
    items = [
        Need(
            Chip(_("secret"), "warn", "!"),
            _("%(name)s: the secret “%(secret)s” is old") % {"name": row.connector.name, "secret": _called(row)},
            "· " + _("set %(days)s days ago") % {"days": number((now - row.set_at).days)},
            _("Whoever ever saw it can still use it. Make a new one there and put it in here; nothing else changes."),
            _("Replace…"),
            first_address(("connector-rotate",), row.connector_id, row.name),
        )
        for row in rows[:SHOWN]
    ]
    rest = len(rows) - len(items)
    more = Need(
        Chip(_("secret"), "warn", "!"),
        ngettext("%(n)s more secret is old", "%(n)s more secrets are old", rest) % {"n": number(rest)},
        button=_("See all"),
        href=first_address(("connectors",)),
    )
    found.add(items, len(rows), more, is_mine=True)


def _called(secret: Credential) -> str:
    """As the form of its connector calls it."""
    labels = {one.key: _(one.label) for one in vendor_class(secret.connector.vendor).settings}
    return labels.get(secret.name, secret.name)


def _dead(reader: Reader, found: Needs) -> None:
    groups = list(
        Delivery.objects.filter(state=DeliveryState.DEAD)
        .order_by()
        .values("connector__name", "error_code")
        .annotate(n=Count("id"), first=Min("created_at"))
        .order_by("first")[: SHOWN + 1]
    )
    items = []
    for group in groups[:SHOWN]:
        error, n = by_code(group["error_code"]), group["n"]
        title = ngettext("%(n)s change did not reach %(system)s", "%(n)s changes did not reach %(system)s", n)
        items.append(
            Need(
                _chip("delivery", "dead"),
                title % {"n": number(n), "system": group["connector__name"]},
                "",
                f"{_(error().sentence)} {_(error.next_step)}",
                _("Retry") if reader.may("integrations.retry_delivery") else _("Look"),
                f"{first_address(('deliveries', 'admin:integrations_delivery_changelist'))}?state=dead",
            )
        )
    more = (
        Need(_chip("delivery", "dead"), _("More changes did not arrive, for other reasons"), button=_("See all"), href=items[-1].href)
        if items
        else None
    )
    found.add(items, len(groups), more, is_mine=reader.may("integrations.retry_delivery"))
