"""What may be kept: only fields that a mapping reads. Pay, national ids and whatever nobody mapped never reach a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import jmespath

LEFT_ONLY = {
    "subexpression",
    "index_expression",
    "projection",
    "filter_projection",
    "value_projection",
    "flatten",
    "pipe",
    "slice",
}


def roots(expression: str) -> set[str]:
    """The top-level fields that a JMESPath reads. An expression that reads the whole record (`@`) has none and keeps nothing."""
    return _walk(jmespath.compile(expression).parsed)


def _walk(node: dict[str, Any]) -> set[str]:
    kind, children = node["type"], node.get("children", [])
    if kind == "field":
        return {node["value"]}
    if kind in LEFT_ONLY:  # what stands right of a dot or in a filter speaks of inner fields
        return _walk(children[0]) if children else set()
    found: set[str] = set()
    for child in children:
        if isinstance(child, dict):
            found |= _walk(child)
    return found


def allowed(mapped: Iterable[str], declared: Iterable[str]) -> frozenset[str]:
    """Fields to keep: those mapped, and of these only what the vendor's stream declares (where it declares any)."""
    wanted, known = frozenset(mapped), frozenset(declared)
    return wanted & known if known else wanted


def minimise(payload: dict[str, Any], keep: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key in keep}
