"""A custom report as web service (RaaS): the whole list in one answer, read row by row in flat memory.

There is no paging, no delta and no count. What proves completeness is the end of the document itself: an answer that stops
before its last bracket was cut off. A read that was interrupted asks again and skips what it had, as long as the rows still
come in the same order. Source: docs/vendors/workday.md §3.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Any

from lxml import etree

from config.errors import AnswerCutOff, CursorExpired, SourceFieldMissing, UnexpectedAnswer, ValueMissing
from config.sentences import sentence
from integrations.vendors.base import Page, Record, Rejected, Window
from integrations.vendors.workday.bsvc import Element
from integrations.vendors.workday.workers import chunks
from integrations.wire import soap
from integrations.wire.auth import Basic, RefreshToken
from integrations.wire.http import Line, Response

REPORT_BYTES = 2 * 1024**3  # Workday ends a report at two gigabytes
PAGE = 1000  # rows: going on after an interruption reads everything before again, so there should not be many pages
PROMPTED = 40  # WIDs in one address: they take 33 characters each, and addresses beyond 2,000 are refused
ENTRIES = "Report_Entry"
SPACE = re.compile(r"[ \t\r\n]*")

Row = dict[str, Any]


@dataclass(frozen=True)
class Report:
    """`columns` is what may be taken from a row; `id_column` names the WID or another id that never changes."""

    line: Line
    url: str
    auth: Basic | RefreshToken
    format: str
    id_column: str
    columns: tuple[str, ...]
    prompt: str = ""
    wait_seconds: float = 80.0

    def pages(self, window: Window, cursor: Any = None) -> Iterator[Page]:
        """The last page carries the number of rows as total. Raises CursorExpired where the rows before the cursor changed."""
        taken, reached = _Taken.from_cursor(cursor), _Taken()
        batch = Page(records=[])
        for told_at, row in self._answers(window.ids):
            batch.mark = None if window.ids else told_at
            key = str(row.get(self.id_column) or "").strip()
            reached.add(key)
            if reached.row <= taken.row:
                reached.check(taken)
                continue
            self._take(row, key, reached.row, window.ids, batch)
            if len(batch.records) + len(batch.rejected) >= PAGE:
                yield self._done(batch, reached)
                batch = Page(records=[], mark=batch.mark)
        if reached.row < taken.row:
            raise CursorExpired(sentence("the report has fewer rows than before"))
        last = self._done(batch, reached)
        last.is_last, last.cursor, last.total = True, None, None if window.ids else reached.row
        yield last

    def _answers(self, ids: tuple[str, ...]) -> Iterator[tuple[datetime | None, Row]]:
        """Every row of every call, with the moment of its answer: one call, or several that name people at the prompt."""
        named = bool(ids and self.prompt)
        for chunk in chunks(ids, PROMPTED) if named else ((),):
            with self.open(chunk) as response:
                told_at = date_of(response)
                for row in self.rows(response):
                    yield told_at, row

    def open(self, wids: tuple[str, ...] = ()) -> Response:
        params = {"format": "simplexml" if self.format == "xml" else "json"}
        if wids:
            params[f"{self.prompt}!WID"] = "!".join(wids)
        return self.line.get(
            self.url, params=params, auth=self.auth, timeout_seconds=self.wait_seconds, max_bytes=REPORT_BYTES, stream=True
        )

    def rows(self, response: Response) -> Iterator[Row]:
        pieces = response.iter_bytes()
        return xml_rows(pieces) if self.format == "xml" else json_rows(pieces)

    def _take(self, row: Row, key: str, position: int, ids: tuple[str, ...], batch: Page) -> None:
        if not key:
            error = ValueMissing(sentence("the row has no %(id_column)s", id_column=self.id_column), field=self.id_column)
            batch.rejected.append(Rejected(position, error))
        elif not ids or key in ids:
            kept = {name: row[name] for name in self.columns if name in row}
            batch.records.append(Record(key, {"wid": key, "report": kept}, changed_at=batch.mark))

    def _done(self, batch: Page, reached: _Taken) -> Page:
        """Raises SourceFieldMissing when not one row has the id: a column was renamed, and nobody is to be rejected for that."""
        if batch.rejected and not batch.records:
            raise SourceFieldMissing(
                sentence("no row of the report carries the column %(id_column)s", id_column=self.id_column), field=self.id_column
            )
        batch.cursor = reached.to_cursor()
        return batch


class _Taken:
    """How many rows were taken, and a fingerprint of their ids in order."""

    def __init__(self, row: int = 0, told: str = "") -> None:
        self.row = row
        self._told = told
        self._digest = blake2b(digest_size=16)

    def add(self, key: str) -> None:
        self.row += 1
        self._digest.update(f"{key}\n".encode())

    def check(self, before: _Taken) -> None:
        if self.row == before.row and self._digest.hexdigest() != before._told:
            raise CursorExpired(sentence("the rows of the report come in another order than before"))

    def to_cursor(self) -> dict[str, Any]:
        return {"row": self.row, "digest": self._digest.hexdigest()}

    @classmethod
    def from_cursor(cls, cursor: Any) -> _Taken:
        if cursor is None:
            return cls()
        try:
            return cls(int(cursor["row"]), str(cursor["digest"]))
        except (KeyError, TypeError, ValueError) as error:
            raise CursorExpired(sentence("the stored place is not one of a report")) from error


def date_of(response: Response) -> datetime | None:
    """Workday's clock where the service for it is not open to us: the header of the answer, UTC."""
    try:
        return parsedate_to_datetime(response.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return None


# ── XML ─────────────────────────────────────────────────────────────────────────────────────────────


def xml_rows(pieces: Iterable[bytes]) -> Iterator[Row]:
    """Rows of `Report_Data/Report_Entry`, whatever namespace the report gave itself."""
    for element in soap.elements(pieces, (f"{{*}}{ENTRIES}",)):
        yield _fields(element)


def _fields(element: Element) -> Row:
    row: Row = {}
    for child in element:
        name, value = etree.QName(child).localname, _value(child)
        if name not in row:
            row[name] = value
        else:
            row[name] = [*(row[name] if isinstance(row[name], list) else [row[name]]), value]
    return row


def _value(element: Element) -> Any:
    """A reference reads as its descriptor, a group as an object, all else as text: the same as in JSON."""
    descriptor = next((value for name, value in element.attrib.items() if etree.QName(name).localname == "Descriptor"), None)
    if descriptor is not None:
        return descriptor
    return _fields(element) if len(element) else element.text


# ── JSON ────────────────────────────────────────────────────────────────────────────────────────────


def json_rows(pieces: Iterable[bytes]) -> Iterator[Row]:
    """Rows of `{"Report_Entry": […]}` while they arrive. A missing or empty list is an empty report, not a fault."""
    text = _Text(pieces)
    if text.next() != "{":
        raise UnexpectedAnswer(sentence("expected a report, got something that is not a JSON object"))
    separator = text.peek()
    while separator != "}":
        key = text.value()
        text.expect(":")
        if key == ENTRIES and text.peek() == "[":
            yield from _list(text)
        else:
            text.value()
        separator = text.next()
        if separator not in (",", "}"):
            raise UnexpectedAnswer(sentence("the report is not valid JSON"))


def _list(text: _Text) -> Iterator[Row]:
    text.expect("[")
    if text.peek() == "]":
        text.next()
        return
    separator = ","
    while separator == ",":
        row = text.value()
        if not isinstance(row, dict):
            raise UnexpectedAnswer(sentence("a row of the report is not an object"))
        yield row
        separator = text.next()
    if separator != "]":
        raise UnexpectedAnswer(sentence("the report is not valid JSON"))


class _Text:
    """A window over text that is still arriving; holds one row and the rest of a piece."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder()
        self._text = ""
        self._at = 0

    def peek(self) -> str:
        """The next character that is not space. Raises AnswerCutOff at the end."""
        self._at = _skip(self._text, self._at)
        while self._at >= len(self._text):
            self._more()
            self._at = _skip(self._text, self._at)
        return self._text[self._at]

    def next(self) -> str:
        character = self.peek()
        self._at += 1
        return character

    def expect(self, character: str) -> None:
        if self.next() != character:
            raise UnexpectedAnswer(sentence("the report is not valid JSON"))

    def value(self) -> Any:
        """One whole value; more text is fetched until it is whole. What follows must be here too: 12 may be half of 123."""
        self.peek()
        while True:
            try:
                found, end = self._json.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                self._more()
                continue
            if end < len(self._text):
                self._at = end
                return found
            self._more()

    def _more(self) -> None:
        piece = next(self._pieces, b"")
        if not piece:
            raise AnswerCutOff(sentence("the report ends in the middle"))
        try:
            text = self._decoder.decode(piece)
        except UnicodeDecodeError as error:
            raise UnexpectedAnswer(sentence("the report is not in UTF-8")) from error
        self._text, self._at = self._text[self._at :] + text, 0


def _skip(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at
