"""A sentence that is kept: what was meant, in no language, so that everybody reads it in their own.

It is a text and fits wherever texts are stored. What has no values is its English message itself, a constant that costs nothing:

    sentence("employed, has no account yet")

What has values carries them behind a sign, as JSON; with a second message the number `n` chooses between one and many:

    sentence("left after %(day)s", day=date(2026, 11, 30))
    sentence("%(n)s person waits", "%(n)s people wait", n=3)

A value is a text or a number, a day, a Share, an Answer, another sentence, or a list of texts or of sentences. `config/say.py` says it
in the reader's language, `english` without Django. Text that was stored before, or that another system said, is said as it stands.

Messages are written where `sentence` is called, never put together: `manage.py write_docs` collects them for translators.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson

VALUES, MANY = "␟", "␞"  # before the values; before the message for many. Nobody types these
PLACE = re.compile(r"%\((\w+)\)[sd]")
LONGEST = 500  # characters of a stored sentence; longer values are shortened until it fits
SHORTEST_VALUE = 12
LONGEST_NAME = 60  # of several in a list
LONGEST_LIST = 12  # the rest of a list is left out, with a sign


class Sentence(str):
    """The stored form. A kind of text of its own, so that a sentence inside another one is told from a name."""

    __slots__ = ()


class Answer(str):
    """Another system's own words inside a sentence. They may name somebody: not every reader is shown them."""

    __slots__ = ()


class Share(float):
    """A part of a whole, from 0 to 1, said in per cent."""

    __slots__ = ()


Value = str | int | Share | date | Sequence[str] | None


def sentence(message: str, many: str = "", /, **values: Value) -> Sentence:
    """The stored form, at most LONGEST characters. Raises TypeError for a value that cannot be said in every language."""
    if not values:
        return Sentence(message)
    head = f"{message}{MANY}{many}" if many else message
    kept = {name: _kept(value) for name, value in values.items()}
    stored = _stored(head, kept)
    while len(stored) > LONGEST and _shorten(kept):
        stored = _stored(head, kept)
    # What still does not fit (sentences in sentences) is kept as English text: better read in one language than cut in the middle.
    return Sentence(stored if len(stored) <= LONGEST else english(stored)[:LONGEST])


def _stored(head: str, kept: dict[str, Any]) -> str:
    return f"{head}{VALUES}{orjson.dumps(kept).decode()}"


@lru_cache(maxsize=4096)
def named(message: str, name: str) -> Sentence:
    """A sentence whose one place is `%(name)s`, made once for each name: for what is said of thousands of people alike."""
    return sentence(message, name=name)


def _kept(value: Value) -> Any:
    match value:
        case None:
            return ""
        case Sentence():
            return _inner(value)
        case Answer():
            return {"a": _text(value)}
        case str():
            return _text(value)
        case bool():
            raise TypeError("yes and no are words of one language: put a sentence")
        case int():
            return value
        case Share():
            return {"%": round(float(value), 4)}
        case datetime():
            raise TypeError("an instant is shown beside a sentence, not in it")
        case date():
            return {"d": value.isoformat()}
        case list() | tuple():
            kind = "s" if any(isinstance(one, Sentence) for one in value) else "l"  # sentences, or texts as they are
            shown = [_inner(one) if kind == "s" else _text(str(one))[:LONGEST_NAME] for one in value[:LONGEST_LIST]]
            return {kind: [*shown, "…"] if len(value) > LONGEST_LIST else shown}
    raise TypeError(f"a sentence cannot hold a {type(value).__name__}")


def _text(value: str) -> str:
    """Half of a character, as a damaged file may hold it, cannot be stored: a question mark stands for it."""
    return str(value) if value.isascii() else value.encode("utf-8", "replace").decode()


def _inner(stored: str) -> Any:
    """A sentence inside another: its message, or message and values. Not its stored text, whose quotes would double with every level."""
    head, split, tail = stored.partition(VALUES)
    return {"s": head, "v": _loaded(tail)} if split else {"s": head}


def _shorten(kept: dict[str, Any]) -> bool:
    """Take a little from the longest text, down to inner sentences, or an item from the longest list. False when nothing is left."""
    length, place, key = max(_long(kept), key=lambda one: one[0], default=(0, kept, ""))
    if not length:
        return False
    value = place[key]
    if isinstance(value, str):
        place[key] = value.removesuffix("…")[: max(SHORTEST_VALUE, len(value) * 3 // 4) - 1] + "…"
    else:
        value[-2:] = ["…"]
    return True


def _long(values: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any], str]]:
    """(length, where it is kept, its key) of whatever can be shortened."""
    for key, value in values.items():
        match value:
            case str() if len(value) > SHORTEST_VALUE:
                yield len(value), values, key
            case {"a": str(text)} if len(text) > SHORTEST_VALUE:
                yield len(text), value, "a"
            case {"l": list(items)} | {"s": list(items)} if len(items) > 2:
                yield sum(len(str(one)) for one in items), value, "l" if "l" in value else "s"
            case {"s": str(), "v": dict(inner)}:
                yield from _long(inner)


# ── saying it ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Tongue:
    """How one language says the parts of a sentence."""

    message: Callable[[str], str]
    counted: Callable[[str, str, int], str]  # message for one, for many, how many
    number: Callable[[int], str]
    share: Callable[[float], str]
    day: Callable[[date], str]
    listed: Callable[[Sequence[str]], str]
    answer: Callable[[str], str] = str


def say(stored: str, tongue: Tongue) -> str:
    """`stored` in that language. Whatever is no sentence, or is broken, is said as far as it can be read. Never raises."""
    if not stored:
        return ""
    head, split, tail = stored.partition(VALUES)
    return _spoken(head, _loaded(tail) if split else None, tongue)


def _spoken(head: str, values: dict[str, Any] | None, tongue: Tongue) -> str:
    one, _, many = head.partition(MANY)
    if values is None:
        return tongue.message(one)
    n = values.get("n")
    message = tongue.counted(one, many, n) if many and isinstance(n, int) else tongue.message(one)
    # Not the % operator: a stored text must not be able to ask for more than its values.
    return PLACE.sub(lambda place: _said(values.get(place[1], ""), tongue), message)


def _loaded(text: str) -> dict[str, Any]:
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return values if isinstance(values, dict) else {}


def _said(value: Any, tongue: Tongue) -> str:
    match value:
        case int():
            return tongue.number(value)
        case {"s": list(items)}:
            return tongue.listed([_said(one, tongue) for one in items])
        case {"s": str(head)}:
            inner = value.get("v")
            return _spoken(head, inner if isinstance(inner, dict) else None, tongue)
        case {"l": list(items)}:
            return tongue.listed([str(one) for one in items])
        case {"a": str(text)}:
            return tongue.answer(text)
        case {"d": str(text)}:
            return _day(text, tongue)
        case {"%": int(share) | float(share)}:
            return tongue.share(share)
    return str(value)


def _day(text: str, tongue: Tongue) -> str:
    try:
        return tongue.day(date.fromisoformat(text))
    except ValueError:
        return text


ENGLISH = Tongue(
    message=lambda message: message,
    counted=lambda one, many, n: one if n == 1 else many,
    number=lambda n: f"{n:,}",
    share=lambda share: f"{share:.1%}".replace("%", " %").replace(".0 ", " "),
    day=lambda day: f"{day.day} {day:%B %Y}",
    listed=lambda items: " and ".join(filter(None, (", ".join(items[:-1]), items[-1]))) if items else "",
)


def altered(stored: str, change: Callable[[str], str]) -> str:
    """The same with every text in it changed, down to inner sentences: for cutting out what must not be kept."""
    head, split, tail = stored.partition(VALUES)
    if not split:
        return change(stored)
    return f"{head}{VALUES}{orjson.dumps(_altered(_loaded(tail), change)).decode()}"


def _altered(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case {"s": str(head)}:
            return {"s": head, **({"v": _altered(value["v"], change)} if "v" in value else {})}
        case dict():
            return {key: _altered(inner, change) for key, inner in value.items()}
        case list():
            return [_altered(inner, change) for inner in value]
        case str():
            return change(value)
    return value


def message_of(stored: str) -> str:
    """The message that a kept sentence was made with; of a plain text, the text."""
    return stored.partition(VALUES)[0].partition(MANY)[0]


def quoted(detail: str) -> Sentence | Answer:
    """What an error says this time, to be put into a sentence: ours as ours, anything else as the other system's."""
    return detail if isinstance(detail, Sentence) else Answer(detail)


def english(stored: str) -> str:
    """For log lines, exceptions and files of the installation: everything that has no reader with a language."""
    return say(stored, ENGLISH)
