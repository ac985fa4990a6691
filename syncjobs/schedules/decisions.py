"""What a person may do with the timetable: add a line, change it, pause it for a time, remove it, close a stretch."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from config import clock
from config.audit.models import Cause
from config.decisions import Decision, Effect
from config.roles.models import User
from config.sentences import sentence
from syncjobs.schedules.models import Blackout, SyncSchedule


class SaveSchedule(Decision):
    """Add a line of the timetable (`schedule` not yet stored) or change one. Its next due time is worked out anew."""

    label = gettext_lazy("Save the schedule")
    object_type = "syncschedule"

    def __init__(self, actor: User | None, schedule: SyncSchedule) -> None:
        super().__init__(actor)
        self.schedule = schedule

    @property
    def permission(self) -> str:  # type: ignore[override]
        return "syncjobs.change_syncschedule" if self.schedule.pk else "syncjobs.add_syncschedule"

    @property
    def object_id(self) -> str:
        return str(self.schedule.pk or "new")

    @property
    def object_label(self) -> str:
        return str(self.schedule)

    def preview(self) -> Effect:
        """The line as it is written: told in words it would be of one language, and it stays in the trail."""
        line = self.schedule
        return Effect([sentence("%(name)s runs by “%(cron)s”, %(zone)s.", name=line.connector.name, cron=line.cron, zone=line.time_zone)])

    def carry_out(self, cause: Cause) -> None:
        self.schedule.next_due_at = self.schedule.next_due(clock.now())
        self.schedule.save()


class PauseSchedule(Decision):
    """No run by this line until a day, which is always given: a pause without an end is forgotten."""

    label = gettext_lazy("Pause until")
    permission = "syncjobs.change_syncschedule"
    asks_reason = True
    object_type = "syncschedule"

    def __init__(self, actor: User | None, schedule: SyncSchedule, until: datetime) -> None:
        super().__init__(actor)
        self.schedule, self.until = schedule, until

    @property
    def object_id(self) -> str:
        return str(self.schedule.pk)

    @property
    def object_label(self) -> str:
        return str(self.schedule)

    def preview(self) -> Effect:
        until = timezone.localtime(self.until)
        return Effect(
            [sentence("No run by this line before %(until)s. What fell due meanwhile runs once.", until=f"{until:%Y-%m-%d %H:%M}")]
        )

    def carry_out(self, cause: Cause) -> None:
        schedule = SyncSchedule.objects.select_for_update().get(pk=self.schedule.pk)
        schedule.paused_until = self.until
        schedule.save(update_fields=["paused_until"])


class ResumeSchedule(Decision):
    """End the pause now."""

    label = gettext_lazy("Resume")
    permission = "syncjobs.change_syncschedule"
    object_type = "syncschedule"

    def __init__(self, actor: User | None, schedule: SyncSchedule) -> None:
        super().__init__(actor)
        self.schedule = schedule

    @property
    def object_id(self) -> str:
        return str(self.schedule.pk)

    @property
    def object_label(self) -> str:
        return str(self.schedule)

    def preview(self) -> Effect:
        return Effect([sentence("Runs by this line start again at their times; one that fell due meanwhile starts at once.")])

    def carry_out(self, cause: Cause) -> None:
        schedule = SyncSchedule.objects.select_for_update().get(pk=self.schedule.pk)
        schedule.paused_until, schedule.is_active = None, True
        schedule.save(update_fields=["paused_until", "is_active"])


class RemoveSchedule(ResumeSchedule):
    """Take a line off the timetable. Its runs stay."""

    label = gettext_lazy("Remove the schedule")
    permission = "syncjobs.delete_syncschedule"
    asks_reason = True

    def preview(self) -> Effect:
        return Effect(
            [sentence("%(name)s does not run at these times any more. Runs of the past stay.", name=self.schedule.connector.name)]
        )

    def carry_out(self, cause: Cause) -> None:
        SyncSchedule.objects.get(pk=self.schedule.pk).delete()


class SaveBlackout(Decision):
    """Close a stretch of time for scheduled runs."""

    label = gettext_lazy("Add a blackout window")
    permission = "syncjobs.add_blackout"
    object_type = "blackout"

    def __init__(self, actor: User | None, blackout: Blackout) -> None:
        super().__init__(actor)
        self.blackout = blackout

    @property
    def object_id(self) -> str:
        return str(self.blackout.pk or "new")

    @property
    def object_label(self) -> str:
        return self.blackout.name

    def preview(self) -> Effect:
        whose = self.blackout.connector.name if self.blackout.connector else sentence("any source")
        return Effect([sentence("No scheduled run of %(name)s starts in this time; what fell due runs once when it ends.", name=whose)])

    def state(self) -> Any:
        return {"from": self.blackout.starts_at, "until": self.blackout.ends_at}

    def carry_out(self, cause: Cause) -> None:
        self.blackout.save()


class RemoveBlackout(SaveBlackout):
    """Open a stretch again."""

    label = gettext_lazy("Remove the blackout window")
    permission = "syncjobs.delete_blackout"

    def preview(self) -> Effect:
        return Effect([sentence("Scheduled runs start in this time again.")])

    def carry_out(self, cause: Cause) -> None:
        Blackout.objects.filter(pk=self.blackout.pk).delete()
