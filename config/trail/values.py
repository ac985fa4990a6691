"""What an entry kept, before and after, as people read it: names instead of keys, lists joined, masked where that is due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from config.audit.words import VALUES, key_word
from config.roles.masking import Sight
from config.say import said

EMPTY: tuple[Any, ...] = (None, "", [], {})


def changes(before: Any, after: Any, sight: Sight) -> list[tuple[str, str, str]]:
    """(name, before, after) of every value, inner ones by their path. What is equal on both sides has no before."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    rows = []
    for path in {**old, **new}:
        was, becomes = _shown(path, old.get(path), sight), _shown(path, new.get(path), sight)
        if was or becomes:
            rows.append((_name(path), "" if old.get(path) == new.get(path) else was, becomes))
    return rows


def _leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, (*path, str(key)))]
    return [] if value is None and not path else [(path, value)]


def _name(path: tuple[str, ...]) -> str:
    return " › ".join(key_word(key) for key in path) or _("value")


def _shown(path: tuple[str, ...], value: Any, sight: Sight) -> str:
    if value in EMPTY:
        return ""
    if isinstance(value, Mapping):
        inner = ((key, _shown((*path, str(key)), one, sight)) for key, one in value.items())
        return "; ".join(f"{key_word(str(key))}: {text}" for key, text in inner if text)
    if isinstance(value, list):
        parts = [_shown(path, one, sight) for one in value]
        between = " · " if any(isinstance(one, Mapping) for one in value) else " " if any(part.endswith(".") for part in parts) else ", "
        return between.join(parts)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if path and (path[-1], str(value)) in VALUES:
        return said(VALUES[path[-1], str(value)])
    text = sight.said(str(value))
    return text if sight.is_full else sight.text(str(sight.value(text)))
