"""A custom report as web service (RaaS): the whole list in one answer, read row by row in flat memory.

There is no paging, no delta and no count. What proves completeness is the end of the document itself: an answer that stops
before its last bracket was cut off. Source: docs/vendors/workday.md §8.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from lxml import etree

from config.errors import AnswerCutOff, CursorExpired, SourceFieldMissing, UnexpectedAnswer, ValueMissing
from integrations.vendors.base import Page, Record, Rejected, Window
from integrations.vendors.workday.bsvc import Element
from integrations.vendors.workday.workers import chunks
from integrations.wire import soap
from integrations.wire.auth import Basic, RefreshToken
from integrations.wire.http import Line, Response

REPORT_SECONDS = 35 * 60.0  # Workday ends a report after thirty minutes
REPORT_BYTES = 2 * 1024**3  # and at two gigabytes
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
    page_size: int = 100

    def pages(self, window: Window, cursor: Any = None) -> Iterator[Page]:
        """Raises CursorExpired for a cursor: a report is one answer, and its rows have no order to go on in."""
        if cursor is not None:
            raise CursorExpired("a report cannot be read on from the middle")
        yield from self.read(window)

    def read(self, window: Window) -> Iterator[Page]:
        """Pages of rows; the last one carries the number of rows as total, because the document was complete."""
        wids = chunks(window.ids, PROMPTED if self.prompt else len(window.ids)) if window.ids else iter([()])
        position, mark, batch = 0, None, Page(records=[])
        for chunk in wids:
            with self.open(chunk) as response:
                mark = mark or date_of(response)
                for row in self.rows(response):
                    position += 1
                    self._take(row, position, window.ids, batch)
                    if len(batch.records) + len(batch.rejected) >= self.page_size:
                        self._check_id_column(batch)
                        yield _done(batch, position, mark, window)
                        batch = Page(records=[])
        self._check_id_column(batch)
        last = _done(batch, position, mark, window)
        last.is_last, last.cursor, last.total = True, None, position if window.is_full else None
        yield last

    def open(self, wids: tuple[str, ...] = ()) -> Response:
        params = {"format": "simplexml" if self.format == "xml" else "json"}
        if wids and self.prompt:
            params[f"{self.prompt}!WID"] = "!".join(wids)
        return self.line.get(self.url, params=params, auth=self.auth, timeout_seconds=REPORT_SECONDS, max_bytes=REPORT_BYTES, stream=True)

    def rows(self, response: Response) -> Iterator[Row]:
        pieces = response.iter_bytes()
        return xml_rows(pieces) if self.format == "xml" else json_rows(pieces)

    def _take(self, row: Row, position: int, ids: tuple[str, ...], batch: Page) -> None:
        key = str(row.get(self.id_column) or "").strip()
        if not key:
            error = ValueMissing(f"the row has no {self.id_column}", field=self.id_column)
            batch.rejected.append(Rejected(position, error))
        elif not ids or key in ids:
            kept = {name: row[name] for name in self.columns if name in row}
            batch.records.append(Record(key, {"wid": key, "report": kept}))

    def _check_id_column(self, batch: Page) -> None:
        """Not one row of a whole page has it: the column was renamed, and nobody is to be rejected one by one for that."""
        if batch.rejected and not batch.records:
            raise SourceFieldMissing(f"no row of the report carries the column {self.id_column}", field=self.id_column)


def _done(batch: Page, position: int, mark: datetime | None, window: Window) -> Page:
    batch.cursor = {"row": position}
    batch.mark = None if window.ids else mark
    return batch


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
        raise UnexpectedAnswer("expected a report, got something that is not a JSON object")
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
            raise UnexpectedAnswer("the report is not valid JSON")


def _list(text: _Text) -> Iterator[Row]:
    text.expect("[")
    if text.peek() == "]":
        text.next()
        return
    separator = ","
    while separator == ",":
        row = text.value()
        if not isinstance(row, dict):
            raise UnexpectedAnswer("a row of the report is not an object")
        yield row
        separator = text.next()
    if separator != "]":
        raise UnexpectedAnswer("the report is not valid JSON")


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
            raise UnexpectedAnswer("the report is not valid JSON")

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
            raise AnswerCutOff("the report ends in the middle")
        try:
            text = self._decoder.decode(piece)
        except UnicodeDecodeError as error:
            raise UnexpectedAnswer("the report is not in UTF-8") from error
        self._text, self._at = self._text[self._at :] + text, 0


def _skip(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at
