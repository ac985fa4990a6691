"""Who there is: `GET /employees`, paged, with an announced total. The witness against which a full read is held.

Source: docs/vendors/bamboohr.md §2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from config.errors import UnexpectedAnswer
from config.sentences import sentence
from integrations.vendors.bamboohr.api import Api, said_at
from integrations.wire.http import Response

PAGE = 2500  # the most this call gives
FILTERED = 100  # ids in one filter: keeps the address under two kilobytes
MANAGER = "reportsToId"

Pairs = list[tuple[str, str]]


@dataclass(slots=True)
class Listing:
    """`managers`: employee id → manager's id, None without one. `said_at`: the source's clock at the first page (UTC)."""

    ids: set[str] = field(default_factory=set)
    total: int | None = None
    managers: dict[str, str | None] = field(default_factory=dict)
    said_at: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether as many came as were announced."""
        return self.total == len(self.ids)


def read_listing(api: Api, *, with_managers: bool = False) -> Listing:
    """Everybody the key may see, in every status. Raises CursorExpired when a page is no longer known."""
    return _walk(api, [("page[limit]", str(PAGE)), *_fields(with_managers)])


def look_up(api: Api, ids: Iterable[str], *, with_managers: bool = False) -> Listing:
    """Those of `ids` that exist and may be seen. `total` is meaningless here."""
    found, asked = Listing(), sorted(ids)
    for start in range(0, len(asked), FILTERED):
        some = asked[start : start + FILTERED]
        part = _walk(api, [("page[limit]", str(PAGE)), ("filter[ids]", ",".join(some)), *_fields(with_managers)])
        found.ids |= part.ids.intersection(some)
        found.managers |= part.managers
    return found


def _fields(with_managers: bool) -> Pairs:
    return [("fields", MANAGER)] if with_managers else []


def _walk(api: Api, params: Pairs) -> Listing:
    listing, cursor, seen = Listing(), "", set[str]()
    while True:
        response = api.get("employees", [*params, *([("page[after]", cursor)] if cursor else [])])
        following = _take(listing, response)
        if not following:
            return listing
        if following in seen:
            raise UnexpectedAnswer(sentence("the list of employees goes round in a circle"))
        seen.add(following)
        cursor = following


def _take(listing: Listing, response: Response) -> str:
    """Add one page to the listing. → where the next one starts, "" after the last."""
    answer = response.json()
    meta = answer.get("meta") if isinstance(answer, Mapping) else None
    if not isinstance(meta, Mapping) or not isinstance(answer.get("data"), list):
        raise UnexpectedAnswer(sentence("GET /employees came without “data” and “meta”"))
    listing.said_at = listing.said_at or said_at(response)
    total: Any = meta.get("total")
    listing.total = total if isinstance(total, int) else None
    for row in answer["data"]:
        employee = str(row["employeeId"])
        listing.ids.add(employee)
        if MANAGER in row and MANAGER not in (row.get("_restrictedFields") or ()):
            listing.managers[employee] = str(row[MANAGER]) if row[MANAGER] else None
    page = meta.get("page")
    return str((page.get("nextCursor") if isinstance(page, Mapping) else "") or "")
