"""Fields that had values and of a sudden have none, for anybody: a column that was renamed, left out or emptied. Pure.

Told by comparing each record with what it said before, not by counting: a field that few people ever had is no news, and a read of
changes brings only some people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

NOTHING: tuple[Any, ...] = (None, "", [], {})
FEWEST = 3  # people who lost it; one or two may well be corrections by hand


def lost_fields(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Fields of one record that had a value and have none."""
    return [key for key, value in before.items() if value not in NOTHING and now.get(key) in NOTHING]


def filled_fields(payloads: Iterable[Mapping[str, Any]], fields: Collection[str]) -> set[str]:
    """Which of `fields` have a value in at least one record. Looks no further once all were found."""
    found: set[str] = set()
    for payload in payloads:
        found.update(key for key in fields if key not in found and payload.get(key) not in NOTHING)
        if len(found) == len(fields):
            break
    return found


def vanished(known: Mapping[str, int], lost: Mapping[str, int], filled: Collection[str], watched: Collection[str]) -> dict[str, int]:
    """Field → how many people had it. `known`: what had vanished before this read, and is over once anybody has it again.

    `watched`: the fields that count; one that no mapping reads any more is nobody's trouble.
    """
    counts = Counter(dict(known)) + Counter({key: n for key, n in lost.items() if n >= FEWEST or key in known})
    return {key: counts[key] for key in sorted(counts) if key in watched and key not in filled}
