"""Dates as sources write them. A date here is `YYYY-MM-DD` text in the person's own zone, never an instant. Plain Python."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from functools import lru_cache

from config.errors import MappingInvalid, ValueInvalid
from config.sentences import sentence
from integrations.mapping.text import shown

AFTER_A_DATE = frozenset("Tt +-Z")  # what may follow: a time, a zone
NO_DATE = frozenset({"", "0000-00-00", "-", "0"})  # how systems write “no date”
LONGEST_DATE = 60  # “Wednesday, 30 September 2026” in any language
DATES_KEPT = 8192  # distinct dates of a workforce: forty years of days are 14,600, and few of them are used
# What people write for a format, and what the parser calls it. Longest first.
WORDS = (("YYYY", "%Y"), ("MMMM", "%B"), ("MMM", "%b"), ("MM", "%m"), ("DD", "%d"), ("YY", "%y"), ("M", "%m"), ("D", "%d"))


def iso_date(text: str) -> str | None:
    """The first ten characters of `text` as a date; None for the ways to say “no date”. Raises ValueInvalid (2026-02-31)."""
    head = text[:10]
    try:
        if head[4] == "-" == head[7] and (len(text) == 10 or text[10] in AFTER_A_DATE):
            date.fromisoformat(head)
            return head
    except (ValueError, IndexError):
        pass
    return _iso_date_with_care(text)


def _iso_date_with_care(text: str) -> str | None:
    bare = text.strip()
    if bare in NO_DATE or bare.startswith("0000-00-00"):
        return None
    if bare != text:
        return iso_date(bare)
    raise ValueInvalid(sentence("“%(text)s” is not a date of the calendar, written year-month-day", text=shown(text)))


def by_format(wanted: str) -> Callable[[str], str | None]:
    """A parser for one format: DD.MM.YYYY, or the codes %d.%m.%Y; year-month-day is understood beside it.

    Raises MappingInvalid when the format names no whole date.
    """
    code = wanted if "%" in wanted else _in_codes(wanted)
    probe = date(2024, 12, 31)
    try:
        is_whole = datetime.strptime(probe.strftime(code), code).date() == probe  # noqa: DTZ007  a date has no zone
    except (ValueError, UnicodeError):
        is_whole = False
    if not is_whole:
        raise MappingInvalid(sentence("“%(wanted)s” is not a date format with day, month and year; for instance DD.MM.YYYY", wanted=wanted))

    @lru_cache(maxsize=DATES_KEPT)  # the parser takes 5 µs, a remembered date 0.1
    def parsed(bare: str) -> str | None:
        if bare in NO_DATE:
            return None
        try:
            return datetime.strptime(bare, code).date().isoformat()  # noqa: DTZ007
        except (ValueError, UnicodeError) as error:
            with suppress(ValueInvalid):  # a date cell of a workbook comes as year-month-day, however the texts beside it are written
                return iso_date(bare)
            raise ValueInvalid(sentence("“%(bare)s” is not a date written %(wanted)s", bare=shown(bare), wanted=wanted)) from error

    def parse(text: str) -> str | None:
        if len(text) > LONGEST_DATE:
            raise ValueInvalid(sentence("“%(text)s” is far too long for a date", text=shown(text)))
        return parsed(text.strip())

    return parse


def _in_codes(wanted: str) -> str:
    """DD.MM.YYYY → %d.%m.%Y, each stretch once."""
    out, rest = "", wanted
    while rest:
        for word, code in WORDS:
            if rest.startswith(word):
                out, rest = out + code, rest[len(word) :]
                break
        else:
            out, rest = out + rest[0], rest[1:]
    return out
