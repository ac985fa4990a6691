"""What a change of a connector's settings is, in the words of its form, and whether it means another reading. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from typing import Any

from config.audit.chain import digest
from config.sentences import Sentence, sentence
from integrations.connectors.addresses import servers
from integrations.vendors.base import Setting, Vendor

NOTHING: tuple[Any, ...] = (None, "", [], ())
FEW = 6  # entries of a list that are named one by one


def setting_changes(vendor: type[Vendor], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Sentence]:
    """One sentence a setting that differs, in the order of the form: “Tenant: acme → acme_preview”. Never about a secret."""
    found = []
    for one in vendor.settings:
        was, now = held(one, old), held(one, new)
        if one.kind == "secret" or was == now:
            continue
        if one.kind == "list":
            found.append(list_change(Sentence(one.label), list(map(str, was or ())), list(map(str, now or ()))))
        else:
            found.append(change(Sentence(one.label), shown(one, was), shown(one, now)))
    return found


def change(label: Sentence, old: str, new: str) -> Sentence:
    return sentence("%(what)s: %(old)s → %(new)s", what=label, old=old, new=new)


def held(one: Setting, settings: Mapping[str, Any]) -> Any:
    """The value that counts: the default where none was set, and one kind of nothing."""
    value = settings.get(one.key)
    value = one.default if value in NOTHING and one.kind != "boolean" else value
    if one.kind == "boolean":
        return bool(one.default if value is None else value)
    return None if value in NOTHING else list(value) if isinstance(value, list | tuple) else value


def shown(one: Setting, value: Any) -> str:
    """A Sentence where it is a word of ours, a text where somebody typed it."""
    if one.kind == "boolean":
        return sentence("yes") if value else sentence("no")
    if value is None:
        return sentence("nothing")
    words = dict(one.choices)
    return Sentence(words[str(value)]) if str(value) in words else str(value)


def list_change(label: Sentence, old: list[str], new: list[str]) -> Sentence:
    """What was added and what was taken out; of many only how many."""
    added, gone = [item for item in new if item not in old], [item for item in old if item not in new]
    if not added and not gone:
        return sentence("%(what)s: in another order", what=label)
    parts = [
        *([sentence("added %(items)s", items=_some(added))] if added else []),
        *([sentence("taken out %(items)s", items=_some(gone))] if gone else []),
    ]
    return sentence("%(name)s: %(what)s", name=label, what=in_a_row(parts))


def in_a_row(parts: Sequence[Sentence]) -> Sentence:
    """a; b; c"""
    return reduce(lambda first, then: sentence("%(first)s; %(then)s", first=first, then=then), parts)


def _some(items: list[str]) -> str:
    if len(items) <= FEW:
        return ", ".join(items)
    return sentence("%(items)s and %(n)s more", items=", ".join(items[:FEW]), n=len(items) - FEW)


def reading_of(vendor: type[Vendor], settings: Mapping[str, Any], kept: Collection[str] = ()) -> str:
    """What is read and from where, as 64 signs: two that differ mean that everything has to be read again.

    `kept`: the fields that are stored; one that is new among them is empty for everybody until they are read.
    """
    where = {one.key: held(one, settings) for one in vendor.settings if one.kind != "secret" and not one.is_manner}
    return digest([where, sorted(kept)])


def moves(vendor: type[Vendor], old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether another server is asked from now on."""
    return servers(vendor, old) != servers(vendor, new)
