"""Datasets, version 2: own field names, a small filter language, pages by number. Source: docs/vendors/bamboohr.md §2."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from integrations.sandbox.emulators.bamboohr.answers import Refusal, as_json
from integrations.sandbox.emulators.bamboohr.fields import BY_NAME
from integrations.sandbox.emulators.bamboohr.office import Office
from integrations.sandbox.emulators.distort import BAD_DAY
from integrations.sandbox.exchange import Request, Response

DEFAULT_PAGE_SIZE, MOST_ROWS, MOST_NAMES = 100, 1000, 1000
Row = dict[str, Any]

# name in the dataset → (label, our field; "" is the person's id). A vocabulary of its own, unlike every other call's.
COLUMNS: dict[str, tuple[str, str]] = {
    "eeid": ("EEID", ""),
    "employeeNumber": ("Employee #", "employeeNumber"),
    "firstName": ("First Name", "firstName"),
    "lastName": ("Last Name", "lastName"),
    "preferredName": ("Preferred Name", "preferredName"),
    "email": ("Work Email", "workEmail"),
    "homeEmail": ("Home Email", "homeEmail"),
    "status": ("Status", "status"),
    "hireDate": ("Hire Date", "hireDate"),
    "originalHireDate": ("Original Hire Date", "originalHireDate"),
    "terminationDate": ("Termination Date", "terminationDate"),
    "employmentStatus": ("Employment Status", "employmentHistoryStatus"),
    "jobInformationJobTitle": ("Job Information: Job Title", "jobTitle"),
    "jobInformationDepartment": ("Job Information: Department", "department"),
    "jobInformationDivision": ("Job Information: Division", "division"),
    "jobInformationLocation": ("Job Information: Location", "location"),
    "jobInformationReportsTo": ("Job Information: Reports To", "supervisor"),
    "supervisorEid": ("Supervisor EID", "supervisorEId"),
    "customMatrixManager": ("Matrix manager", "customMatrixManager"),
    "payRate": ("Pay rate", "payRate"),
    "lastChanged": ("Last changed", "lastChanged"),
}


def catalogue(_office: Office, _request: Request) -> Response:
    return as_json({"datasets": [{"name": "employee", "label": "Employees"}]})


def names(office: Office, request: Request, dataset: str) -> Response:
    """The vocabulary, page by page."""
    _known(dataset)
    size, page = _number(request.param("page_size"), 500), _number(request.param("page"), 1)
    if not 1 <= size <= MOST_NAMES or page < 1:
        raise _problem(400, "page_size is a number from 1 to 1000", "INVALID_PAGE")
    found = [
        {"name": name, "label": label, "parentType": "section", "parentName": "Employee", "entityName": "employee"}
        for name, (label, field) in COLUMNS.items()
        if field not in office.hidden
    ]
    pages = -(-len(found) // size)
    pagination = {
        "total_records": len(found),
        "current_page": page,
        "total_pages": pages,
        "next_page": page + 1 if page < pages else None,
        "prev_page": page - 1 if page > 1 else None,
    }
    return as_json({"pagination": pagination, "name": dataset, "label": "Employees", "fields": found[(page - 1) * size : page * size]})


def data(office: Office, request: Request, dataset: str) -> Response:
    _known(dataset)
    wanted = _wanted(request)
    hidden = [name for name in wanted.fields if COLUMNS[name][1] in office.hidden]
    if hidden and office.settings.dataset_hidden == "error":
        raise _problem(403, f"No access to {', '.join(hidden)}", "FORBIDDEN_FIELD")
    office.only_current = False
    rows = _rows(office, wanted, frozenset(hidden))
    pages = -(-len(rows) // wanted.size)
    shown = rows[(wanted.page - 1) * wanted.size : wanted.page * wanted.size]
    if office.faults.duplicate_across_pages and wanted.page > 1 and shown:
        shown[0] = rows[(wanted.page - 1) * wanted.size - 1]
    if office.faults.truncate_last_page and wanted.page == pages:
        shown = shown[: len(shown) // 2]
    here = request.base_url + request.path
    meta = {"page": wanted.page, "pageSize": wanted.size, "totalPages": pages, "totalItems": len(rows)}
    links = {
        "next": f"{here}?page={wanted.page + 1}" if wanted.page < pages else None,
        "prev": f"{here}?page={wanted.page - 1}" if wanted.page > 1 else None,
    }
    return as_json({"data": [_shown(office, row, hidden) for row in shown], "links": links, "meta": meta})


def _shown(office: Office, row: Row, hidden: list[str]) -> Row:
    fields = {office.faults.rename_field.get(name, name): value for name, value in row.items()}
    return {"fields": fields} | ({"_restrictedFields": hidden} if hidden else {})


# ── the request ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Wanted:
    """`order` holds (field, whether descending)."""

    fields: tuple[str, ...]
    fits: Callable[[Row], bool]
    used: frozenset[str]
    order: tuple[tuple[str, bool], ...]
    page: int
    size: int


def _wanted(request: Request) -> Wanted:
    try:
        asked = orjson.loads(request.body)
        fields = tuple(asked["fields"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise _problem(400, "A JSON object with fields is expected", "INVALID_REQUEST") from error
    unknown = [str(name) for name in fields if name not in COLUMNS]
    if unknown or not fields:
        raise _problem(400, f"Unknown fields: {', '.join(unknown)}" if unknown else "fields is empty", "INVALID_FIELD")
    page, size = _number(asked.get("page"), 1), _number(asked.get("pageSize"), DEFAULT_PAGE_SIZE)
    if page < 1 or not 1 <= size <= MOST_ROWS:
        raise _problem(400, f"pageSize is a number from 1 to {MOST_ROWS}", "INVALID_PAGE")
    fits, used = _filter(str(asked.get("filter") or ""))
    return Wanted(fields, fits, used, _order(str(asked.get("orderBy") or ""), fields), page, size)


def _order(text: str, fields: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    """Only by what is asked for."""
    order = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, direction = part.partition(" ")
        if name not in fields or direction.strip().lower() not in ("", "asc", "desc"):
            raise _problem(400, f"Cannot order by {part}: the field must be asked for", "INVALID_ORDER")
        order.append((name, direction.strip().lower() == "desc"))
    return tuple(order)


def _number(value: Any, default: int) -> int:
    try:
        return default if value in (None, "") else int(value)
    except (TypeError, ValueError) as error:
        raise _problem(400, f"{value} is not a number", "INVALID_PAGE") from error


# ── rows ────────────────────────────────────────────────────────────────────────────────────────────


def _rows(office: Office, wanted: Wanted, hidden: frozenset[str]) -> list[Row]:
    readers = {name: BY_NAME[COLUMNS[name][1]].read for name in {*wanted.fields, *wanted.used} if COLUMNS[name][1]}
    rows = []
    for position, worker in office.people():
        row: Row = {name: readers[name](worker, office) if name in readers else worker.key for name in (*wanted.fields, *wanted.used)}
        if not wanted.fits(row):
            continue
        row = {name: "" if name in hidden else row[name] for name in wanted.fields}
        if row.get("hireDate") and office.has_bad_day(position):
            row["hireDate"] = BAD_DAY
        rows.append(row)
    for name, is_descending in reversed(wanted.order):
        rows.sort(key=lambda row: _comparable(row[name]), reverse=is_descending)
    return rows


def _comparable(value: Any) -> tuple[int, int, str]:
    text = str(value or "")
    return (0, int(text), "") if text.isdigit() else (1, 0, text)


# ── the filter language: name op value, joined by `and` or by `or`, never both ──────────────────────

TOKEN = re.compile(r"\s*('(?:[^'\\]|\\.)*'|[(),]|[^\s(),']+)")
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: left == right,
    "ne": lambda left, right: left != right,
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
}
Test = Callable[[Row], bool]


def _filter(text: str) -> tuple[Test, frozenset[str]]:
    """(test, names it uses). Raises Refusal 422."""
    tokens = _tokens(text.strip())
    tests: list[Test] = []
    used: set[str] = set()
    joints: set[str] = set()
    while tokens:
        name, test = _condition(tokens)
        tests.append(test)
        used.add(name)
        if tokens:
            joints.add(tokens.pop(0).lower())
            if not tokens:
                raise _problem(422, "The filter ends too early", "INVALID_FILTER")
    if len(joints) > 1 or not joints <= {"and", "or"}:
        raise _problem(422, "and and or cannot be mixed", "INVALID_FILTER")
    combine = any if "or" in joints else all
    return (lambda row: combine(test(row) for test in tests)), frozenset(used)


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise _problem(422, "The filter could not be read", "INVALID_FILTER")
        found.append(match[1])
        at = match.end()
    return found


def _condition(tokens: list[str]) -> tuple[str, Test]:
    """Takes one condition off the front."""
    if len(tokens) < 3 or tokens[0] not in COLUMNS:
        raise _problem(422, f"Not a condition: {' '.join(tokens[:3])}", "INVALID_FILTER")
    name, operator = tokens.pop(0), tokens.pop(0).lower()
    if operator == "in":
        values = _values(tokens)
        return name, lambda row: str(row[name] or "") in values
    if operator not in COMPARE:
        raise _problem(422, f"Unknown operator {operator}", "INVALID_FILTER")
    compare, wanted = COMPARE[operator], _comparable(_unquoted(tokens.pop(0)))
    return name, lambda row: compare(_comparable(row[name]), wanted)


def _values(tokens: list[str]) -> set[str]:
    if tokens.pop(0) != "(" or ")" not in tokens:
        raise _problem(422, "in takes a list in brackets", "INVALID_FILTER")
    end = tokens.index(")")
    values = {_unquoted(part) for part in tokens[:end] if part != ","}
    del tokens[: end + 1]
    return values


def _unquoted(token: str) -> str:
    return token[1:-1].replace("\\'", "'") if token.startswith("'") else token


def _known(dataset: str) -> None:
    if dataset != "employee":
        raise _problem(404, f"Dataset {dataset} not found", "NOT_FOUND")


def _problem(status: int, detail: str, code: str) -> Refusal:
    body = {"type": "about:blank", "title": "Request refused", "status": status, "detail": detail, "code": code}
    return Refusal(status, detail, body, "application/problem+json")
