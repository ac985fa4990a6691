"""manage.py secrets_status [--json]: how many secrets are under which key of the ring. Exit 0, or 5 when one cannot be opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.key_rotation import NEWEST, OLDER, UNREADABLE, count_by_key
from config.management.answer import AnsweringCommand, Exit


class Command(AnsweringCommand):
    help = "Count stored secrets by field key. Exit 5 when a secret opens with no key of ROLLCALL_FIELD_KEYS."

    def handle(self, *_: Any, **options: Any) -> None:
        counts = count_by_key()
        lost = {place: of[UNREADABLE] for place, of in counts.items() if of[UNREADABLE]}
        errors = [f"{place}: {number} secrets open with no key of the ring" for place, number in lost.items()]
        lines = [_line(place, of) for place, of in counts.items()] or ["No secrets are stored."]
        self.answer(options, lines, {place: dict(of) for place, of in counts.items()}, errors, Exit.FAILED)


def _line(place: str, of: Mapping[str, int]) -> str:
    return f"{place}: " + ", ".join(f"{of.get(key, 0)} under {word}" for key, word in ((NEWEST, "the newest key"), (OLDER, "an older key")))
