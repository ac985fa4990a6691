"""What a value must be before it may fill an attribute, by the attribute's type (integrations/canonical.py). Plain Python.

A check answers the value in its one normal form, or None where nothing is left, and raises ValueInvalid or ValueTooLarge.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from config.errors import ValueInvalid, ValueTooLarge
from config.sentences import sentence
from integrations.canonical import LINE_TYPES, STATUSES, Attribute
from integrations.mapping.addresses import email_address
from integrations.mapping.countries import country_code
from integrations.mapping.dates import iso_date
from integrations.mapping.steps import yes_or_no
from integrations.mapping.text import LARGEST, as_text, is_empty, shown, storable, weight, within

Check = Callable[[Any], Any]

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}", re.ASCII)  # the shape of BCP 47 tags in use
MOST_ITEMS = 1000  # of one list: nested units, reporting lines


def text(most: int) -> Check:
    def check(value: Any) -> str | None:
        if value.__class__ is not str or not value.isprintable():
            value = as_text(value)
        value = value.strip()
        if len(value) > most:
            raise ValueTooLarge(sentence("%(value)s characters, %(most)s fit", value=len(value), most=most))
        return value or None

    return check


def _reading(read: Callable[[str], Any], most: int = LARGEST) -> Check:
    """A text that is then read as something."""
    plain = text(most)

    def check(value: Any) -> Any:
        found = plain(value)
        return None if found is None else read(found)

    return check


def boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else yes_or_no(as_text(value))


def language(given: str) -> str:
    tag = given.replace("_", "-")
    head, hyphen, rest = tag.partition("-")
    tag = f"{head.lower()}{hyphen}{rest.upper() if len(rest) == 2 else rest}"
    if not LANGUAGE.fullmatch(tag):
        raise ValueInvalid(
            sentence(
                "“%(given)s” is not a language tag such as de or en-GB; a look-up (“lookup:…”) can translate names", given=shown(given)
            )
        )
    return tag


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


def known_zone(given: str) -> str | None:
    """The name of this time zone as IANA writes it; None for anything else."""
    return _zones().get(given.strip().lower())


def zone(given: str) -> str:
    name = known_zone(given)
    if name is None:
        raise ValueInvalid(
            sentence(
                "“%(given)s” is not a time zone such as Europe/Berlin; a look-up (“lookup:…”) can translate house codes", given=shown(given)
            )
        )
    return name


def status(given: str) -> str:
    word = given.lower()
    if word not in STATUSES:
        raise ValueInvalid(
            sentence(
                "“%(given)s” is no status Rollcall knows (%(known)s); a step “replace” or a look-up can translate it",
                given=shown(given),
                known=", ".join(STATUSES),
            )
        )
    return word


def text_list(value: Any) -> list[str] | None:
    """A list of texts; one text is a list of one."""
    items = value if isinstance(value, list) else [value]
    _few(items)
    return [as_text(item).strip() for item in items if not is_empty(item)] or None


def lines(value: Any) -> list[dict[str, str]] | None:
    """Reporting lines: objects with type, manager, unit. A type we have no word for is “other”; a line without manager and unit goes."""
    if is_empty(value):
        return None
    if not isinstance(value, list) or not all(isinstance(line, dict) for line in value):
        raise ValueInvalid(sentence("reporting lines are a list of objects with type, manager and unit"))
    _few(value)
    return [line for line in map(_line, value) if len(line) > 1] or None


def _line(given: dict[str, Any]) -> dict[str, str]:
    kind = as_text(given.get("type")).strip().lower()
    line = {"type": kind if kind in LINE_TYPES else "other"}
    for key in ("manager", "unit"):
        named = as_text(given.get(key)).strip()
        if len(named) > 200:
            raise ValueTooLarge(sentence("the %(key)s of a reporting line has %(named)s characters, 200 fit", key=key, named=len(named)))
        if named:
            line[key] = named
    return line


def _few(items: list[Any]) -> None:
    if len(items) > MOST_ITEMS:
        raise ValueTooLarge(sentence("%(items)s items, %(most_items)s fit", items=len(items), most_items=MOST_ITEMS))


def anything(value: Any) -> Any:
    """For fields of a target, whose types its own system knows: any JSON of reasonable size, text without outer spaces."""
    if isinstance(value, str):
        within(len(value))
        return (value if value.isprintable() else storable(value)).strip() or None
    if isinstance(value, list | dict):
        within(weight(value))
        return value or None
    return value


def for_attribute(attribute: Attribute | None) -> Check:
    """The check for one attribute; for a field that is none of ours, `anything`."""
    if attribute is None:
        return anything
    most = attribute.max_length
    by_type: dict[str, Check] = {
        "email": _reading(email_address, most),
        "date": _reading(iso_date),
        "boolean": boolean,
        "country": _reading(country_code),
        "zone": _reading(zone, most),
        "language": _reading(language, most),
        "status": _reading(status, most),
        "lines": lines,
        "list": text_list,
    }
    return by_type.get(attribute.type) or text(most)
