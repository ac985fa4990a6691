"""What an address asks a list for and cannot mean. The list names it and shows nothing: everything would pass for an answer."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from config.parts.shapes import Filter, Text

SHOWN = 60  # characters of what was asked


def misread(filters: Iterable[Filter]) -> list[str]:
    """One sentence for each filter with a value that cannot be meant."""
    return [told for one in filters if (told := _problem(one))]


def offered(choices: tuple[tuple[str, Text], ...], asked: str) -> tuple[tuple[str, Text], ...]:
    """The choices, and what was asked for where only some of many are offered: it may be meant, and the field shows it."""
    return choices if not asked or any(asked == key for key, _label in choices) else (*choices, (asked, asked))


def _problem(one: Filter) -> str:
    if one.problem:
        return str(one.problem)
    if not one.value or not one.choices or any(one.value == key for key, _label in one.choices):
        return ""
    return _("“%(value)s” is none of the choices of “%(field)s”, so nothing is shown.") % {"value": one.value[:SHOWN], "field": one.label}


def no_day(field: Text, text: str) -> str:
    """The sentence for a day that is none."""
    said = _("“%(value)s” in “%(field)s” is not a day, so nothing is shown. Write it as year-month-day, as in 2026-06-15.")
    return said % {"value": text[:SHOWN], "field": field}
