"""What counts as text in a mapping, and how large a value may be. Plain Python."""

from __future__ import annotations

import reprlib
from typing import Any

from config.errors import ValueInvalid, ValueTooLarge
from config.sentences import sentence

LARGEST = 1_000_000  # characters of one value, items of one list: the longest real attribute is 500, an essay has no place here
SHOWN = 60  # characters of a value repeated in a message: enough to find it, no whole record


def as_text(value: Any) -> str:
    """`value` as text: 1001 and 1001.0 (a spreadsheet's number) are “1001”, True is “true”, no value is “”.

    Raises ValueInvalid for a list or an object, ValueTooLarge beyond LARGEST characters.
    """
    if value is None or value == [] or value == {}:
        return ""
    if isinstance(value, str):
        text = value
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        text = str(int(value))
    elif isinstance(value, int) and value.bit_length() > 4096:
        raise ValueTooLarge(sentence("a number of more than a thousand digits"))
    elif isinstance(value, int | float):
        text = str(value)
    elif isinstance(value, list):
        raise ValueInvalid(sentence("a list came where a text belongs: add “first” or “join” to the row"))
    else:
        raise ValueInvalid(sentence("an object came where a text belongs: point the row at one of its fields"))
    if len(text) > LARGEST:
        raise ValueTooLarge(sentence("%(text)s characters", text=len(text)))
    return text if text.isprintable() else storable(text)


def storable(text: str) -> str:
    """Without what no database, CSV or UTF-8 stream can hold: NUL and other control codes, halves of surrogate pairs.

    Line breaks and tabs stay.
    """
    return "".join(c for c in text if c.isprintable() or c in "\n\t\r" or not (c < " " or c == "\x7f" or "\ud800" <= c <= "\udfff"))


def is_empty(value: Any) -> bool:
    """Whether the source says nothing here. False and 0 are values."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or value == [] or value == {}


def shown(value: Any) -> str:
    """`value` as it may stand in a message: one line, at most SHOWN characters."""
    if isinstance(value, int) and value.bit_length() > 256:
        return "a very large number"
    text = value[:500] if isinstance(value, str) else reprlib.repr(value)
    line = " ".join(storable(text).split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def within(size: int, most: int = LARGEST) -> None:
    """Raises ValueTooLarge when a value of this many characters or items is at hand, or would be made."""
    if size > most:
        raise ValueTooLarge(sentence("more than %(most)s characters", most=most))


def weight(value: Any, most: int = LARGEST) -> int:
    """Characters and items inside `value`, counted no further than just past `most`."""
    total, waiting = 0, [value]
    while waiting and total <= most:
        item = waiting.pop()
        total += 1
        if isinstance(item, str):
            total += len(item)
        elif isinstance(item, list):
            total += len(item)
            waiting.extend(item if len(item) <= most else ())
        elif isinstance(item, dict):
            total += len(item)
            waiting.extend(item.values() if len(item) <= most else ())
    return total
