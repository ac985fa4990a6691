"""A full read: all people, page by page, with the proof that nobody is missing. Source: docs/vendors/bamboohr.md §2, §4.

The report has no pages and no total. So the ids are first listed by `GET /employees`, which announces its total, and the read
is only called complete when every listed id has come. Somebody who is in the report alone (a future hire may be) does no harm.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from config.errors import CursorExpired
from config.sentences import sentence
from integrations.vendors.bamboohr.api import Api, moment
from integrations.vendors.bamboohr.form import Terms
from integrations.vendors.bamboohr.listing import Listing, read_listing
from integrations.vendors.bamboohr.people import Keeper, keeper, rows_of, sort_in
from integrations.vendors.bamboohr.report import Rows, dataset, report
from integrations.vendors.bamboohr.rows import Item
from integrations.vendors.base import Json, Page, Window

FORGIVEN = 500  # listed people the report left out that are asked for again; more is a fault, not a coincidence


@dataclass(frozen=True)
class Place:
    """Where a read stands: how many rows were handed out, which ids these were (a digest), and as of when.

    The source has no cursor, so going on means reading again and passing over what was handed out. The digest proves that it
    is the same people that are passed over; if the order changed, the read starts again.
    """

    rows: int = 0
    digest: str = ""
    mark: datetime | None = None
    as_of: date | None = None

    @classmethod
    def of(cls, cursor: Json) -> Place:
        if not isinstance(cursor, Mapping):
            return cls()
        as_of = cursor.get("as_of")
        return cls(int(cursor["rows"]), str(cursor["ids"]), moment(cursor.get("mark")), date.fromisoformat(as_of) if as_of else None)

    def cursor(self) -> dict[str, Json]:
        return {
            "rows": self.rows,
            "ids": self.digest,
            "mark": self.mark.isoformat() if self.mark else None,
            "as_of": self.as_of.isoformat() if self.as_of else None,
        }


def everybody(api: Api, terms: Terms, window: Window, cursor: Json, page_rows: int) -> Iterator[Page]:
    """Pages of `page_rows`. Raises CursorExpired when a read cannot be gone on with.

    The mark is the newest stamp among the people (the source's own, so that no clock between us can be wrong), and never later
    than the window's end or the moment of the first answer.
    """
    place = Place.of(cursor)
    listing = read_listing(api, with_managers=terms.wants_listed_managers) if _needs_list(terms) else Listing()
    with _source(api, terms) as rows:
        begun_at = _earliest(window.until, listing.said_at or rows.said_at)
        as_of = place.as_of or window.as_of or (begun_at.date() if begun_at else None)
        keep = keeper(api, terms, as_of, None, listing.managers)
        read = _Read(keep, Place(place.rows, place.digest, place.mark, as_of), begun_at)
        waiting: Page | None = None
        for page in read.pages(blocks(rows.batches, page_rows)):
            page.total = listing.total
            if waiting is not None:
                yield waiting
            waiting = page
    if waiting is None:
        waiting = Page([], cursor=cursor, total=listing.total, mark=read.mark)
    if terms.compares_list and listing.is_whole:
        _ask_again(api, keep, listing, waiting, read.row + 1)
        waiting.is_last = listing.ids.issubset(keep.met)
    if waiting.is_last:
        waiting.total = len(keep.met)  # what came: the report may know people whom the list does not
    yield waiting


def _ask_again(api: Api, keep: Keeper, listing: Listing, page: Page, position: int) -> None:
    """Once more, by id, for those who were listed and did not come; who comes now joins the last page."""
    missing = sorted(listing.ids.difference(keep.met))
    if not 0 < len(missing) <= FORGIVEN:
        return
    for item in rows_of(api, keep.terms, missing):
        sort_in(keep.take(item, position), page.records, page.rejected)


class _Read:
    """Walks blocks of rows, passes over those that an earlier try handed out, and makes pages of the rest."""

    def __init__(self, keep: Keeper, place: Place, begun_at: datetime | None) -> None:
        self.keep = keep
        self.place = place
        self.begun_at = begun_at
        self.newest: datetime | None = None  # of the stamps met so far
        self.row = 0
        self.digest = hashlib.sha256()

    @property
    def mark(self) -> datetime | None:
        """A read that goes on keeps the mark it stopped with: what was handed out then may have changed since."""
        return self.place.mark or _earliest(self.newest, self.begun_at)

    def pages(self, blocks: Iterable[list[Item]]) -> Iterator[Page]:
        for block in blocks:
            if self.row >= self.place.rows:
                yield self._page(block)
                continue
            for item in block:
                self.keep.note(item)
            self._count(block)
            if self.row >= self.place.rows:
                self._compare()
        if self.row < self.place.rows:
            raise CursorExpired(sentence("there are fewer people than were handed out already"))

    def _page(self, block: list[Item]) -> Page:
        page = Page([])
        for position, item in enumerate(block, self.row + 1):
            sort_in(self.keep.take(item, position), page.records, page.rejected)
        self._count(block)
        stamps = [record.changed_at for record in page.records if record.changed_at]
        self.newest = max([*stamps, *([self.newest] if self.newest else [])], default=None)
        page.mark = self.mark
        page.cursor = Place(self.row, self._digest(), page.mark, self.place.as_of).cursor()
        return page

    def _count(self, block: list[Item]) -> None:
        self.row += len(block)
        self.digest.update("".join(f"{item.get('id') if isinstance(item, dict) else '?'}\n" for item in block).encode())

    def _compare(self) -> None:
        if self.row != self.place.rows or self._digest() != self.place.digest:
            raise CursorExpired(sentence("the people came in another order than before"))

    def _digest(self) -> str:
        return self.digest.hexdigest()[:32]


def _needs_list(terms: Terms) -> bool:
    return terms.compares_list or terms.wants_listed_managers


def _source(api: Api, terms: Terms) -> AbstractContextManager[Rows]:
    return dataset(api, terms.names) if terms.uses_dataset else report(api, terms.asked)


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((one for one in moments if one is not None), default=None)


def blocks(batches: Iterable[list[Any]], size: int) -> Iterator[list[Any]]:
    """The same items in lists of exactly `size`; the last may be shorter."""
    waiting: list[Any] = []
    for batch in batches:
        waiting += batch
        while len(waiting) >= size:
            yield waiting[:size]
            waiting = waiting[size:]
    if waiting:
        yield waiting
