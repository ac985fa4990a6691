"""What came of an act that may refuse: only errors of the catalogue are a refusal, everything else is our mistake and goes through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from config.errors import FixData, MappingInvalid

KNOWN = ("made", "refused")


def outcome_of(act: Callable[[], Any]) -> str:
    try:
        act()
    except (FixData, MappingInvalid) as error:
        return "refused" if error.detail else "refused without a word"
    return "made"
