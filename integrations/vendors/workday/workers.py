"""Reading the workers: in which steps, page by page, as of one frozen moment, and how far one may believe it.

A full read has two steps: everybody, and those whose hire is entered but still ahead, whom the first may leave out. A delta has
two as well: what was entered in the span, and what was entered earlier and took effect in it. Future hires of any page are read
again as of their hire date. A full read after reads of changes asks first whom these could not have told yet (D10).
Source: docs/vendors/workday.md §7.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from config.errors import AnswerCutOff, CursorExpired, PermissionMissing, RecordRejected
from config.sentences import sentence
from integrations.vendors.base import Page, Record, Rejected, Window
from integrations.vendors.workday.parse import Payload, Reading
from integrations.vendors.workday.requests import Span, WorkersQuery
from integrations.vendors.workday.service import Answer, Service

# Payload key → the section in words and the security domain that opens it. The first two are needed for every worker.
SECTIONS = {
    "names": (sentence("names"), "Person Data: Name"),
    "status": (sentence("employment status"), "Worker Data: Current Staffing Information"),
    "emails": (sentence("e-mail"), "Person Data: Work Contact Information"),
    "organizations": (sentence("organisations"), "Worker Data: Organization Information"),
    "supervisory_chain": (sentence("management chain"), "Worker Data: Management Chain"),
}
NEEDED = ("names", "status")
NEEDED_FOR_CHAINS = ("status",)
ASKED_FOR_CHAINS = ("status", "supervisory_chain")
AHEAD = timedelta(days=730)  # hires are not entered earlier than that
SAMPLE = 20  # active workers on a page: among fewer, a section may be missing by chance


COUNTED = ("step", "page", "heard", "before")
TOLD = ("total", "everybody")


@dataclass(frozen=True)
class Place:
    """Where a read stands: which step, which page, how many were heard in this step and before it. JSON in a cursor.

    `total` is what this step announced. `everybody` is the number a full read has to reach: what the first step announced, and
    one more for each hire that the second one found ahead.
    """

    moment: datetime
    as_of: date
    step: int = 0
    page: int = 1
    heard: int = 0
    before: int = 0
    total: int | None = None
    everybody: int | None = None

    def to_cursor(self) -> dict[str, Any]:
        return {
            "moment": self.moment.isoformat(),
            "as_of": self.as_of.isoformat(),
            **{key: getattr(self, key) for key in (*COUNTED, *TOLD)},
        }

    @classmethod
    def from_cursor(cls, cursor: Any) -> Place:
        try:
            step, page, heard, before = (int(cursor[key]) for key in COUNTED)
            total, everybody = (None if cursor[key] is None else int(cursor[key]) for key in TOLD)
            moment, as_of = datetime.fromisoformat(cursor["moment"]), date.fromisoformat(cursor["as_of"])
        except (KeyError, TypeError, ValueError) as error:
            raise CursorExpired(sentence("the stored place is not one of this connector")) from error
        return cls(moment, as_of, step, page, heard, before, total, everybody)


@dataclass(frozen=True)
class Choice:
    """What the connector's settings say about reading workers."""

    page_size: int = 100
    effective_overlap: timedelta = timedelta(hours=48)
    email_usage: str = "WORK"
    prefers_legal: bool = False
    exclude_contingent: bool = False
    all_managers: bool = True
    chains_only: bool = False  # for the organisation chart: a third less to send and to parse

    @property
    def asked(self) -> tuple[str, ...]:
        return ASKED_FOR_CHAINS if self.chains_only else tuple(SECTIONS)

    @property
    def needed(self) -> tuple[str, ...]:
        return NEEDED_FOR_CHAINS if self.chains_only else NEEDED


@dataclass(frozen=True)
class Workers:
    service: Service
    choice: Choice

    def begin(self, window: Window) -> Place:
        """Freeze the moment on Workday's clock: never later than it, and never later than the window's own end."""
        now = self.service.clock()
        moment = min(window.until, now.moment) if window.until else now.moment
        return Place(moment=moment, as_of=window.as_of or now.on)

    def read(self, window: Window, place: Place) -> Iterator[Page]:
        """Raises AnswerCutOff where the counts do not add up, CursorExpired for a place that is not in this window."""
        steps = self._steps(window, place)
        if place.step >= len(steps):
            raise CursorExpired(sentence("the stored place is behind the end of this window"))
        later = self._later(window.known_to, place) if window.known_to and not self.choice.chains_only else None
        while True:
            query = replace(steps[place.step], page=place.page)
            answer = self.service.page(query, self._reading(place))
            following = _following(place, answer)
            if window.is_full and place.step == 0:
                _miss_no_section(answer.workers, self.choice)
            page = self._page(window, place, answer)
            page.later = later
            if window.is_full:
                following = _reaching(following, place, page)
                page.total = following.everybody
            page.is_last = following.step == len(steps)
            page.cursor = None if page.is_last else following.to_cursor()
            yield page
            if page.is_last:
                return
            place = following

    def _query(self, place: Place) -> WorkersQuery:
        return WorkersQuery(
            version=self.service.version,
            as_of=place.as_of,
            moment=place.moment,
            count=self.choice.page_size,
            exclude_contingent=self.choice.exclude_contingent,
            all_managers=self.choice.all_managers,
            chains_only=self.choice.chains_only,
        )

    def _steps(self, window: Window, place: Place) -> list[WorkersQuery]:
        query = self._query(place)
        if window.ids:
            return [replace(query, wids=chunk) for chunk in chunks(window.ids, self.choice.page_size)]
        if window.since is None:
            return [query, replace(query, span=Span("Effective", place.moment, place.moment + AHEAD))]
        return [replace(query, span=span) for span in self._spans(window.since, place.moment)]

    def _spans(self, since: datetime, moment: datetime) -> list[Span]:
        """The second reaches further back: nobody says in which zone a day takes effect."""
        entered_from = min(since, moment)
        return [Span("Updated", entered_from, moment), Span("Effective", entered_from - self.choice.effective_overlap, moment)]

    def _later(self, known_to: datetime, place: Place) -> frozenset[str]:
        """Whoever the transaction log names since then: every record of a read carries the read's own moment, and cannot say it."""
        query = replace(self._query(place), chains_only=True)  # the least to send
        found: set[str] = set()
        for span in self._spans(known_to, place.moment):
            number, pages = 1, 1
            while number <= pages:
                answer = self.service.page(replace(query, span=span, page=number), self._reading(place))
                found.update(payload["wid"] for payload in answer.workers if payload["wid"])
                number, pages = number + 1, answer.pages
        return frozenset(found)

    def _reading(self, place: Place) -> Reading:
        return Reading(place.as_of, self.choice.email_usage, self.choice.prefers_legal)

    def _page(self, window: Window, place: Place, answer: Answer) -> Page:
        page = Page(records=[], mark=None if window.ids else place.moment)
        ahead = self._ahead(answer.workers, place)
        for position, payload in enumerate(answer.workers, place.before + place.heard + 1):
            if window.is_full and place.step and payload["wid"] not in ahead:
                continue  # somebody with a change ahead, whom the first step told
            try:
                page.records.append(record(ahead.get(payload["wid"], payload), place.moment, self.choice.needed))
            except RecordRejected as error:
                page.rejected.append(Rejected(position, error, payload["wid"] or ""))
        return page

    def _ahead(self, workers: list[Payload], place: Place) -> dict[str, Payload]:
        """Whoever starts later, as of their first day: until then Workday shows them inactive and mostly empty."""
        by_day: dict[str, list[str]] = defaultdict(list)
        for payload in workers:
            if payload.get("state") == "pending" and payload["wid"]:
                by_day[payload["status"]["hire_on"]].append(payload["wid"])
        told = {payload["wid"]: payload for payload in workers if payload.get("state") == "pending"}
        return told | {payload["wid"]: payload for day, wids in by_day.items() for payload in self._as_of(day, tuple(wids), place)}

    def _as_of(self, day: str, wids: tuple[str, ...], place: Place) -> Iterator[Payload]:
        try:
            on = date.fromisoformat(day)
        except ValueError:
            return  # not a date: the record stays as it was told, and the mapping says what is wrong with it
        query = replace(self._query(place), as_of=on, wids=wids)
        for payload in self.service.page(query, replace(self._reading(place), as_of=on)).workers:
            yield payload | {"state": "pending"}


def record(payload: Payload, moment: datetime, needed: Iterable[str] = NEEDED) -> Record:
    """`moment` is its version time: what was frozen later is newer, whenever it was entered.

    Raises RecordRejected where the sections that decide over a person are missing: "not told" must not read as "left"."""
    missing = [SECTIONS[key][0] for key in needed if key not in payload]
    if not payload["wid"]:
        raise RecordRejected(sentence("the worker carries no WID"))
    if missing:
        raise RecordRejected(sentence("Workday did not send the %(missing)s of this worker", missing=missing))
    return Record(payload["wid"], payload, changed_at=moment)


def _following(place: Place, answer: Answer) -> Place:
    """The place after this page. The last page of a step has to bring the sum to what was announced."""
    if place.total not in (None, answer.total):
        raise AnswerCutOff(
            sentence("the list went from %(before)s to %(now)s workers while it was being read", before=place.total, now=answer.total)
        )
    heard = place.heard + len(answer.workers)
    everybody = answer.total if place.step == 0 else place.everybody
    if place.page < answer.pages:
        return replace(place, page=place.page + 1, heard=heard, total=answer.total, everybody=everybody)
    if heard != answer.total:
        raise AnswerCutOff(sentence("Workday announced %(total)s workers and sent %(heard)s", total=answer.total, heard=heard))
    return replace(place, step=place.step + 1, page=1, heard=0, before=place.before + heard, total=None, everybody=everybody)


def _reaching(following: Place, place: Place, page: Page) -> Place:
    """Hires found ahead raise the number that a full read has to reach: they were not among everybody."""
    found = len(page.records) + len(page.rejected) if place.step else 0
    return replace(following, everybody=(following.everybody or 0) + found)


def _miss_no_section(workers: list[Payload], choice: Choice) -> None:
    """A section whose domain was taken away is left out without a word. Raises PermissionMissing when nobody has it."""
    at_work = [payload for payload in workers if payload.get("state") in ("active", "leave", None)]
    for key in choice.asked:
        words, domain = SECTIONS[key]
        enough = len(at_work) >= (1 if key in choice.needed else SAMPLE)
        if enough and not any(key in payload for payload in at_work):
            raise PermissionMissing(sentence("no worker came with %(words)s: is “%(domain)s” still granted?", words=words, domain=domain))


def chunks(ids: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
