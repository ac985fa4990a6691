"""The forms of the mapping pages. A row is checked as the compiler would read it, each field with its own message."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.errors import MappingInvalid
from config.say import said
from integrations.canonical import Attribute
from integrations.mapping.conditions import condition
from integrations.mapping.expressions import roots, source
from integrations.mapping.models import Direction, FieldMapping, MappingVersion, NullPolicy, Route, Strength
from integrations.mapping.shapes import Shape
from integrations.mapping.transforms import build_all
from integrations.mapping.versions import as_values

MOST_ROWS = 200  # of one mapping; a worker has thirty-one attributes


def _checked(check: Any, *given: Any) -> None:
    try:
        check(*given)
    except MappingInvalid as error:
        raise forms.ValidationError(said(error.detail)) from error


def in_a_list(attribute: Attribute, is_needed: bool) -> str:
    """“Hire date (date)”; an attribute without which nothing can be published carries a star."""
    kinds = {
        "email": _("e-mail"),
        "date": _("date"),
        "boolean": _("yes or no"),
        "country": _("country"),
        "zone": _("time zone"),
        "status": _("one of five words"),
        "language": _("language"),
        "lines": _("lines"),
        "list": _("list"),
    }
    kind = kinds.get(attribute.type)
    return f"{_(attribute.label)}{' *' if is_needed else ''}{f' ({kind})' if kind else ''}"


class RowForm(forms.Form):
    """One row of a mapping. Transforms are written one a line."""

    target = forms.CharField(label=gettext_lazy("Fills"), max_length=60)
    source = forms.CharField(label=gettext_lazy("Taken from"), max_length=500)
    transforms = forms.CharField(label=gettext_lazy("Changed by"), required=False, max_length=4000, strip=False)
    condition = forms.CharField(label=gettext_lazy("Only when"), required=False, max_length=300)
    required = forms.BooleanField(label=gettext_lazy("Required"), required=False)
    null_policy = forms.ChoiceField(label=gettext_lazy("When empty"), choices=NullPolicy.choices, initial=NullPolicy.KEEP)
    strength = forms.ChoiceField(label=gettext_lazy("Strength"), choices=Strength.choices, initial=Strength.ALWAYS)
    direction = forms.ChoiceField(label=gettext_lazy("Direction"))
    route = forms.ChoiceField(label=gettext_lazy("Arrives"), choices=Route.choices, initial=Route.AT_ONCE)

    def __init__(self, *args: Any, shape: Shape, place: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shape, self.place = shape, place
        inward = [Direction.IN, Direction.NEVER]
        allowed = [Direction.OUT, Direction.NEVER] if shape.is_out else inward
        self.fields["direction"] = forms.ChoiceField(
            label=_("Direction"), choices=[(one.value, one.label) for one in allowed], initial=allowed[0].value
        )
        if not shape.is_out:
            del self.fields["route"]  # what comes in is read when its run reads it
        if not shape.is_open:
            choices = [("", _("choose…")), *((key, in_a_list(one, key in shape.needed)) for key, one in shape.attributes.items())]
            self.fields["target"] = forms.ChoiceField(label=_("Fills"), choices=choices)
        self._dress()

    def _dress(self) -> None:
        """Names for those who cannot see the heading of the column, and the site's own look."""
        for name, one in self.fields.items():
            if name == "transforms":
                one.widget = forms.Textarea(attrs={"rows": max(1, len(self.lines())), "cols": 18, "spellcheck": "false"})
            widget = one.widget
            if not isinstance(widget, forms.CheckboxInput):
                widget.attrs |= {"class": "rc-field rc-map-field", "aria-label": f"{one.label}, {_('row %s') % self.place}"}
            if name == "source":
                widget.attrs |= {"list": "source-fields", "spellcheck": "false", "autocomplete": "off"}

    def lines(self) -> list[str]:
        """The transforms as they are written now, saved or not."""
        text = (
            self.data.get(self.add_prefix("transforms"), "")
            if self.is_bound
            else self.get_initial_for_field(self.fields["transforms"], "transforms")
        )
        return [line.rstrip("\r") for line in str(text or "").split("\n") if line.strip()]

    def clean_source(self) -> str:
        path: str = self.cleaned_data["source"]
        _checked(source, path)
        _checked(roots, path)
        return path

    def clean_transforms(self) -> list[str]:
        specs = [line.rstrip("\r").lstrip() for line in self.cleaned_data["transforms"].split("\n") if line.strip()]
        _checked(build_all, specs)
        return specs

    def clean_condition(self) -> str:
        text: str = self.cleaned_data["condition"]
        _checked(condition, text)
        return text

    @property
    def is_used(self) -> bool:
        """Says something, and is not to be removed. An empty row at the end says nothing."""
        return bool(self.cleaned_data.get("target")) and not self.cleaned_data.get("DELETE")

    def in_words(self) -> tuple[str, str, str]:
        """Of a row with errors: what it fills, where from, what is wrong."""
        wrong = "; ".join(str(message) for messages in self.errors.values() for message in messages)
        return self["target"].value() or _("row %s") % self.place, str(self["source"].value() or ""), wrong

    def row_as_stored(self) -> FieldMapping:
        """Of a form that was not sent: the row it was made from."""
        return FieldMapping(**{**self.initial, "transforms": self.lines()})

    def row(self) -> FieldMapping:
        """The row as it stands in the form; only of a form without errors. Not saved."""
        return FieldMapping(**{name: value for name, value in self.cleaned_data.items() if name != "DELETE"})


class _Rows(forms.BaseFormSet):
    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"place": (index or 0) + 1}

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove row %s") % form.place

    def clean(self) -> None:
        """No attribute twice."""
        seen: set[str] = set()
        for form in self.filled():
            target = form.cleaned_data.get("target", "")
            if target in seen:
                form.add_error("target", _("Another row fills this already."))
            seen.add(target)

    def filled(self) -> list[RowForm]:
        return [form for form in self.forms if form.is_valid() and form.is_used]

    def broken(self) -> list[RowForm]:
        return [form for form in self.forms if not form.is_valid() and not form.data.get(form.add_prefix("DELETE"))]

    def rows(self) -> list[FieldMapping]:
        return [form.row() for form in self.filled()]

    def values(self) -> list[dict[str, Any]]:
        return [as_values(row) for row in self.rows()]


def row_forms(shape: Shape, *, data: Any = None, version: MappingVersion | None = None, extra: int = 1) -> Any:
    """The rows of a version, or what was sent, and `extra` empty ones."""
    kind = forms.formset_factory(RowForm, formset=_Rows, extra=extra, can_delete=True, max_num=MOST_ROWS, absolute_max=MOST_ROWS)
    initial = [as_values(row) | {"transforms": "\n".join(row.transforms)} for row in version.rows.all()] if version else []
    return kind(data, initial=initial, prefix="rows", form_kwargs={"shape": shape})


class RowOfMapForm(forms.Form):
    """One code and its name."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=200)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=300)
    valid_from = forms.DateField(label=gettext_lazy("From"), required=False)
    valid_until = forms.DateField(label=gettext_lazy("Until"), required=False)


class MapForm(forms.Form):
    """A new value map."""

    key = forms.SlugField(label=gettext_lazy("Key"), max_length=50)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)


class FileForm(forms.Form):
    """A file for a value map."""

    file = forms.FileField(label=gettext_lazy("CSV file"))
    replace = forms.BooleanField(label=gettext_lazy("Remove codes that are not in the file"), required=False)


def display(value: Any, most: int = 120) -> str:
    """A value as it can be read on a page."""
    if value is None or value == "":
        return "–"
    text = (
        value
        if isinstance(value, str)
        else _("yes")
        if value is True
        else _("no")
        if value is False
        else json.dumps(value, ensure_ascii=False, default=str)
    )
    return text if len(text) <= most else f"{text[: most - 1]}…"
