"""What may be kept: only fields that a mapping reads. Pay, national ids and whatever nobody mapped never reach a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def allowed(mapped: Iterable[str], declared: Iterable[str]) -> frozenset[str]:
    """Fields to keep: those mapped, and of these only what the vendor's stream declares (where it declares any)."""
    wanted, known = frozenset(mapped), frozenset(declared)
    return wanted & known if known else wanted


def minimise(payload: dict[str, Any], keep: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key in keep}
