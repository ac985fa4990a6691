"""What a run is doing now, in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.parts.shapes import Text
from config.templatetags.rollcall import lasting, number
from integrations.connectors.models import ConnectorState
from syncjobs.runs.models import WORKABLE, Phase, SyncRun
from syncjobs.runs.slice import BEFORE_APPLIED
from syncjobs.schedules.models import RunMode

MOST = 5  # of the overview; more at once is a list of its own
MANY_TRIES = 1
DOING: dict[str, Text] = {
    "fetch": gettext_lazy("Reading from %(name)s"),
    "gather": gettext_lazy("Collecting the chosen people"),
    "resolve": gettext_lazy("Finding out who is who"),
    "look": gettext_lazy("Looking for accounts that are there already"),
    "plan": gettext_lazy("Planning"),
    "guard": gettext_lazy("Weighing the plan"),
    "apply": gettext_lazy("Writing what was decided"),
    "deliver": gettext_lazy("Sending to the learning system"),
    "verify": gettext_lazy("Reading back what was written"),
}
COUNTED = ("fetch", "plan", "deliver")  # stages that say how far they are


@dataclass(frozen=True, slots=True)
class Progress:
    """`total` is None while nobody knows it; then the bar only moves."""

    run: SyncRun
    sentence: str
    note: str
    done: int
    total: int | None


def running(rows: QuerySet[SyncRun]) -> list[SyncRun]:
    """Runs somebody works on, or will in a moment."""
    return list(rows.filter(phase__in=WORKABLE).select_related("connector").order_by("id")[:MOST])


def progress(run: SyncRun, now: datetime) -> Progress:
    total = run.total if run.stage in COUNTED and run.total else None
    return Progress(run, _sentence(run, total), _note(run, now), min(run.done, total or run.done), total)


def _sentence(run: SyncRun, total: int | None) -> str:
    if run.phase == Phase.QUEUED:
        return _("Waiting for its turn")
    doing = str(DOING.get(run.stage, run.stage)) % {"name": run.connector.name}
    if total:
        return _("%(doing)s: %(done)s of %(total)s") % {"doing": doing, "done": number(run.done), "total": number(total)}
    return _("%(doing)s: %(done)s") % {"doing": doing, "done": number(run.done)} if run.stage == "fetch" and run.done else doing


def _note(run: SyncRun, now: datetime) -> str:
    """Why it waits, or how long it has been at it and how fast."""
    if run.cancel_asked:
        return _("Stopping: asked to cancel")
    if run.connector.state != ConnectorState.ACTIVE and run.mode != RunMode.PEOPLE and run.stage in BEFORE_APPLIED:
        return _("Waits: %(name)s is paused") % {"name": run.connector.name}
    if run.tries >= MANY_TRIES and run.wanted_at > now:
        said = {"n": run.tries, "in": lasting((run.wanted_at - now).total_seconds())}
        return _("%(n)s tries did not succeed; the next one in %(in)s") % said
    if run.started_at is None:
        return ""
    seconds = (now - run.started_at).total_seconds()
    parts: list[Any] = [_("for %(span)s") % {"span": lasting(seconds)}]
    if run.stage == "fetch" and run.done and seconds > 1:
        parts.append(_("%(n)s a second") % {"n": number(round(run.done / seconds))})
    return " · ".join(parts)
