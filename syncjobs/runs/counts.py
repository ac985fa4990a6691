"""The counters of a run."""

from __future__ import annotations

from collections import Counter
from typing import Any

MAPPINGS = "mappings"  # {key of a connector: {stream or target: number of the mapping that this run used}}
EMPTIED = "emptied:"  # and an attribute: how many people lose its value without another


def added(old: dict[str, Any], new: Counter[str]) -> dict[str, Any]:
    """The run's counts with those of one more page or batch."""
    return {**old, **{key: old.get(key, 0) + count for key, count in new.items()}}


def with_mapping(old: dict[str, Any], connector: str, stream: str, number: int) -> dict[str, Any]:
    """The run's counts, with the version of a mapping it used; the last one where it was published anew meanwhile."""
    used = old.get(MAPPINGS, {})
    return {**old, MAPPINGS: {**used, connector: {**used.get(connector, {}), stream: number}}}
