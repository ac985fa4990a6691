"""What may be kept: only fields that a mapping reads. Pay, national ids and whatever nobody mapped never reach a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from config.sentences import Sentence, sentence


def allowed(mapped: Iterable[str], declared: Iterable[str]) -> frozenset[str]:
    """Fields to keep: those mapped, and of these only what the vendor's stream declares (where it declares any)."""
    wanted, known = frozenset(mapped), frozenset(declared)
    return wanted & known if known else wanted


def minimise(payload: dict[str, Any], keep: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key in keep}


def why_read_again(before: frozenset[str], now: frozenset[str]) -> Sentence | None:
    """What another choice of kept fields means for stored records; None where it is the same choice."""
    if new := sorted(now - before):
        return sentence(
            "The next run reads everything again, because until now nobody kept %(fields)s: above it still counts as empty.", fields=new
        )
    if old := sorted(before - now):
        return sentence("The next run reads everything again, because nobody keeps %(fields)s any more.", fields=old)
    return None
