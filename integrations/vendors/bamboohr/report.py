"""Read people with their fields: by the custom report, or by the employee dataset. Source: docs/vendors/bamboohr.md §2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.errors import PermissionMissing, UnexpectedAnswer
from config.sentences import sentence
from integrations.vendors.bamboohr.api import Api, said_at
from integrations.vendors.bamboohr.fields import NEEDED, missing_fields
from integrations.vendors.bamboohr.rows import ArrayReader, Item

REPORT = "reports/custom"
EVERYBODY = [("format", "JSON"), ("onlyCurrent", "false")]  # without it, future hires come with empty job fields
DATASET = "v2/datasets/employee/data"
DATASET_FIELDS = "v1_2/datasets/employee/fields"
DATASET_PAGE = 1000  # the most it gives
EVERY_STATUS = "status in ('Active','Inactive')"  # future hires are Inactive


@dataclass(slots=True)
class Rows:
    """Batches of rows under our field names, and the source's clock when the answer was made (UTC, or None)."""

    batches: Iterator[list[Item]]
    said_at: datetime | None


@contextmanager
def report(api: Api, fields: Sequence[str], ids: Sequence[str] | None = None) -> Iterator[Rows]:
    """The custom report over everybody, or over `ids`. Raises PermissionMissing when it lacks a field nothing works without."""
    body: dict[str, Any] = {"title": "Rollcall", "fields": list(fields), "filterDuplicates": "no"}
    if ids is not None:
        body["filters"] = {"employeeIds": [int(one) if one.isdecimal() else one for one in ids]}
    with api.download("POST", REPORT, body, EVERYBODY) as answer:
        yield Rows(_checked(ArrayReader(answer.chunks(), "employees"), fields), answer.said_at)


def _checked(reader: ArrayReader, fields: Sequence[str]) -> Iterator[list[Item]]:
    batches = iter(reader)
    first = next(batches, None)
    refuse_without_needed(reader.frame, fields)
    if first is not None:
        yield first
    yield from batches


def refuse_without_needed(frame: Any, fields: Sequence[str]) -> None:
    missing = missing_fields(frame.get("fields") if isinstance(frame, Mapping) else None, fields)
    hidden = [name for name in NEEDED if name in missing]
    if hidden:
        raise PermissionMissing(sentence("the key's user may not see %(hidden)s", hidden=list(hidden)), field=hidden[0])


@contextmanager
def dataset(api: Api, names: Mapping[str, str]) -> Iterator[Rows]:
    """The employee dataset over everybody, page by page, ordered by id. `names`: our field name → its name there."""
    first = _dataset_page(api, names, 1)
    yield Rows(_dataset_pages(api, names, first.json()), said_at(first))


def _dataset_page(api: Api, names: Mapping[str, str], page: int) -> Any:
    body = {
        "fields": list(dict.fromkeys(names.values())),
        "filter": EVERY_STATUS,
        "orderBy": f"{names['id']} asc",
        "page": page,
        "pageSize": DATASET_PAGE,
    }
    return api.post(DATASET, body)


def _dataset_pages(api: Api, names: Mapping[str, str], answer: Any) -> Iterator[list[Item]]:
    page = 1
    while True:
        if not isinstance(answer, Mapping) or not isinstance(answer.get("data"), list):
            raise UnexpectedAnswer(sentence("the dataset came without “data”"))
        yield [renamed(row, names) for row in answer["data"]]
        if page >= int((answer.get("meta") or {}).get("totalPages") or 0):
            return
        page += 1
        answer = _dataset_page(api, names, page).json()


def renamed(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A dataset row under our names, values word for word. What the key may not see is left out, as in a report (§1)."""
    values: Mapping[str, Any] = row.get("fields") or {}
    hidden = {*(row.get("_restrictedFields") or ()), *(values.get("_restrictedFields") or ())}
    return {ours: values[theirs] for ours, theirs in names.items() if theirs in values and theirs not in hidden}


def dataset_has(api: Api) -> set[str]:
    """The field names the dataset offers to this key."""
    found: set[str] = set()
    page = 1
    while True:
        answer = api.get(DATASET_FIELDS, [("page", str(page)), ("page_size", "1000")]).json()
        fields = answer.get("fields") or []
        found |= {str(one.get("name")) for one in fields}
        if len(fields) < 1000:
            return found
        page += 1
