"""How the named transforms are made: argument in, step out. Plain Python.

A step takes one value and answers one. It is total: nothing but an error of the catalogue (ValueInvalid, ValueTooLarge)
leaves it, whatever comes in; “no value” passes through untouched. The maker raises MappingInvalid for an argument that
cannot be meant. Which transforms there are: transforms.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import re2

from config.errors import MappingInvalid, ValueInvalid
from config.sentences import sentence
from integrations.mapping.text import as_text, is_empty, shown, within
from integrations.mapping.words import local_part

Step = Callable[[Any], Any]
Maker = Callable[[str], Step]

YES = frozenset({"true", "t", "yes", "y", "1", "on", "ja", "j", "wahr", "oui", "si", "sí", "sim", "tak"})
NO = frozenset({"false", "f", "no", "n", "0", "off", "nein", "falsch", "non", "não", "nao", "nie"})
PATTERN_MEMORY = 1 << 20  # bytes RE2 may use for one compiled pattern; an ordinary one takes a few hundred

_quiet = re2.Options()
_quiet.log_errors = False  # RE2 would print parse errors to stderr
_quiet.max_mem = PATTERN_MEMORY


def each(change: Callable[[str], Any]) -> Step:
    """`change` for a text; numbers become text first, a list is changed item by item."""

    def step(value: Any) -> Any:
        if value.__class__ is str:
            return change(value)
        if value is None:
            return None
        if isinstance(value, list):
            return [None if item is None else change(as_text(item)) for item in value]
        return change(as_text(value))

    return step


def plain(change: Callable[[str], Any]) -> Maker:
    """A transform without argument."""

    def maker(argument: str) -> Step:
        if argument:
            raise MappingInvalid(sentence("takes nothing after the colon, got “%(argument)s”", argument=shown(argument)))
        return each(change)

    return maker


def separator(argument: str) -> str:
    r"""`\t` and `\n` stand for tab and line break."""
    return argument.replace("\\t", "\t").replace("\\n", "\n")


def split(argument: str) -> Step:
    if not argument:
        raise MappingInvalid(sentence("needs what to split at, for instance split:,"))
    at = separator(argument)

    def step(value: Any) -> Any:
        if value is None or isinstance(value, list):
            return value
        return [part.strip() for part in as_text(value).split(at) if part.strip()]

    return step


def join(argument: str) -> Step:
    between = separator(argument)

    def step(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        parts = [as_text(item) for item in value if not is_empty(item)]
        within(sum(map(len, parts)) + len(between) * len(parts))
        return between.join(parts) if parts else None

    return step


def item(position: int) -> Maker:
    """The first (0) or last (−1) filled item of a list; what is no list stays as it is."""

    def step(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        filled = [one for one in value if not is_empty(one)]
        return filled[position] if filled else None

    def maker(argument: str) -> Step:
        if argument:
            raise MappingInvalid(sentence("takes nothing after the colon"))
        return step

    return maker


def default(argument: str) -> Step:
    if not argument:
        raise MappingInvalid(sentence("needs the value to fall back on, for instance default:Other"))
    return lambda value: argument if is_empty(value) else value


def replace(argument: str) -> Step:
    old, bar, new = argument.partition("|")
    if not old or not bar:
        raise MappingInvalid(sentence("needs two parts with a bar between, for instance replace:&|and"))
    growth = max(0, len(new) - len(old))

    def change(text: str) -> str:
        if growth:
            within(len(text) + text.count(old) * growth)
        return text.replace(old, new)

    return each(change)


def regex(argument: str) -> Step:
    try:
        pattern = re2.compile(argument, _quiet)
    except re2.error as error:
        raise MappingInvalid(sentence("the pattern cannot be read: %(error)s", error=str(error))) from error
    except UnicodeError as error:
        raise MappingInvalid(sentence("the pattern holds characters that are no text")) from error
    if not argument:
        raise MappingInvalid(sentence("needs a pattern, for instance regex:([A-Z]{2})-"))
    group = 1 if pattern.groups else 0

    def change(text: str) -> str | None:
        found = pattern.search(as_text(text))
        return found.group(group) if found else None

    return each(change)


def prefix(argument: str) -> Step:
    return each(lambda text: argument + text if text else text)


def suffix(argument: str) -> Step:
    return each(lambda text: text + argument if text else text)


def truncate(argument: str) -> Step:
    most = int(argument) if argument.isascii() and argument.isdigit() and len(argument) < 7 else 0
    if not most:
        raise MappingInvalid(sentence("needs how many characters may stay, for instance truncate:50"))
    return each(lambda text: text[:most])


def boolean(argument: str) -> Step:
    if argument:
        raise MappingInvalid(sentence("takes nothing after the colon"))

    def step(value: Any) -> Any:
        return value if isinstance(value, bool) or value is None else yes_or_no(as_text(value))

    return step


def yes_or_no(text: str) -> bool | None:
    """True or False for the usual words in a handful of languages, None for no text. Raises ValueInvalid."""
    word = text.strip().casefold()
    if not word:
        return None
    if word not in YES and word not in NO:
        raise ValueInvalid(sentence("“%(text)s” is neither yes nor no; a look-up (“lookup:…”) can translate other words", text=shown(text)))
    return word in YES


def digest(text: str) -> str | None:
    """SHA-256, hex, of the text in UTF-8. Steady, and the same everywhere; of short texts it hides nothing."""
    return hashlib.sha256(as_text(text).encode()).hexdigest() if text else None


def email_local(argument: str) -> Step:
    if argument not in ("", ".", "-", "_"):
        raise MappingInvalid(sentence("may be followed by what stands between words: . or - or _"))
    between = argument or "."

    def step(value: Any) -> Any:
        parts = value if isinstance(value, list) else [value]
        made = [local_part(as_text(part), between) for part in parts if not is_empty(part)]
        within(sum(map(len, made)))
        return local_part(".".join(part for part in made if part)) or None

    return step
