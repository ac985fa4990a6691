"""A run in sentences: how far it is, what it covered, and that its numbers add up. Pure: a run in, words out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config import vocabulary
from config.parts.shapes import Stage, Text
from config.say import said
from config.templatetags.rollcall import number
from integrations.connectors.models import Connector
from integrations.mapping.pages.overview import stream_label
from syncjobs.pages.runs import account_kinds
from syncjobs.runs.counts import MAPPINGS
from syncjobs.runs.models import WAITING, WORKABLE, Phase, SyncRun

# What stands below each number of the bar, and the stages during which it is being made.
BAR: tuple[tuple[str, Text, tuple[str, ...]], ...] = (
    ("heard", gettext_lazy("read"), ("fetch", "gather")),
    ("staged", gettext_lazy("who is who"), ("resolve", "look")),
    ("planned", gettext_lazy("planned"), ("plan",)),
    ("", gettext_lazy("weighed"), ("guard",)),
    ("", gettext_lazy("applied"), ("apply",)),
    ("sent", gettext_lazy("sent"), ("deliver",)),
    ("verified", gettext_lazy("read back"), ("verify",)),
)
OVER = (Phase.SUCCEEDED, Phase.PARTIAL)


def stage_bar(run: SyncRun, sent: int, verified: int) -> list[Stage]:
    """`sent` and `verified`: how many writes arrived, and how many were read back and found equal."""
    counts = {**run.counts, "sent": sent, "verified": verified}
    if "planned" in counts:
        counts["planned"] = planned(run)
    at = next((place for place, (_key, _label, stages) in enumerate(BAR) if run.stage in stages), 0)
    return [_stage(run, place, at, key, label, counts) for place, (key, label, _stages) in enumerate(BAR)]


def _stage(run: SyncRun, place: int, at: int, key: str, label: Text, counts: Mapping[str, int]) -> Stage:
    is_past = place < at or (place == at and run.phase in OVER)
    shown = number(counts[key]) if key in counts and (is_past or place == at) else "–"
    if is_past:
        return Stage(label, shown if key in counts else "✓", "done")
    if place > at or run.phase in (Phase.QUEUED, Phase.CANCELLED):
        return Stage(label)
    if run.phase in WAITING:
        return Stage(label, str(vocabulary.word("run", run.phase).label), "held")
    if run.phase == Phase.FAILED:
        return Stage(label, str(vocabulary.word("run", run.phase).label), "failed")
    return Stage(label, shown if key in counts else "…", "now")


def planned(run: SyncRun) -> int:
    """How many accounts the plan would change, as its parts add up; while it is being made, how many changes it holds so far."""
    plan = getattr(run, "plan", None)
    if plan is None or not plan.counts:
        return int(run.counts.get("planned", 0))
    return sum(n for kind, n in account_kinds(plan.counts) if kind != "skip")


@dataclass(frozen=True, slots=True)
class Totals:
    """One side of a sum and the parts of the other. `missing` is what the parts do not explain; not 0 is a mistake of ours."""

    read: int
    waited: int
    parts: Sequence[tuple[int, Text]]
    missing: int


PARTS: tuple[tuple[str, Text], ...] = (
    ("same", gettext_lazy("unchanged")),
    ("staged", gettext_lazy("new or changed")),
    ("units", gettext_lazy("organisation units")),
    ("parked", gettext_lazy("set aside")),
    ("cases", gettext_lazy("waiting for a decision")),
    ("older", gettext_lazy("older than what is known")),
    ("repeated", gettext_lazy("heard twice")),
)
ALWAYS_SAID = ("same", "staged", "parked")


def totals(said: Mapping[str, int], in_plan: int) -> Totals | None:
    """“941 read = 936 unchanged + 5 changed + 0 set aside”. None for a run that read nothing itself (chosen people).

    `in_plan`: how many different records are in the plan; what was counted beyond that was heard more than once.
    """
    if "heard" not in said:
        return None
    again = max(0, said.get("staged", 0) + said.get("units", 0) - in_plan)
    counts = {**said, "staged": said.get("staged", 0) - again, "repeated": said.get("repeated", 0) + again}
    read, waited = counts["heard"], counts.get("waited", 0)
    parts = [(counts.get(key, 0), label) for key, label in PARTS if counts.get(key) or key in ALWAYS_SAID]
    rest = read + waited - sum(n for n, _label in parts)
    if 0 < rest <= counts.get("gone", 0):  # heard as “erased”: no record remains to be unchanged or set aside
        parts.append((rest, _("erased in the source")))
        rest = 0
    return Totals(read, waited, parts, rest)


def covered(run: SyncRun) -> list[str]:
    """One sentence a stream: what was asked for, and whether the answer was proved complete. A single person's records have no window."""
    if not run.window and "heard" in run.counts:
        return [_("Only the records of the chosen people were read.")]
    vendor = run.connector.vendor
    return [
        f"{stream_label(vendor, name)}: {_span(window)}. {_proof(window, is_working=run.phase in WORKABLE)}"
        for name, window in run.window.items()
    ]


def _span(window: Mapping[str, object]) -> str:
    since, until = _moment(window.get("since")), _moment(window.get("until"))
    if since is None and window.get("is_anew"):
        return _("everything, as of %(until)s, because what is read or where from has changed") % {"until": until or "–"}
    if since is None:
        return _("everything, as of %(until)s") % {"until": until or "–"}
    return _("what changed from %(since)s to %(until)s") % {"since": since, "until": until or "–"}


def _proof(window: Mapping[str, object], *, is_working: bool) -> str:
    if "is_complete" not in window:
        return _("Still being read.") if is_working else _("Not read to its end.")
    why = said(str(window.get("proof", "")))
    if window["is_complete"] and window.get("uncounted"):
        both = {"why": why, "doubt": said(str(window["uncounted"]))}
        return _("Complete: %(why)s. Nobody was counted as missing: %(doubt)s.") % both
    if window["is_complete"]:
        return _("Complete: %(why)s.") % {"why": why}
    if window.get("since"):
        return _("Not complete, so the next run asks for these changes again: %(why)s.") % {"why": why}
    return _("Not proved complete, so nobody counts as gone: %(why)s.") % {"why": why}


def _moment(value: object) -> str | None:
    at: datetime | None = parse_datetime(value) if isinstance(value, str) else None
    if at is None:
        return None
    local = timezone.localtime(at)
    return f"{date_format(local, _('j M Y'))}, {local:%H:%M}"


def dropped(run: SyncRun) -> list[str]:
    """Fields that came and were not kept, a sentence a stream."""
    return [
        f"{stream_label(run.connector.vendor, stream)}: {', '.join(fields)}"
        for stream, fields in run.counts.get("dropped", {}).items()
        if fields
    ]


@dataclass(frozen=True, slots=True)
class UsedMapping:
    """A mapping the run went by: connector and stream or target by key (its address), in words, and the version."""

    connector: str
    stream: str
    label: str
    number: int


def mappings(run: SyncRun, connectors: Mapping[str, Connector]) -> list[UsedMapping]:
    """The source's own first. Runs of the past that did not note it have none."""
    used = [(key, stream, number) for key, streams in run.counts.get(MAPPINGS, {}).items() for stream, number in streams.items()]
    found = [
        UsedMapping(key, stream, f"{connectors[key].name}: {stream_label(connectors[key].vendor, stream)}", number)
        for key, stream, number in used
        if key in connectors
    ]
    return sorted(found, key=lambda one: (one.connector != run.connector.key, one.label))


def stopped(people: int, kind: str) -> str:
    """The headline of a hold: what the guard stopped."""
    if kind not in STOPPED:
        return _("Stopped before the first write")
    return STOPPED[kind](people) % {"n": number(people)}


STOPPED = {
    "create": lambda n: ngettext(
        "Stopped before the first write: %(n)s person would get a new account",
        "Stopped before the first write: %(n)s people would get a new account",
        n,
    ),
    "update": lambda n: ngettext(
        "Stopped before the first write: %(n)s person would be changed", "Stopped before the first write: %(n)s people would be changed", n
    ),
    "deactivate": lambda n: ngettext(
        "Stopped before the first write: %(n)s person would be deactivated",
        "Stopped before the first write: %(n)s people would be deactivated",
        n,
    ),
    "reactivate": lambda n: ngettext(
        "Stopped before the first write: %(n)s person would be reactivated",
        "Stopped before the first write: %(n)s people would be reactivated",
        n,
    ),
    "link": lambda n: ngettext(
        "Stopped before the first write: %(n)s account would be joined", "Stopped before the first write: %(n)s accounts would be joined", n
    ),
}
