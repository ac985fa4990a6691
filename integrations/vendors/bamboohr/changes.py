"""A delta: who changed, and then these people as they are now. Source: docs/vendors/bamboohr.md §3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from config.errors import UnexpectedAnswer
from config.sentences import sentence
from integrations.vendors.bamboohr.api import Api, moment, said_at
from integrations.vendors.bamboohr.form import Terms
from integrations.vendors.bamboohr.people import BATCH, read_people
from integrations.vendors.base import Json, Page, Record, Window

ERASED = "deleted"


@dataclass(slots=True)
class Changes:
    """`when` by employee id, in the order of the ids; `erased` are those the source deleted. `mark`: the newest change (UTC)."""

    when: dict[str, datetime | None]
    erased: set[str]
    mark: datetime | None
    said_at: datetime | None


def changed_people(api: Api, terms: Terms, window: Window, since: datetime, cursor: Json) -> Iterator[Page]:
    """Everybody changed since `since` less the overlap, a page per 200 people, in the order of their ids.

    After a crash the feed is asked again and goes on after the last id; the mark stays that of the first try, so that what
    changed in between comes again in the next window.
    """
    changes = read_changes(api, since - terms.overlap)
    mark = max(since, changes.mark or since)
    if isinstance(cursor, Mapping):
        mark = moment(cursor["mark"]) or since
    as_of = window.as_of or (changes.said_at or since).date()
    yield from _pages(api, terms, list(changes.when), as_of, changes, mark, cursor)


def named_people(api: Api, terms: Terms, window: Window, cursor: Json) -> Iterator[Page]:
    """Just the people of `window.ids`. Such a read says nothing about others, so it carries no mark."""
    as_of = window.as_of or (window.until.date() if window.until else today_there(api))
    yield from _pages(api, terms, sorted(set(window.ids), key=order), as_of, Changes({}, set(), None, None), None, cursor)


def today_there(api: Api) -> date | None:
    """The date by the source's own clock, in UTC."""
    now = said_at(api.get("employees/0"))
    return now.date() if now else None


def _pages(
    api: Api, terms: Terms, ids: Sequence[str], as_of: date | None, changes: Changes, mark: datetime | None, cursor: Json
) -> Iterator[Page]:
    after = order(str(cursor["after"])) if isinstance(cursor, Mapping) else (0, "")
    done = sum(order(one) <= after for one in ids)
    for start in range(done, max(len(ids), done + 1), BATCH):
        batch = ids[start : start + BATCH]
        living = [one for one in batch if one not in changes.erased]
        records, rejected = read_people(api, terms, living, as_of, start + 1) if living else ([], [])
        records += [Record(one, {"id": one}, deleted=True) for one in batch if one in changes.erased]
        for record in records:
            record.changed_at = changes.when.get(record.external_id) or record.changed_at
        yield Page(
            records,
            cursor={"after": batch[-1], "mark": mark.isoformat() if mark else None} if batch else cursor,
            is_last=start + BATCH >= len(ids),
            total=len(ids),
            mark=mark,
            rejected=rejected,
        )


def read_changes(api: Api, since: datetime) -> Changes:
    """The feed, unpaged. `employees` is an object by id, and an empty list where there is none (§11)."""
    stamp = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    response = api.get("employees/changed", [("since", stamp), ("type", "all")])
    answer = response.json()
    people = answer.get("employees") if isinstance(answer, Mapping) else None
    if people is None or not isinstance(people, (Mapping, list)):
        raise UnexpectedAnswer(sentence("the feed of changes came without “employees”"))
    entries: Sequence[Any] = list(people.values()) if isinstance(people, Mapping) else people
    found = sorted((entry for entry in entries if isinstance(entry, Mapping)), key=lambda entry: order(str(entry["id"])))
    return Changes(
        when={str(entry["id"]): moment(entry.get("lastChanged")) for entry in found},
        erased={str(entry["id"]) for entry in found if str(entry.get("action", "")).lower() == ERASED},
        mark=moment(answer.get("latest")),
        said_at=said_at(response),
    )


def order(employee: str) -> tuple[int, str]:
    """Ids are numbers written as text; shorter ones come first."""
    return len(employee), employee
