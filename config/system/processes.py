"""Who is alive: the processes that write heartbeats, and how long ago each did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.health.heartbeat import SILENT_AFTER
from config.health.models import Heartbeat
from config.parts.shapes import Chip, Text
from config.system.lines import Line
from config.templatetags.rollcall import lasting

LIVELY = timedelta(seconds=12)  # one beat, and a little
NAMES: dict[str, Text] = {"worker": gettext_lazy("Worker"), "beat": gettext_lazy("Clock process (beat)")}
START: dict[str, Text] = {
    "worker": gettext_lazy("IT: start “celery -A config worker”. Until then nothing is synchronised."),
    "beat": gettext_lazy("IT: start “celery -A config beat”, exactly one of it. Until then no scheduled run starts by itself."),
}


@dataclass(frozen=True, slots=True)
class Process:
    """One process on one machine. `silent_for` is measured by the real clock: the sandbox's does not move hearts."""

    component: str
    instance: str
    silent_for: timedelta

    @property
    def name(self) -> Text:
        return NAMES.get(self.component, self.component)

    @property
    def last(self) -> str:
        """In words; below the beat's own rhythm nobody wants to know it to the millisecond."""
        return _("%(span)s ago") % {"span": lasting(self.silent_for)} if self.silent_for > LIVELY else _("just now")

    @property
    def is_silent(self) -> bool:
        return self.silent_for > SILENT_AFTER

    @property
    def chip(self) -> Chip:
        return Chip(_("silent"), "bad", "×") if self.is_silent else Chip(_("alive"), "ok", "●")


def processes(now: datetime) -> list[Process]:
    """All that beat within the last day, by kind, the liveliest first. `now` without the sandbox's offset. One query."""
    rows = Heartbeat.objects.order_by("-component", "-at").values_list("component", "instance", "at")
    return [Process(component, instance, max(now - at, timedelta())) for component, instance, at in rows]


def lives(found: list[Process]) -> list[Line]:
    """For each kind that must run: is any of them alive?"""
    return [_life(component, [one for one in found if one.component == component]) for component in NAMES]


def _life(component: str, found: list[Process]) -> Line:
    if not found:
        return Line(NAMES[component], _("never seen"), "bad", next_step=START[component])
    last = min(found, key=lambda one: one.silent_for)
    if last.is_silent:
        return Line(NAMES[component], _("silent for %(span)s") % {"span": lasting(last.silent_for)}, "bad", next_step=START[component])
    return Line(NAMES[component], _("alive"), note=_("last sign of life: %(when)s") % {"when": last.last})
