"""What a change of a connector's settings is, in the words of its form, and whether it means another reading. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from config.audit.chain import digest
from integrations.connectors.addresses import servers
from integrations.vendors.base import Setting, Vendor

NOTHING: tuple[Any, ...] = (None, "", [], ())
FEW = 6  # entries of a list that are named one by one


def setting_changes(vendor: type[Vendor], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """One sentence a setting that differs, in the order of the form: “Tenant: acme → acme_preview”. Never about a secret."""
    found = []
    for one in vendor.settings:
        was, now = held(one, old), held(one, new)
        if one.kind == "secret" or was == now:
            continue
        if one.kind == "list":
            found.append(list_change(_(one.label), list(map(str, was or ())), list(map(str, now or ()))))
        else:
            found.append(change(_(one.label), shown(one, was), shown(one, now)))
    return found


def change(label: str, old: str, new: str) -> str:
    return _("%(what)s: %(old)s → %(new)s") % {"what": label, "old": old, "new": new}


def held(one: Setting, settings: Mapping[str, Any]) -> Any:
    """The value that counts: the default where none was set, and one kind of nothing."""
    value = settings.get(one.key)
    value = one.default if value in NOTHING and one.kind != "boolean" else value
    if one.kind == "boolean":
        return bool(one.default if value is None else value)
    return None if value in NOTHING else list(value) if isinstance(value, list | tuple) else value


def shown(one: Setting, value: Any) -> str:
    if one.kind == "boolean":
        return _("yes") if value else _("no")
    if value is None:
        return _("nothing")
    return _(dict(one.choices).get(str(value), "")) if str(value) in dict(one.choices) else str(value)


def list_change(label: str, old: list[str], new: list[str]) -> str:
    """What was added and what was taken out; of many only how many."""
    added, gone = [item for item in new if item not in old], [item for item in old if item not in new]
    if not added and not gone:
        return _("%(what)s: in another order") % {"what": label}
    parts = [
        *([_("added %(items)s") % {"items": _named(added)}] if added else []),
        *([_("taken out %(items)s") % {"items": _named(gone)}] if gone else []),
    ]
    return f"{label}: {'; '.join(parts)}"


def _named(items: list[str]) -> str:
    if len(items) <= FEW:
        return ", ".join(items)
    return _("%(items)s and %(n)s more") % {"items": ", ".join(items[:FEW]), "n": len(items) - FEW}


def reading_of(vendor: type[Vendor], settings: Mapping[str, Any]) -> str:
    """What is read and from where, as 64 signs: two that differ mean that everything has to be read again."""
    return digest({one.key: held(one, settings) for one in vendor.settings if one.kind != "secret" and not one.is_manner})


def moves(vendor: type[Vendor], old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether another server is asked from now on."""
    return servers(vendor, old) != servers(vendor, new)
