"""The menu by task: which pages, for whom, and how many things wait on each.

A page is known by its URL name, best first; an entry appears when one of its names exists and the reader holds one of
its permissions. Tables of other packages are named in strings: this package imports none of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MOST = 100  # a pill never says more than 99+, and the query never reads further
COUNTS_LAST_SECONDS = 10  # older than this nobody would notice; younger, every page would pay for it
COUNTS_KEY = "rollcall.menu.counts"

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Pile:
    """Rows that wait for somebody: a table, which of its rows, and the word read out after the number."""

    model: str
    where: Q
    means: Text
    tone: str = "bad"
    permission: str = ""  # needed beside the entry's own: a number that the list behind it does not show helps nobody

    def count(self) -> int:
        """How many, at most MOST."""
        return apps.get_model(self.model)._base_manager.filter(self.where)[:MOST].count()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu. `names`: URL names, best first. `permissions`: any of them; none means every member of staff.

    `is_for_sandbox`: not in production, where there is none.
    """

    key: str
    label: Text
    names: tuple[str, ...]
    permissions: tuple[str, ...] = ()
    piles: tuple[Pile, ...] = ()
    is_for_sandbox: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as this reader sees it now."""

    key: str
    label: Text
    href: str
    is_current: bool
    count: str
    count_means: Text
    tone: str


@dataclass(frozen=True, slots=True)
class Group:
    label: Text
    links: tuple[Link, ...]


LIVE_PHASES = ("queued", "planning", "applying")
OPEN_CASES = Pile("identity.Case", Q(state="open"), _("waiting"), permission="identity.view_case")
OPEN_HOLDS = Pile("syncjobs.Hold", Q(state="open"), _("waiting"), permission="syncjobs.view_hold")
LIVE_RUNS = Pile("syncjobs.SyncRun", Q(phase__one_of=LIVE_PHASES), _("running"), "idle")
DEAD_DELIVERIES = Pile("integrations.Delivery", Q(state="dead"), _("failed"))
OPEN_ISSUES = Pile("integrations.ConnectorIssue", Q(closed_at=None), _("in trouble"))
UNMAPPED = Pile("integrations.UnmappedValue", Q(closed_at=None), _("without a name"), "warn")

MENU: tuple[tuple[Text, tuple[Entry, ...]], ...] = (
    (
        _("Operate"),
        (
            Entry("overview", _("Overview"), ("admin:index",)),
            Entry(
                "decisions",
                _("Needs a decision"),
                ("decisions", "admin:identity_case_changelist"),
                ("identity.view_case", "syncjobs.view_hold"),
                (OPEN_CASES, OPEN_HOLDS),
            ),
            Entry("runs", _("Runs"), ("runs", "admin:syncjobs_syncrun_changelist"), ("syncjobs.view_syncrun",), (LIVE_RUNS,)),
            Entry("people", _("People"), ("people", "admin:identity_person_changelist"), ("identity.view_person",)),
            Entry(
                "deliveries",
                _("Deliveries"),
                ("deliveries", "admin:integrations_delivery_changelist"),
                ("integrations.view_delivery",),
                (DEAD_DELIVERIES,),
            ),
        ),
    ),
    (
        _("Configure"),
        (
            Entry(
                "connectors",
                _("Connectors"),
                ("connectors", "admin:integrations_connector_changelist"),
                ("integrations.view_connector",),
                (OPEN_ISSUES,),
            ),
            Entry(
                "mappings",
                _("Mappings"),
                ("mappings", "admin:integrations_mappingversion_changelist"),
                ("integrations.view_mappingversion",),
            ),
            Entry(
                "value-maps",
                _("Value maps"),
                ("value-maps", "admin:integrations_valuemap_changelist"),
                ("integrations.view_valuemap",),
                (UNMAPPED,),
            ),
            Entry("schedules", _("Schedules"), ("schedules", "admin:syncjobs_syncschedule_changelist"), ("syncjobs.view_syncschedule",)),
        ),
    ),
    (
        _("Govern"),
        (
            Entry("audit", _("Audit"), ("audit", "admin:config_auditentry_changelist"), ("config.view_auditentry",)),
            Entry("staff", _("Staff and roles"), ("staff", "admin:config_user_changelist"), ("config.view_user",)),
            Entry("system", _("System"), ("system",), ("config.view_heartbeat",)),
            Entry("sandbox", _("Sandbox"), ("sandbox",), ("config.operate_sandbox",), is_for_sandbox=True),
        ),
    ),
)


def navigation(request: HttpRequest) -> tuple[Group, ...]:
    """The menu for this reader. The current entry is `request.section` when a view set it, else the longest address that fits."""
    groups = [(label, [(entry, href) for entry in entries if (href := address(entry, request.user))]) for label, entries in MENU]
    current = _current(request, [pair for _label, pairs in groups for pair in pairs])
    counts = waiting()
    return tuple(
        Group(label, tuple(_link(request.user, entry, href, current, counts) for entry, href in pairs)) for label, pairs in groups if pairs
    )


def address(entry: Entry, user: Any) -> str:
    """Where the entry leads, or an empty string when the page does not exist or is not for this reader."""
    if entry.permissions and not any(user.has_perm(permission) for permission in entry.permissions):
        return ""
    if entry.is_for_sandbox and (settings.PRODUCTION or not settings.SANDBOX_URL):
        return ""
    return first_address(entry.names)


def first_address(names: Iterable[str], *args: object) -> str:
    """The address of the first URL name that exists, or an empty string."""
    for name in names:
        try:
            return reverse(name, args=args)
        except NoReverseMatch:
            continue
    return ""


def waiting() -> dict[str, int]:
    """How many things wait, by table, for the whole installation. One query a pile, kept for ten seconds."""
    counts: dict[str, int] | None = cache.get(COUNTS_KEY)
    if counts is None:
        counts = {pile.model: pile.count() for _label, entries in MENU for entry in entries for pile in entry.piles}
        cache.set(COUNTS_KEY, counts, COUNTS_LAST_SECONDS)
    return counts


def _current(request: HttpRequest, pairs: list[tuple[Entry, str]]) -> str:
    section: str | None = getattr(request, "section", None)
    if section is not None:
        return section
    home = reverse("admin:index")
    fitting = [(len(href), entry.key) for entry, href in pairs if request.path == href or (href != home and request.path.startswith(href))]
    return max(fitting)[1] if fitting else ""


def _link(user: Any, entry: Entry, href: str, current: str, counts: dict[str, int]) -> Link:
    number = sum(counts.get(pile.model, 0) for pile in entry.piles if not pile.permission or user.has_perm(pile.permission))
    return Link(
        key=entry.key,
        label=entry.label,
        href=href,
        is_current=entry.key == current,
        count=("99+" if number >= MOST else str(number)) if number else "",
        count_means=entry.piles[0].means if entry.piles else "",
        tone=entry.piles[0].tone if entry.piles else "idle",
    )
