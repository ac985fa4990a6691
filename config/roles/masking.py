"""Personal data is shown in full only to those who were granted it; everybody else sees enough to tell two people apart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser

from config.roles.models import User
from config.say import hiding_days, said, without_answers

PERMISSION = "identity.view_personal_data"
DOTS = "•••"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
HOST = re.compile(r"[\w.-]+")  # anything else behind the @ is a sentence that goes on
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
LONG_NUMBER = re.compile(r"\d{5,}")  # of employees, phones and records; counts on these pages have separators


@dataclass(frozen=True)
class Sight:
    """How one reader sees personal data: in full, or masked. Empty stays empty, so that a gap can be seen by everybody."""

    is_full: bool

    def name(self, text: str | None) -> str:
        """`Jane Doe` → `J••• D•••`."""
        if self.is_full or not text:
            return text or ""
        return " ".join(f"{word[0]}{DOTS}" for word in text.split())

    def email(self, text: str | None) -> str:
        """`jane.doe@company.com` → `j•••@company.com`: the domain decides much here and names nobody."""
        if self.is_full or not text:
            return text or ""
        local, at, domain = text.rpartition("@")
        return f"{local[0]}{DOTS}{at}{domain}" if local and HOST.fullmatch(domain) else DOTS

    def number(self, text: str | None) -> str:
        """`100234` → `•••34`; of short numbers and of days nothing."""
        if self.is_full or not text:
            return text or ""
        return f"{DOTS}{text[-2:]}" if len(text) >= 4 and not DAY.match(text) else DOTS

    def value(self, value: Any, kind: str = "text") -> Any:
        """Any personal value by the type of its attribute: email, text, or something of which nothing is shown."""
        if self.is_full or value in (None, "", [], {}):
            return value
        if kind == "email" or (isinstance(value, str) and "@" in value):
            return self.email(str(value))
        if kind == "text" and isinstance(value, str):
            return self.number(value) if any(sign.isdigit() for sign in value) else self.name(value)
        return DOTS

    def values(self, values: dict[str, Any], personal: dict[str, str]) -> dict[str, Any]:
        """`values` with those attributes masked that `personal` names; it maps attribute → type."""
        return {key: self.value(value, personal[key]) if key in personal else value for key, value in values.items()}

    def text(self, text: str, of: Iterable[Any] = ()) -> str:
        """A sentence with every value in `of` masked, and whatever looks like an e-mail, a long number or a day.

        For details that quote a record. A name that is not in `of` stays: pass what is known of whom it is about.
        """
        if self.is_full:
            return text
        for value in sorted({value for value in of if isinstance(value, str) and len(value) > 1}, key=len, reverse=True):
            text = text.replace(value, str(self.value(value)))
        text = EMAIL.sub(lambda found: self.email(found[0]) if DOTS not in found[0] else found[0], text)
        return LONG_NUMBER.sub(lambda found: self.number(found[0]), DAY.sub(DOTS, text))

    def said(self, stored: str, of: Iterable[Any] = ()) -> str:
        """A kept sentence (config/sentences.py) in the reader's language, masked as `text` does; days are masked before they are words."""
        return said(stored) if self.is_full else self.text(hiding_days(stored, DOTS), of)

    def answer(self, stored: str, of: Iterable[Any] = ()) -> str:
        """What an error said this time. Another system's own words may name anybody, known to us or not: they are told as not shown."""
        return said(stored) if self.is_full else self.text(without_answers(stored, day=lambda _day: DOTS), of)


def sight_of(user: User | AnonymousUser) -> Sight:
    return Sight(user.has_perm(PERMISSION))
