"""The forms of a connector, made from what its vendor declares. Secrets can be written here and are never shown again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.errors import AddressRefused, FixSetup
from config.say import said
from integrations.connectors.addresses import refuse_moved_secret
from integrations.connectors.models import Connector, Credential
from integrations.connectors.open import guard
from integrations.vendors import vendor_class
from integrations.vendors.base import Setting, Vendor

STORED = "(stored)"  # stands for a secret that is kept, while the form is checked; never used to sign in


class ConnectorForm(forms.Form):
    """Name, settings and secrets. `prefix` of a setting's field is its own key, so that errors find their field."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, help_text=gettext_lazy("What people call it: Workday, HR extract, Academy.")
    )

    def __init__(self, vendor: type[Vendor], connector: Connector | None = None, data: Any = None) -> None:
        super().__init__(data)
        self.vendor, self.connector = vendor, connector
        self.kept = {one.name: one for one in Credential.objects.filter(connector=connector).defer("value")} if connector else {}
        self.fields["name"].initial = connector.name if connector else _(vendor.label)
        held: Mapping[str, Any] = connector.settings if connector else {}
        for setting in vendor.settings:
            self.fields[setting.key] = _field(setting, held.get(setting.key, setting.default), setting.key in self.kept)
        for field in self.fields.values():
            _dress(field)

    @property
    def secret_keys(self) -> list[str]:
        return [setting.key for setting in self.vendor.settings if setting.kind == "secret"]

    def settings(self) -> dict[str, Any]:
        """The settings as they are stored: lists as lists, nothing that is secret, unknown older keys kept."""
        said = {
            setting.key: _plain(setting, self.cleaned_data.get(setting.key)) for setting in self.vendor.settings if setting.kind != "secret"
        }
        return {**(self.connector.settings if self.connector else {}), **said}

    def secrets(self) -> dict[str, str]:
        """Those that were typed; what is left empty stays as it is stored."""
        return {key: text for key in self.secret_keys if (text := self.cleaned_data.get(key, ""))}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        try:
            self.vendor.checked(self.settings(), {**dict.fromkeys(self.kept, STORED), **self.secrets()})
            self._check_addresses()
        except FixSetup as wrong:
            if wrong.field not in self.errors:  # an empty required field has said so already
                self.add_error(wrong.field if wrong.field in self.fields else None, said(wrong.kept))
        return given

    def _check_addresses(self) -> None:
        """Raises AddressRefused or SettingInvalid, so that a mistake is told here and not by the first call."""
        may_call, said = guard(), self.settings()
        for setting in self.vendor.settings:
            if setting.kind == "url" and said.get(setting.key):
                try:
                    may_call.check_url(str(said[setting.key]))
                except AddressRefused as refused:
                    raise AddressRefused(refused.detail, field=setting.key) from refused
        if self.connector is not None:
            refuse_moved_secret(self.vendor, self.connector.settings, said, self.kept, self.secrets())

    def new_key(self) -> str:
        """A key nobody has, from the name."""
        wish = slugify(self.cleaned_data["name"])[:40] or self.vendor.key.replace("_", "-")
        taken = set(Connector.objects.filter(key__startswith=wish).values_list("key", flat=True))
        return next(key for key in (wish, *(f"{wish}-{number}" for number in range(2, len(taken) + 3))) if key not in taken)


def _field(setting: Setting, held: Any, is_kept: bool) -> forms.Field:
    said: dict[str, Any] = {
        "label": _(setting.label),
        "help_text": _(setting.help) if setting.help else "",
        "required": False,
        "initial": held,
    }
    match setting.kind:
        case "boolean":
            return forms.BooleanField(**said)
        case "integer":
            return forms.IntegerField(**said)
        case "choice":
            choices = [(value, _(text)) for value, text in setting.choices]
            return forms.ChoiceField(choices=choices if setting.required or setting.default is not None else [("", "–"), *choices], **said)
        case "list":
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), **{**said, "initial": "\n".join(map(str, held or ()))})
        case "secret":
            hidden = forms.PasswordInput(attrs={"autocomplete": "new-password", "placeholder": _("kept as it is") if is_kept else ""})
            return forms.CharField(widget=hidden, strip=False, **{**said, "initial": None, "required": setting.required and not is_kept})
        case "url":
            return forms.CharField(
                max_length=500, widget=forms.TextInput(attrs={"inputmode": "url"}), **{**said, "required": setting.required}
            )
    return forms.CharField(max_length=1000, **{**said, "required": setting.required})


def _dress(field: forms.Field) -> None:
    if not isinstance(field, forms.BooleanField):
        field.widget.attrs["class"] = "rc-field"


def _plain(setting: Setting, value: Any) -> Any:
    if setting.kind == "list":
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]
    return value


# ── limits, pilot group, policy ─────────────────────────────────────────────────────────────────────

KINDS: tuple[tuple[str, Any], ...] = (
    ("create", gettext_lazy("New accounts")),
    ("update", gettext_lazy("Changed accounts")),
    ("deactivate", gettext_lazy("Suspended accounts")),
    ("reactivate", gettext_lazy("Accounts opened again")),
    ("link", gettext_lazy("Accounts joined")),
)
PILOTS: tuple[tuple[str, Any], ...] = (
    ("units", gettext_lazy("Business units")),
    ("locations", gettext_lazy("Locations")),
    ("people", gettext_lazy("Person or employee numbers")),
)
LEAVER_RULES = (
    ("termination_date", gettext_lazy("at the end of the termination date")),
    ("last_day", gettext_lazy("at the end of the last working day")),
    ("first", gettext_lazy("after whichever of the two comes first")),
    ("last", gettext_lazy("after whichever of the two comes last")),
)
INACTIVE = (
    ("left", gettext_lazy("has left")),
    ("active", gettext_lazy("still works here")),
)
BEFORE_START = (
    ("none", gettext_lazy("get their account on the first day")),
    ("suspended", gettext_lazy("get a suspended account at once")),
)
ON_LEAVE = (("active", gettext_lazy("keep access")), ("suspended", gettext_lazy("are suspended while away")))


class LimitsForm(forms.Form):
    """How much a run may change alone, in words: from so many people on, not more than a share, never more than so many."""

    def __init__(self, connector: Connector, defaults: Mapping[str, Any], data: Any = None) -> None:
        super().__init__(data)
        self.defaults, self.kept = defaults, connector.guard
        for kind, change in KINDS:
            own = {**defaults, **(connector.guard.get(kind) or connector.guard.get("all") or {})}
            self.fields[f"{kind}_people"] = forms.IntegerField(
                min_value=1, max_value=1_000_000, initial=own["people"], label=f"{change}: {_('from so many people on')}"
            )
            self.fields[f"{kind}_share"] = forms.FloatField(
                min_value=0, max_value=100, initial=round(float(own["share"]) * 100, 2), label=f"{change}: {_('percent')}"
            )
            self.fields[f"{kind}_most"] = forms.IntegerField(
                min_value=1, max_value=10_000_000, initial=own["most"], label=f"{change}: {_('never more than')}"
            )
        for field in self.fields.values():
            _dress(field)

    def rows(self) -> list[tuple[Any, Any, Any, Any]]:
        return [(label, self[f"{kind}_people"], self[f"{kind}_share"], self[f"{kind}_most"]) for kind, label in KINDS]

    def guard(self) -> dict[str, Any]:
        """What differs from what holds anyway. A usual number that is not said here leaves the word to the other side's limits."""
        said, own = self.cleaned_data, {kind: limit for kind, limit in self.kept.items() if kind not in dict(KINDS)}
        anyway = {**self.defaults, **own.get("all", {})}
        for kind, _label in KINDS:
            limit = {"people": said[f"{kind}_people"], "share": round(said[f"{kind}_share"] / 100, 4), "most": said[f"{kind}_most"]}
            if limit != anyway:
                own[kind] = {name: number for name, number in limit.items() if number != self.defaults[name]} or limit
        return own


class PolicyForm(forms.Form):
    """Who takes part, and when people come and go.

    `has_reasons`: something of this source fills the reason for leaving; without one a rule about reasons could never apply.
    """

    def __init__(self, connector: Connector, data: Any = None, *, has_reasons: bool = True) -> None:
        super().__init__(data)
        self.connector = connector
        self.has_reasons = has_reasons or bool(connector.policy.get("urgent_reasons"))
        for key, label in PILOTS:
            held = "\n".join(map(str, connector.pilot.get(key) or ()))
            self.fields[key] = forms.CharField(
                label=label, required=False, initial=held, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("One a line.")
            )
        self._policy_fields(connector.policy)
        for field in self.fields.values():
            _dress(field)

    def _policy_fields(self, held: Mapping[str, Any]) -> None:
        if self.connector.is_target:
            choose = {"before_start": (_("People who start later"), BEFORE_START), "on_leave": (_("People on leave"), ON_LEAVE)}
            if any(setting.key == "preboarding" for setting in vendor_of(self.connector).settings):
                del choose["before_start"]  # asked once, among the settings
            for key, (label, choices) in choose.items():
                self.fields[key] = forms.ChoiceField(label=label, choices=choices, initial=held.get(key, choices[0][0]))
            self.fields["nightly_hour"] = forms.IntegerField(
                label=_("Hour at which changes go that wait for the night"),
                required=False,
                min_value=0,
                max_value=23,
                initial=held.get("nightly_hour", 2),
                help_text=_("0 to 23, where the organisation is. Which changes wait is said by the rows of the mapping."),
            )
            return
        self.fields["leaver_rule"] = forms.ChoiceField(
            label=_("Leavers lose access"), choices=LEAVER_RULES, initial=held.get("leaver_rule", "termination_date")
        )
        self.fields["ready_days_before"] = forms.IntegerField(
            label=_("Days before the hire date that people count as starting soon"),
            min_value=0,
            max_value=365,
            initial=held.get("ready_days_before", 0),
        )
        self.fields["inactive"] = forms.ChoiceField(
            label=_("Whoever is inactive without a last day"),
            choices=INACTIVE,
            initial=held.get("inactive", "left"),
            help_text=_("Of people whose status says inactive, who are not on leave and start on no later day."),
        )
        if self.has_reasons:
            self.fields["urgent_reasons"] = forms.CharField(
                label=_("Reasons for leaving that end access at once"),
                required=False,
                initial="\n".join(held.get("urgent_reasons", ())),
                widget=forms.Textarea(attrs={"rows": 3}),
                help_text=_("One a line, as the source writes them."),
            )
        self.fields["number_issuer"] = forms.SlugField(
            label=_("Who gives out the employee numbers"),
            initial=held.get("number_issuer", "hr"),
            help_text=_("Sources with the same word here share their numbers: the same number means the same person."),
        )
        self.fields["hold_lapses_hours"] = forms.IntegerField(
            label=_("Hours until a stopped plan lapses"), min_value=1, max_value=720, initial=held.get("hold_lapses_hours", 48)
        )

    def pilot(self) -> dict[str, list[str]]:
        said = {key: _lines(self.cleaned_data[key]) for key, _label in PILOTS}
        return {key: lines for key, lines in said.items() if lines}

    def policy(self) -> dict[str, Any]:
        names = [name for name in self.fields if name not in dict(PILOTS)]
        said = {name: self.cleaned_data[name] for name in names if self.cleaned_data[name] is not None}
        if "urgent_reasons" in said:
            said["urgent_reasons"] = _lines(said["urgent_reasons"])
        return {**self.connector.policy, **said}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class SecretForm(forms.Form):
    """One secret, typed once."""

    value = forms.CharField(
        label=gettext_lazy("New secret"),
        strip=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"class": "rc-field", "rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("It is encrypted at once and never shown again."),
    )


SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
LARGEST = 1024**3


class UploadForm(forms.Form):
    """A file for a connector that reads uploaded ones."""

    file = forms.FileField(
        label=gettext_lazy("File"), help_text=gettext_lazy("CSV, TSV or XLSX, at most 1 GB. The first row names the columns.")
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not file.name.lower().endswith(SUFFIXES):
            raise ValidationError(_("This is no table: choose a CSV, TSV or XLSX file."))
        if file.size > LARGEST:
            raise ValidationError(_("The file is larger than 1 GB."))
        return file


def vendor_of(connector: Connector) -> type[Vendor]:
    return vendor_class(connector.vendor)
