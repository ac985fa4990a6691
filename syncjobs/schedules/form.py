"""The forms of the timetable."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import clock
from config.errors import SettingInvalid
from syncjobs.schedules.due import upcoming
from syncjobs.schedules.models import Blackout, RunMode, SyncSchedule

CLOSEST = timedelta(minutes=5)  # runs closer together than this would only wait for each other


def _dress(form: forms.BaseForm) -> None:
    for field in form.fields.values():
        if not isinstance(field, forms.BooleanField):
            field.widget.attrs["class"] = "rc-field"


class ScheduleForm(forms.ModelForm):
    """One line. The connector is chosen once; afterwards it stays."""

    mode = forms.ChoiceField(label=gettext_lazy("Reads"), choices=[(mode.value, mode.label) for mode in (RunMode.DELTA, RunMode.FULL)])

    class Meta:
        model = SyncSchedule
        fields = ("connector", "cron", "time_zone", "mode", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sources: Any = self.fields["connector"]
        sources.queryset = sources.queryset.filter(is_target=False)
        if self.instance.pk:
            del self.fields["connector"]
        _dress(self)

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"].strip()
        if name not in available_timezones():
            raise ValidationError(_("There is no time zone of this name. Write it like Europe/Berlin."))
        return name

    def clean_cron(self) -> str:
        cron: str = " ".join(self.cleaned_data["cron"].split())
        try:
            moments = upcoming(cron, "UTC", clock.now())
            first, second = next(moments), next(moments)
        except (SettingInvalid, StopIteration) as error:
            raise ValidationError(_("This is no timetable: five fields, as in “0 2 * * *” for every night at two.")) from error
        if second - first < CLOSEST:
            raise ValidationError(_("Runs need at least five minutes between them."))
        return cron


class BlackoutForm(forms.ModelForm):
    """A stretch without scheduled runs. Times are in the reader's zone."""

    class Meta:
        model = Blackout
        fields = ("name", "connector", "starts_at", "ends_at")

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
