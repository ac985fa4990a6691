"""What differs between two versions, in words. Plain values in, sentences out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from config.say import neutral
from config.sentences import Sentence, sentence
from integrations.mapping.models import Direction, NullPolicy, Route, Strength
from integrations.mapping.rows import RowLike
from integrations.mapping.shapes import Shape
from integrations.mapping.versions import as_values

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One attribute. `kind`: added, removed, changed. `label` and `sentences` are said in the reader's language where they are shown."""

    target: str
    label: Sentence
    kind: str
    sentences: tuple[Sentence, ...]


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
        Difference(
            target,
            label_of(target, shape),
            "removed",
            (sentence("Is no longer filled; was taken from “%(what)s”.", what=values["source"]),),
        )
        for target, values in before.items()
        if target not in after
    ]
    return found + gone


def label_of(target: str, shape: Shape) -> Sentence:
    known = shape.attributes.get(target)
    return neutral(known.label) if known else Sentence(target)


def _added(target: str, values: Values, shape: Shape) -> Difference:
    sentences = [sentence("Is now filled, taken from “%(what)s”.", what=values["source"])]
    if values["transforms"]:
        sentences.append(sentence("Changed by: %(what)s.", what=chain(values["transforms"])))
    if values["condition"]:
        sentences.append(sentence("Only when %(what)s.", what=values["condition"]))
    if values["route"] != Route.AT_ONCE:
        sentences.append(sentence("Arrives: %(what)s.", what=neutral(Route(values["route"]).label)))
    if values["required"]:
        sentences.append(sentence("It is required."))
    return Difference(target, label_of(target, shape), "added", tuple(sentences))


def _changed(target: str, before: Values, after: Values, shape: Shape) -> Difference:
    say = {
        "source": sentence("Taken from “%(new)s” instead of “%(old)s”.", new=after["source"], old=before["source"]),
        "transforms": sentence("Changed by: %(new)s (was: %(old)s).", new=chain(after["transforms"]), old=chain(before["transforms"])),
        "condition": sentence("Only when: %(new)s (was: %(old)s).", **_conditions(before, after)),
        "required": sentence("It is now required.") if after["required"] else sentence("It is no longer required."),
        "null_policy": sentence("When empty: %(new)s (was: %(old)s).", **_named(NullPolicy, before, after, "null_policy")),
        "strength": sentence("Strength: %(new)s (was: %(old)s).", **_named(Strength, before, after, "strength")),
        "route": sentence("Arrives: %(new)s (was: %(old)s).", **_named(Route, before, after, "route")),
        "direction": sentence("Direction: %(new)s (was: %(old)s).", **_named(Direction, before, after, "direction")),
    }
    sentences = tuple(told for field, told in say.items() if before[field] != after[field])
    return Difference(target, label_of(target, shape), "changed", sentences)


def told(differences: Iterable[Difference]) -> list[Sentence]:
    """“Location: Is now filled, taken from “city”.”, one for each thing that differs."""
    return [sentence("%(label)s: %(what)s", label=one.label, what=said) for one in differences for said in one.sentences]


def _conditions(before: Values, after: Values) -> dict[str, str]:
    always = sentence("always")
    return {"new": after["condition"] or always, "old": before["condition"] or always}


def _named(words: Any, before: Values, after: Values, field: str) -> dict[str, str]:
    return {"new": neutral(words(after[field]).label), "old": neutral(words(before[field]).label)}


def chain(transforms: Sequence[str]) -> str:
    return ", ".join(transforms) or sentence("nothing")
