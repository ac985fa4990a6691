"""Values made comparable. Pure; an empty answer means "nothing to compare"."""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

NOT_WORD = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=65536)
def folded(text: str | None) -> str:
    """Letters and digits only, without accents, in Latin script, lower case: “José García-Núñez” → “jose garcia nunez”."""
    if not text:
        return ""
    plain = text if text.isascii() else anyascii(text)
    return NOT_WORD.sub(" ", plain.lower()).strip()


def number_key(issuer: str, number: str | None) -> str:
    """Who numbered, and the number without leading zeros, spaces and dashes: what names one human being within that issuer."""
    bare = NOT_WORD.sub("", (number or "").lower()).lstrip("0")
    return f"{issuer}:{bare}"[:120] if bare else ""


def email_key(address: str | None) -> str:
    return (address or "").strip().lower()[:254]


def same_name(given_a: str | None, family_a: str | None, given_b: str | None, family_b: str | None) -> bool:
    """Whether two names may be one human being's: at least one name word in common (marriage, nickname and order differ)."""
    a = set(folded(given_a).split()) | set(folded(family_a).split())
    b = set(folded(given_b).split()) | set(folded(family_b).split())
    return not a or not b or bool(a & b)
