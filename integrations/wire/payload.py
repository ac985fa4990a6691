"""Foreign JSON that cannot be read without saying what is expected; the error names the path that was wrong.

    message["user"]["id"].as_text()   →   RecordRejected("user.id: expected text, got list")

Missing and null are the same: nearly every vendor leaves out what is empty, or writes null, or both by turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from config.errors import RecordRejected
from config.sentences import Sentence, sentence

_REQUIRED: Any = object()
NAMES = {
    dict: sentence("object"),
    list: sentence("list"),
    str: sentence("text"),
    bool: sentence("true or false"),
    int: sentence("number"),
    float: sentence("number"),
    type(None): sentence("nothing"),
}


class Payload:
    """One place in a foreign document. Reading on from a place that is missing gives a place that is missing."""

    __slots__ = ("_path", "_value")

    def __init__(self, value: Any, path: str = "") -> None:
        self._value = value
        self._path = path

    def __getitem__(self, key: str | int) -> Payload:
        """The place under a name or at a position. Raises RecordRejected when this place is something else."""
        if isinstance(key, int):
            items = self._typed(list, [])
            return Payload(items[key] if -len(items) <= key < len(items) else None, f"{self._path}[{key}]")
        return Payload(self._typed(dict, {}).get(key), f"{self._path}.{key}" if self._path else key)

    def __iter__(self) -> Iterator[Payload]:
        """The places of a list; none when it is missing."""
        for position, value in enumerate(self._typed(list, [])):
            yield Payload(value, f"{self._path}[{position}]")

    def __contains__(self, key: str) -> bool:
        """Whether the name is there with a value that is not null."""
        return self._typed(dict, {}).get(key) is not None

    def __repr__(self) -> str:
        return f"<Payload {self._path or '(root)'}: {NAMES.get(type(self._value), type(self._value).__name__)}>"

    @property
    def path(self) -> str:
        return self._path

    @property
    def is_missing(self) -> bool:
        return self._value is None

    @property
    def value(self) -> Any:
        """The bare value, for storing word for word."""
        return self._value

    # Each of these raises RecordRejected when the value is of another kind, or missing without a default.

    def as_text(self, default: Any = _REQUIRED) -> str:
        """Text as it stands. A number counts as text (ids are written either way), true and false do not."""
        if isinstance(self._value, (int, float)) and not isinstance(self._value, bool):
            return str(self._value)
        return self._typed(str, default)

    def as_integer(self, default: Any = _REQUIRED) -> int:
        """A whole number, also written as text or as 3.0."""
        value = self._value
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, str) and value.strip().lstrip("+-").isdecimal():
            return int(value)
        if isinstance(value, bool):
            raise self._wrong(NAMES[int])
        return self._typed(int, default)

    def as_boolean(self, default: Any = _REQUIRED) -> bool:
        """True or false, also as 1/0 and as the words “true” and “false”."""
        if isinstance(self._value, str) and self._value.strip().lower() in ("true", "false"):
            return self._value.strip().lower() == "true"
        if not isinstance(self._value, bool) and self._value in (0, 1):
            return bool(self._value)
        return self._typed(bool, default)

    def as_list(self, default: Any = _REQUIRED) -> list[Any]:
        return self._typed(list, default)

    def as_object(self, default: Any = _REQUIRED) -> dict[str, Any]:
        return self._typed(dict, default)

    def as_date(self, default: Any = _REQUIRED) -> date:
        """An ISO day; the day part of an ISO moment as it is written, without moving it between zones."""
        if self._value is None and default is not _REQUIRED:
            return default
        text = self.as_text()
        try:
            return date.fromisoformat(text[:10])
        except ValueError as error:
            raise self._wrong(sentence("a date like 2026-05-20")) from error

    def as_moment(self, default: Any = _REQUIRED) -> datetime:
        """An ISO moment in UTC. One without an offset is taken as UTC."""
        if self._value is None and default is not _REQUIRED:
            return default
        text = self.as_text()
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise self._wrong(sentence("a moment like 2026-05-20T06:00:00Z")) from error
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    def _typed(self, kind: type, default: Any) -> Any:
        if isinstance(self._value, kind):
            return self._value
        if self._value is None and default is not _REQUIRED:
            return default
        raise self._wrong(NAMES[kind])

    def _wrong(self, expected: Sentence) -> RecordRejected:
        got = NAMES.get(type(self._value), type(self._value).__name__)
        return RecordRejected(
            sentence("%(path)s: expected %(expected)s, got %(got)s", path=self._path or sentence("the answer"), expected=expected, got=got),
            field=self._path,
        )
