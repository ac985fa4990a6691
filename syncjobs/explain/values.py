"""Values of a person as people read them: dates in words, lists joined, units by name, masked where the reader may not see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from config.parts.shapes import Text
from config.roles.masking import Sight
from config.say import said
from identity.organisation.models import OrgUnit
from integrations.canonical import BY_KEY, Attribute
from syncjobs.plans.fields import FIELDS

WORDS: Mapping[tuple[str, str], Text] = {  # values that are words of ours, whatever the source writes for them
    ("worker_type", "employee"): gettext_lazy("employee"),
    ("worker_type", "contingent"): gettext_lazy("contractor"),
    ("status", "active"): gettext_lazy("active"),
    ("status", "inactive"): gettext_lazy("inactive"),
    ("status", "terminated"): gettext_lazy("employment ended"),
    ("status", "pending"): gettext_lazy("not started yet"),
}
APART = frozenset({"manager_lines", "unit"})  # shown in a table of their own; an id that the path names in words


def label(key: str) -> str:
    """What an attribute is called on screens."""
    return _(BY_KEY[key].label) if key in BY_KEY else key.replace("_", " ").capitalize()


def field_label(key: str) -> str:
    """What a field of an account in a learning system is called on screens."""
    text = said(FIELDS[key]) if key in FIELDS else label(key)
    return text[:1].upper() + text[1:]


def words(key: str, value: Any, sight: Sight, units: Mapping[str, str] | None = None) -> str:
    """One value, ready to read; an empty text for nothing."""
    if value is None or value == "" or value == []:
        return ""
    attribute = BY_KEY.get(key, Attribute(key, key))
    if key == "compliance_flags" and isinstance(value, list):
        value = ", ".join(map(str, value))  # side by side; only units are nested
    if attribute.personal:
        value = sight.value(value, "email" if attribute.type == "email" else "text")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return " › ".join((units or {}).get(str(one), str(one)) for one in value)
    if attribute.type == "language":
        return _language(str(value))
    if attribute.type == "date":
        return _day(value)
    return str(WORDS.get((key, str(value).lower()), value))


def _language(code: str) -> str:
    """“Italian” for it; the code itself where the language is not known."""
    try:
        return str(get_language_info(code.replace("_", "-").lower())["name_translated"])
    except KeyError:
        return code


def _day(value: Any) -> str:
    try:
        return formats.date_format(date.fromisoformat(str(value)), _("j M Y"))
    except ValueError:
        return str(value)


def personal(*sheets: Mapping[str, Any]) -> list[str]:
    """Every personal text in these values, and every field that is another system's: what a sentence about them may quote."""
    return [
        value
        for values in sheets
        for key, value in values.items()
        if isinstance(value, str) and (key not in BY_KEY or BY_KEY[key].personal)
    ]


def unit_names(sheets: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Names of all units that these values mention: id → name. One query."""
    wanted = {str(unit) for values in sheets for unit in (*(values.get("unit_path") or ()), values.get("unit") or "") if unit}
    return dict(OrgUnit.objects.filter(external_id__in=wanted).values_list("external_id", "name")) if wanted else {}


def operation_word(operation: str) -> str:
    """What a write does to the account, in words."""
    return {
        "create": _("make the account"),
        "update": _("change the account"),
        "deactivate": _("suspend the account"),
        "reactivate": _("open the account again"),
        "cohorts": _("set the groups"),
        "set_manager": _("set the manager"),
    }.get(operation, operation.replace("_", " "))
