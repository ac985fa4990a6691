"""The counters of a run."""

from __future__ import annotations

from collections import Counter
from typing import Any

EMPTIED = "emptied:"  # and an attribute: how many people lose its value without another


def added(old: dict[str, Any], new: Counter[str]) -> dict[str, Any]:
    """The run's counts with those of one more page or batch."""
    return {**old, **{key: old.get(key, 0) + count for key, count in new.items()}}
