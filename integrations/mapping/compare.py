"""What differs between two versions, in words. Plain values in, sentences out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from integrations.mapping.models import Direction, NullPolicy, Strength
from integrations.mapping.rows import RowLike
from integrations.mapping.shapes import Shape
from integrations.mapping.versions import as_values

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One attribute. `kind`: added, removed, changed. `sentences` in the reader's language."""

    target: str
    label: str
    kind: str
    sentences: tuple[str, ...]


def compare(old: Iterable[RowLike], new: Iterable[RowLike], shape: Shape) -> list[Difference]:
    """In the order of the new version, what went last. Equal rows, and a changed order alone, say nothing."""
    before = {row.target: as_values(row) for row in old}
    after = {row.target: as_values(row) for row in new}
    found = [
        _added(target, values, shape) if target not in before else _changed(target, before[target], values, shape)
        for target, values in after.items()
        if before.get(target) != values
    ]
    gone = [
        Difference(target, label_of(target, shape), "removed", (_("Is no longer filled; was taken from “%s”.") % values["source"],))
        for target, values in before.items()
        if target not in after
    ]
    return found + gone


def label_of(target: str, shape: Shape) -> str:
    known = shape.attributes.get(target)
    return str(known.label) if known else target


def _added(target: str, values: Values, shape: Shape) -> Difference:
    sentences = [_("Is now filled, taken from “%s”.") % values["source"]]
    if values["transforms"]:
        sentences.append(_("Changed by: %s.") % chain(values["transforms"]))
    if values["condition"]:
        sentences.append(_("Only when %s.") % values["condition"])
    if values["required"]:
        sentences.append(_("It is required."))
    return Difference(target, label_of(target, shape), "added", tuple(sentences))


def _changed(target: str, before: Values, after: Values, shape: Shape) -> Difference:
    say = {
        "source": _("Taken from “%(new)s” instead of “%(old)s”.") % {"new": after["source"], "old": before["source"]},
        "transforms": _("Changed by: %(new)s (was: %(old)s).") % {"new": chain(after["transforms"]), "old": chain(before["transforms"])},
        "condition": _("Only when: %(new)s (was: %(old)s).") % _conditions(before, after),
        "required": _("It is now required.") if after["required"] else _("It is no longer required."),
        "null_policy": _("When empty: %(new)s (was: %(old)s).") % _named(NullPolicy, before, after, "null_policy"),
        "strength": _("Strength: %(new)s (was: %(old)s).") % _named(Strength, before, after, "strength"),
        "direction": _("Direction: %(new)s (was: %(old)s).") % _named(Direction, before, after, "direction"),
    }
    sentences = tuple(sentence for field, sentence in say.items() if before[field] != after[field])
    return Difference(target, label_of(target, shape), "changed", sentences)


def _conditions(before: Values, after: Values) -> dict[str, str]:
    return {"new": after["condition"] or _("always"), "old": before["condition"] or _("always")}


def _named(words: Any, before: Values, after: Values, field: str) -> dict[str, str]:
    return {"new": str(words(after[field]).label), "old": str(words(before[field]).label)}


def chain(transforms: Sequence[str]) -> str:
    return ", ".join(transforms) or _("nothing")
