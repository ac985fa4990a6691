"""GET /employees: pages by cursor, a closed list of fields, restricted ones named. JSON only. Source: docs/vendors/bamboohr.md §2."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson

from integrations.sandbox.emulators.bamboohr.answers import Refusal, as_json
from integrations.sandbox.emulators.bamboohr.fields import BY_NAME, employment_status, status
from integrations.sandbox.emulators.bamboohr.lists import option_id
from integrations.sandbox.emulators.bamboohr.office import Office
from integrations.sandbox.emulators.distort import BAD_DAY
from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.worker import Worker

MOST, DEFAULT_LIMIT = 2500, 250
DEFAULT = ("employeeId", "firstName", "lastName", "preferredName", "photoUrl", "jobTitleName", "status")
Value = str | None
Row = dict[str, Any]
Key = tuple[str, ...]

# name in this call → (the field whose rights decide, value). Option ids count, so that renames can be told.
COLUMNS: dict[str, tuple[str, Callable[[Worker, Office], Value]]] = {
    "employeeId": ("", lambda worker, _: worker.key),
    "firstName": ("firstName", lambda worker, _: worker.given),
    "lastName": ("lastName", lambda worker, _: worker.family),
    "preferredName": ("preferredName", lambda worker, _: worker.preferred or None),
    "photoUrl": ("", lambda *_: None),
    "jobTitleName": ("jobTitle", lambda worker, _: worker.title),
    "jobTitleId": ("jobTitle", lambda worker, _: option_id("jobTitle", worker.title)),
    "status": ("status", status),
    "workEmail": ("workEmail", lambda worker, _: worker.work_email or None),
    "homeEmail": ("homeEmail", lambda worker, _: worker.home_email or None),
    "hireDate": ("hireDate", lambda worker, _: worker.hire_on.isoformat()),
    "departmentId": ("department", lambda worker, _: option_id("department", worker.department_code)),
    "departmentName": ("department", lambda worker, _: worker.department),
    "divisionId": ("division", lambda worker, _: option_id("division", worker.division)),
    "divisionName": ("division", lambda worker, _: worker.division),
    "locationId": ("location", lambda worker, _: option_id("location", worker.location_code)),
    "locationName": ("location", lambda worker, _: worker.location_name),
    "employmentStatusId": (
        "employmentHistoryStatus",
        lambda worker, office: option_id("employmentHistoryStatus", employment_status(worker, office)),
    ),
    "employmentStatusName": ("employmentHistoryStatus", employment_status),
    "reportsToId": ("supervisor", lambda worker, _: worker.manager_key or None),
    "reportsToName": ("supervisor", lambda worker, office: office.boss(worker.manager_key)[4] or None),
}
PARAMETERS = {"fields", "sort", "page[limit]", "page[after]", "page[before]", "filter[status]", "filter[ids]"}


def listing(office: Office, request: Request, epoch: str) -> Response:
    """`epoch` marks cursors of this life of the sandbox; those of another are stale."""
    unknown = {name for name, _ in request.query} - PARAMETERS
    if unknown:
        raise _bad("InvalidParameter", f"Unknown parameter {', '.join(sorted(unknown))}")
    names = (*DEFAULT, *_columns(request.param("fields")))
    sort = _sort(request.param("sort"))
    limit = _limit(request.param("page[limit]"))
    forward, start = _cursor(office, request, sort, epoch)
    rows = _ordered(office, request, sort)
    page, has_before, has_after = _cut(rows, forward, start, limit)
    if office.faults.duplicate_across_pages and page and start is not None and forward:
        page[0] = rows[max(0, rows.index(page[0]) - 1)]
    shown = page[: len(page) // 2] if office.faults.truncate_last_page and not has_after else page
    marks = {
        "limit": limit,
        "nextCursor": _packed(office, epoch, sort, page[-1]) if has_after else None,
        "prevCursor": _packed(office, epoch, sort, page[0]) if has_before else None,
    }
    return as_json(
        {
            "data": [_row(office, worker, position, names) for position, worker in shown],
            "meta": {"total": len(rows), "page": marks},
            "_links": {"self": {"href": request.base_url + request.path}},
        }
    )


# ── rows ────────────────────────────────────────────────────────────────────────────────────────────


def _ordered(office: Office, request: Request, sort: list[tuple[str, bool]]) -> list[tuple[int, Worker]]:
    """Everybody who fits, in order. A row falls out when a field it would be filtered or sorted by is hidden for it."""
    wanted_status, ids = request.param("filter[status]"), request.param("filter[ids]")
    if wanted_status not in ("", "active", "inactive"):
        raise _bad("InvalidFilter", "filter[status] is active or inactive")
    if ids and not re.fullmatch(r"\d+(,\d+)*", ids):
        raise _bad("InvalidFilter", "filter[ids] is a list of numbers")
    wanted_ids = frozenset(ids.split(",")) if ids else None
    used = {COLUMNS[name][0] for name, _ in sort} | ({"status"} if wanted_status else set())
    found = []
    for position, worker in office.people():
        if wanted_ids is not None and worker.key not in wanted_ids:
            continue
        if not (office.settings.list_has_future_hires or office.has_started(worker)):
            continue
        if used & office.hidden_of(worker.key):
            continue
        if wanted_status and status(worker, office).lower() != wanted_status:
            continue
        found.append((position, worker))
    return _sorted(found, sort, office)


def _sorted(rows: list[tuple[int, Worker]], sort: list[tuple[str, bool]], office: Office) -> list[tuple[int, Worker]]:
    rows.sort(key=lambda row: int(row[1].key))
    for name, is_descending in reversed(sort):
        read = COLUMNS[name][1]
        rows.sort(key=lambda row: _comparable(name, read(row[1], office)), reverse=is_descending)
    return rows


def _comparable(name: str, value: Value) -> tuple[int, str]:
    return (int(value or 0), "") if name.endswith("Id") else (0, (value or "").casefold())


def _row(office: Office, worker: Worker, position: int, names: tuple[str, ...]) -> Row:
    hidden = office.hidden_of(worker.key)
    row: Row = {}
    restricted = []
    for name in names:
        right, read = COLUMNS[name]
        is_job = right in BY_NAME and BY_NAME[right].is_job
        if right in hidden:
            restricted.append(name)
        is_blank = right in hidden or (is_job and not office.has_started(worker))
        row[office.faults.rename_field.get(name, name)] = None if is_blank else read(worker, office)
    if row.get("hireDate") and office.has_bad_day(position):
        row["hireDate"] = BAD_DAY
    return row | {"_restrictedFields": restricted}


# ── paging ──────────────────────────────────────────────────────────────────────────────────────────


def _cut(rows: list[tuple[int, Worker]], forward: bool, start: str | None, limit: int) -> tuple[list[tuple[int, Worker]], bool, bool]:
    """(page, whether something is before it, whether something is after it). `start` is the id the cursor stands on."""
    ids = [worker.key for _, worker in rows]
    if start is None:
        low, high = 0, limit
    elif start not in ids:
        raise _bad("BadPage", "The cursor points at nobody any more")
    elif forward:
        low = ids.index(start) + 1
        high = low + limit
    else:
        high = ids.index(start)
        low = max(0, high - limit)
    return rows[low:high], low > 0, high < len(rows)


def _packed(office: Office, epoch: str, sort: list[tuple[str, bool]], row: tuple[int, Worker]) -> str:
    mark = [epoch, office.world.now().timestamp(), _sort_text(sort), row[1].key]
    return base64.urlsafe_b64encode(orjson.dumps(mark)).decode().rstrip("=")


def _cursor(office: Office, request: Request, sort: list[tuple[str, bool]], epoch: str) -> tuple[bool, str | None]:
    after, before = request.param("page[after]"), request.param("page[before]")
    if after and before:
        raise _bad("BadPage", "page[after] and page[before] exclude each other")
    if not (after or before):
        return True, None
    packed = after or before
    try:
        made, at, sorted_by, key = orjson.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        age = (office.world.now() - datetime.fromtimestamp(at, office.world.now().tzinfo)).total_seconds()
    except (binascii.Error, ValueError, TypeError) as error:
        raise _bad("BadPage", "This is not a cursor of ours") from error
    if made != epoch or sorted_by != _sort_text(sort) or age > office.settings.cursor_seconds:
        raise _bad("BadPage", "The cursor is stale, start again")
    return bool(after), str(key)


# ── parameters ──────────────────────────────────────────────────────────────────────────────────────


def _columns(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise _bad("InvalidField", f"Unknown field {', '.join(unknown)}")
    return [name for name in dict.fromkeys(names) if name not in DEFAULT]


def _sort(text: str) -> list[tuple[str, bool]]:
    """(column, whether descending)."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    _columns(",".join(part.removeprefix("-") for part in parts))
    return [(part.removeprefix("-"), part.startswith("-")) for part in parts]


def _sort_text(sort: list[tuple[str, bool]]) -> str:
    return ",".join(f"{'-' if is_descending else ''}{name}" for name, is_descending in sort)


def _limit(text: str) -> int:
    if not text:
        return DEFAULT_LIMIT
    if not text.isdigit() or not 1 <= int(text) <= MOST:
        raise _bad("BadPage", f"page[limit] is a number from 1 to {MOST}")
    return int(text)


def _bad(code: str, message: str) -> Refusal:
    return Refusal(400, message, {"error": {"code": code, "message": message}})
