"""The forms of the timetable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from types import MappingProxyType
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import clock
from config.errors import SettingInvalid
from config.say import said
from syncjobs.schedules.due import check
from syncjobs.schedules.models import Blackout, RunMode, SyncSchedule
from syncjobs.schedules.plain import EVERY_HOURS, EVERY_MINUTES, LAST_DAY, How, Plain, from_cron, to_cron
from syncjobs.schedules.words import day_name

WHEN = ("days", "day", "every_hours", "minute", "every_minutes", "at", "cron")


def _dress(form: forms.BaseForm) -> None:
    for field in form.fields.values():
        if not isinstance(field, forms.BooleanField | forms.MultipleChoiceField) and not isinstance(field.widget, forms.RadioSelect):
            field.widget.attrs["class"] = "rc-field"


def _week() -> Iterator[tuple[int, str]]:
    """Monday first, in the reader's language."""
    yield from ((day, day_name(day)) for day in (1, 2, 3, 4, 5, 6, 0))


class ScheduleForm(forms.ModelForm):
    """One line, asked for in plain words. The connector is chosen once; afterwards it stays.

    The fields of `how` the reader did not choose are ignored, whatever stands in them: without scripts all of them are sent.
    """

    how = forms.ChoiceField(label=gettext_lazy("How often"), choices=How.choices, widget=forms.RadioSelect)
    at = forms.TimeField(
        label=gettext_lazy("At"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S"],
    )
    days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On these days"), required=False, coerce=int, choices=_week, widget=forms.CheckboxSelectMultiple
    )
    day = forms.IntegerField(
        label=gettext_lazy("Day of the month"),
        required=False,
        min_value=1,
        max_value=LAST_DAY,
        help_text=gettext_lazy("1 to 28, so that every month has it."),
    )
    every_hours = forms.TypedChoiceField(
        label=gettext_lazy("Hours between two runs"), required=False, coerce=int, choices=[(n, str(n)) for n in EVERY_HOURS]
    )
    minute = forms.IntegerField(label=gettext_lazy("Minutes past the hour"), required=False, min_value=0, max_value=59)
    every_minutes = forms.TypedChoiceField(
        label=gettext_lazy("Minutes between two runs"), required=False, coerce=int, choices=[(n, str(n)) for n in EVERY_MINUTES]
    )
    mode = forms.ChoiceField(label=gettext_lazy("Reads"), choices=[(mode.value, mode.label) for mode in (RunMode.DELTA, RunMode.FULL)])

    class Meta:
        model = SyncSchedule
        fields = ("connector", "cron", "time_zone", "mode", "overlap", "jitter_minutes", "is_active")
        labels = {"connector": gettext_lazy("Source"), "cron": gettext_lazy("Line of cron"), "time_zone": gettext_lazy("Time zone")}
        widgets = {"time_zone": forms.TextInput(attrs={"list": "zones", "autocomplete": "off"})}

    # Which fields belong to which `how`; a page shows only these where it can (integrations/forms.css).
    FIELDS_OF = MappingProxyType(
        {
            How.DAILY: ("at",),
            How.WEEKDAYS: ("at",),
            How.DAYS: ("days", "at"),
            How.MONTHLY: ("day", "at"),
            How.HOURS: ("every_hours", "minute"),
            How.MINUTES: ("every_minutes",),
            How.EXPERT: ("cron",),
        }
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sources: Any = self.fields["connector"]
        sources.queryset = sources.queryset.filter(is_target=False)
        if self.instance.pk:
            del self.fields["connector"]
        self.fields["cron"].required = False
        cron = self.instance.cron
        meant = (from_cron(cron) if cron else Plain(How.DAILY)) or Plain(How.EXPERT)
        self.initial = {**asdict(meant), **self.initial}
        _dress(self)

    def when(self) -> list[tuple[forms.BoundField, str]]:
        """The fields that say when, in the order of a sentence, each with the choices of `how` it belongs to."""
        return [(self[name], " ".join(how for how, fields in self.FIELDS_OF.items() if name in fields)) for name in WHEN]

    def rest(self) -> list[forms.BoundField]:
        return [self[name] for name in ("time_zone", "mode", "overlap", "jitter_minutes", "is_active")]

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"].strip()
        if name not in available_timezones():
            raise ValidationError(_("There is no time zone of this name. Write it like Europe/Berlin."))
        return name

    def clean(self) -> dict[str, Any]:
        """`cron` becomes the line that was meant, whichever way it was said."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if "how" not in values:
            return values
        how = How(values["how"])
        missing = [name for name in self.FIELDS_OF[how] if name not in self.errors and values.get(name) in (None, "", [])]
        for name in missing:
            self.add_error(name, _("Please fill this in."))
        if missing or any(name in self.errors for name in self.FIELDS_OF[how]):
            return values
        for name in set(WHEN) - set(self.FIELDS_OF[how]):
            self.errors.pop(name, None)  # of a choice that was not made
        values["cron"] = (
            " ".join(values["cron"].split())
            if how == How.EXPERT
            else to_cron(Plain(how, **{key: values[key] for key in self.FIELDS_OF[how]}))
        )
        try:
            check(values["cron"], values.get("jitter_minutes") or 0)
        except SettingInvalid as error:
            self.add_error(self.FIELDS_OF[how][-1] if error.field == "cron" else error.field, _sentence(error))
        return values


def _sentence(error: SettingInvalid) -> str:
    told = said(error.detail)
    return f"{told[:1].upper()}{told[1:]}."


class BlackoutForm(forms.ModelForm):
    """A stretch without scheduled runs. Times are in the reader's zone."""

    class Meta:
        model = Blackout
        fields = ("name", "connector", "starts_at", "ends_at")
        labels = {"connector": gettext_lazy("Source")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in ("starts_at", "ends_at"):
            self.fields[key].widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        chosen: Any = self.fields["connector"]
        chosen.queryset = chosen.queryset.filter(is_target=False)
        chosen.empty_label = _("every source")
        _dress(self)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("starts_at") and said.get("ends_at") and said["ends_at"] <= said["starts_at"]:
            self.add_error("ends_at", _("It has to end after it begins."))
        return said


class PauseForm(forms.Form):
    """Until when, and why."""

    until = forms.DateTimeField(
        label=gettext_lazy("Until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "rc-field"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean_until(self) -> Any:
        if self.cleaned_data["until"] <= clock.now():
            raise ValidationError(_("Choose a time that is still to come."))
        return self.cleaned_data["until"]
