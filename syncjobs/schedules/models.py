"""When. A schedule row knows its next due time; beat only ticks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.connectors.models import Connector
from syncjobs.schedules.due import upcoming


class RunMode(models.TextChoices):
    FULL = "full", _("read everything")
    DELTA = "delta", _("read what changed")
    PEOPLE = "people", _("chosen people")
    PLAN = "plan", _("plan everybody again")


READING = (RunMode.FULL, RunMode.DELTA)  # runs that ask the source


class Overlap(models.TextChoices):
    """What becomes of a due time while another run of the source is queued or reading."""

    SKIP = "skip", _("leave this one out")
    WAIT = "wait", _("wait until that one has ended, then start once")
    QUEUE = "queue", _("put one run in the queue behind it")


class SyncSchedule(models.Model):
    """One line of the timetable. Cron in its own zone; `unique(schedule, due_at)` on the run makes a double tick harmless."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="schedules")
    cron = models.CharField(_("when"), max_length=100, help_text=_("Minute, hour, day, month, weekday: “0 2 * * *” is every night at two."))
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Berlin")
    mode = models.CharField(_("reads"), max_length=8, choices=RunMode.choices, default=RunMode.DELTA)
    overlap = models.CharField(
        _("while another run of this source is at work"), max_length=6, choices=Overlap.choices, default=Overlap.SKIP
    )
    jitter_minutes = models.PositiveSmallIntegerField(
        _("spread the start over so many minutes"),
        default=0,
        help_text=_(
            "0 starts on the minute. More lets the run begin up to so many minutes later, so that not every system is asked at once."
        ),
    )
    is_active = models.BooleanField(_("active"), default=True)
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    history = HistoricalRecords(excluded_fields=["next_due_at"])

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        ordering = ["connector", "id"]

    def __str__(self) -> str:
        return f"{self.connector}: {self.cron}"

    def upcoming(self, after: datetime) -> Iterator[datetime]:
        """When it is due after that, jitter included, without end. Raises SettingInvalid."""
        return upcoming(self.cron, self.time_zone, after, self.jitter_minutes, self.connector.key)

    def next_due(self, after: datetime) -> datetime:
        return next(self.upcoming(after))


class DayTurn(models.Model):
    """A day that has begun here: what the calendar brings about (dated names of value maps) is done once for it."""

    on = models.DateField(unique=True)

    def __str__(self) -> str:
        return self.on.isoformat()


class Blackout(models.Model):
    """A stretch in which no scheduled run starts. What fell due in it runs once when it ends."""

    name = models.CharField(_("name"), max_length=100)
    connector = models.ForeignKey(
        Connector, null=True, blank=True, on_delete=models.CASCADE, related_name="blackouts", help_text=_("Empty means every connector.")
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("blackout window")
        ordering = ["-starts_at"]

    def __str__(self) -> str:
        return self.name
