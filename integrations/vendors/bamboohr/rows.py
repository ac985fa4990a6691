"""Take the objects out of a long JSON array without holding the document.

A report for 100,000 people is one document of some 80 MB. It is read in chunks; every chunk's whole objects are
parsed in one go. The cut is safe because the grammar is prefix-free: no proper prefix of a JSON object is itself a JSON
object, so a stretch that parses ends where its last object ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from config.errors import AnswerCutOff, UnexpectedAnswer
from config.sentences import sentence

LARGEST_FRAME = 1024 * 1024  # bytes outside the array: titles and field names, never more than a few kilobytes
LARGEST_OBJECT = 16 * 1024 * 1024  # bytes of one object; a person is about 800
# A string (an unfinished one reaches to the end), or a bracket outside strings. Possessive: no backtracking over long strings.
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[{}]', re.DOTALL)


@dataclass(slots=True)
class Unreadable:
    """An object that ends properly but is not JSON inside, for example because of broken UTF-8."""

    excerpt: str


Item = dict[str, Any] | Unreadable


@dataclass(slots=True)
class ArrayReader:
    """The objects of the array under `key` at the top level ("" when the whole document is the array).

    `frame` is the document without that array: what stands before it as soon as the first batch came, all of it at the end.
    Raises UnexpectedAnswer when the document is something else, AnswerCutOff when it ends early.
    """

    chunks: Iterable[bytes]
    key: str = ""
    frame: Any = None
    head: bytes = field(default=b"", init=False)

    def __iter__(self) -> Iterator[list[Item]]:
        """Batches of objects, in the order of the document; a batch is about a chunk long."""
        chunks = iter(self.chunks)
        buffer = self._find_start(chunks)
        while True:
            batch, buffer, ended = take(buffer)
            if batch:
                yield batch
            if ended:
                break
            more = next(chunks, None)
            if more is None:
                raise AnswerCutOff(sentence("the list “%(key)s” has no end", key=self.key))
            buffer += more
            if len(buffer) > LARGEST_OBJECT:
                raise UnexpectedAnswer(
                    sentence(
                        "one entry of “%(key)s” is larger than %(largest_object)s MB",
                        key=self.key,
                        largest_object=LARGEST_OBJECT // 1024 // 1024,
                    )
                )
        self._close(buffer, chunks)

    def _find_start(self, chunks: Iterator[bytes]) -> bytes:
        """What follows the opening bracket. The key cannot be met inside a string: there its quotes are escaped."""
        opening = re.compile(rb'"%s"\s*:\s*\[' % re.escape(self.key.encode())) if self.key else re.compile(rb"^\s*\[")
        buffer = b""
        for chunk in chunks:
            buffer += chunk
            found = opening.search(buffer)
            if found:
                self.head = buffer[: found.end() - 1]
                self.frame = parsed_or_none(self.head + (b"[]}" if self.key else b"[]"))
                return buffer[found.end() :]
            if len(buffer) > LARGEST_FRAME:
                break
        if buffer.lstrip()[:1] != b"{" or parsed_or_none(buffer) is not None or len(buffer) > LARGEST_FRAME:
            raise UnexpectedAnswer(sentence("there is no list “%(key)s” in the answer", key=self.key))
        raise AnswerCutOff(sentence("the answer ended before its list “%(key)s”", key=self.key))

    def _close(self, tail: bytes, chunks: Iterator[bytes]) -> None:
        """Read to the end and make sure that what stands around the array is one whole document."""
        for chunk in chunks:
            tail += chunk
            if len(tail) > LARGEST_FRAME:
                raise UnexpectedAnswer(sentence("there is far too much after the list “%(key)s”", key=self.key))
        self.frame = parsed_or_none(self.head + b"[" + tail)
        if self.frame is None:
            raise AnswerCutOff(sentence("the answer ended after its list “%(key)s”, but before its own end", key=self.key))


def take(buffer: bytes) -> tuple[list[Item], bytes, bool]:
    """Whole objects at the front of `buffer` (which stands inside the array), what is left, and whether the array ended.

    What is left starts with the closing bracket when it ended.
    """
    last = buffer.rfind(b"}") + 1
    quick = parsed_or_none(b"[" + buffer[:last].lstrip(b" \t\r\n,") + b"]") if last else None
    items: list[Item] = quick if quick is not None and all(isinstance(item, dict) for item in quick) else []
    position = last if items else 0
    while True:
        position = skip_gap(buffer, position)
        if buffer[position : position + 1] == b"]":
            return items, buffer[position:], True
        item, end = one_object(buffer, position)
        if item is None:
            return items, buffer[position:], False
        items.append(item)
        position = end


def skip_gap(buffer: bytes, position: int) -> int:
    """The next position that is neither white space nor the comma between two objects."""
    while buffer[position : position + 1] in (b" ", b"\t", b"\r", b"\n", b","):
        position += 1
    return position


def one_object(buffer: bytes, start: int) -> tuple[Item | None, int]:
    """The object that starts here and where it ends; None while it is not whole. Raises UnexpectedAnswer for anything but an object."""
    if start >= len(buffer):
        return None, start
    if buffer[start : start + 1] != b"{":
        raise UnexpectedAnswer(sentence("a list of objects holds something that is no object"))
    first = buffer.find(b"}", start) + 1
    flat = parsed_or_none(buffer[start:first]) if first else None
    if flat is not None:
        return flat, first
    depth = 0
    for token in TOKEN.finditer(buffer, start):
        depth += {b"{": 1, b"}": -1}.get(token.group(), 0)
        if depth == 0 and token.group() == b"}":
            text = buffer[start : token.end()]
            return parsed_or_none(text) or Unreadable(text[:60].decode("utf-8", "replace")), token.end()
    return None, start


def parsed_or_none(text: bytes) -> Any:
    """The value, or None when the text is not JSON (yet)."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
