"""The custom report: any field of everybody in one unpaged answer. Source: docs/vendors/bamboohr.md §2.

The body is JSON only when Content-Type is exactly application/json; with a charset behind it, or without one, it is read as XML.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape

import orjson
from lxml import etree

from integrations.sandbox.emulators.bamboohr.answers import JSON, Refusal, fields_xml, tag
from integrations.sandbox.emulators.bamboohr.employees import is_only_current
from integrations.sandbox.emulators.bamboohr.fields import MOST, find
from integrations.sandbox.emulators.bamboohr.office import Office
from integrations.sandbox.exchange import Request, Response

BATCH = 1000  # rows a chunk
Row = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """`since` keeps those changed at or after it; with `include_null` those without a stamp too (here everybody has one)."""

    title: str
    fields: tuple[str, ...]
    since: datetime | None = None
    include_null: bool = True
    ids: frozenset[str] | None = None


def custom(office: Office, request: Request) -> Response:
    write = _format(request)
    wanted = _wanted(request)
    if len(wanted.fields) > MOST:
        raise Refusal(400, f"Too many fields requested: {len(wanted.fields)}, at most {MOST}")
    office.only_current = is_only_current(request)
    return write(wanted, office)


def _format(request: Request) -> Callable[[Wanted, Office], Response]:
    """By `format`, else by Accept; when neither says anything there is nothing at this address."""
    name, accept = request.param("format").lower(), request.headers.get("accept", "").lower()
    if not name:
        name = "json" if JSON in accept else "xml" if "xml" in accept else ""
    if not name:
        raise Refusal(404, "No format given")
    if name not in FORMATS:
        raise Refusal(400, f"Unknown format {name}")
    return FORMATS[name]


# ── what is wanted ──────────────────────────────────────────────────────────────────────────────────


def _wanted(request: Request) -> Wanted:
    return _from_json(request.body) if request.headers.get("content-type") == JSON else _from_xml(request.body)


def _from_json(body: bytes) -> Wanted:
    try:
        value = orjson.loads(body)
        filters = value.get("filters") or {}
        changed = filters.get("lastChanged") or {}
        ids = filters.get("employeeIds")
        return Wanted(
            title=str(value.get("title") or "Report"),
            fields=tuple(str(name) for name in value["fields"]),
            since=moment(str(changed["value"])) if changed.get("value") else None,
            include_null=str(changed.get("includeNull", "yes")) != "no",
            ids=None if ids is None else frozenset(str(key) for key in ids),
        )
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
        raise Refusal(400, "The report request could not be read as JSON") from error


def _from_xml(body: bytes) -> Wanted:
    try:
        root = etree.fromstring(body.strip(), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise Refusal(400, "The report request could not be read as XML") from error
    changed = root.find("filters/lastChanged")
    return Wanted(
        title=root.findtext("title") or "Report",
        fields=tuple(element.get("id", "") for element in root.findall("fields/field")),
        since=moment((changed.text or "").strip()) if changed is not None else None,
        include_null=changed is None or changed.get("includeNull") != "no",
    )


def moment(text: str) -> datetime:
    """An instant with Z, an offset or microseconds; without an offset it is UTC. Raises Refusal 400."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal(400, f"Invalid date {text}") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


# ── rows ────────────────────────────────────────────────────────────────────────────────────────────


def rows(wanted: Wanted, office: Office) -> Iterator[Row]:
    """Without onlyCurrent=false the people still to come are left out."""
    plan = office.plan(name for name in wanted.fields if name != "id")
    people = (
        (position, worker)
        for position, worker in office.people()
        if (not office.only_current or office.has_started(worker))
        and (wanted.ids is None or worker.key in wanted.ids)
        and (wanted.since is None or office.changed_at(worker) >= wanted.since)
    )
    if office.faults.truncate_last_page:
        everybody = list(people)
        people = iter(everybody[: len(everybody) - max(1, len(everybody) // 10)])  # type: ignore[assignment]
    for position, worker in people:
        yield office.row(worker, plan, position)
        if office.faults.duplicate_across_pages and position == 0:
            yield office.row(worker, plan, position)


def _columns(wanted: Wanted, office: Office) -> list[dict[str, str]]:
    """Unknown and hidden fields vanish from here as well."""
    columns = []
    for name in dict.fromkeys(wanted.fields):
        field = find(name)
        if field and field.name not in office.hidden:
            columns.append({"id": office.faults.rename_field.get(name, name), "type": field.type, "name": field.label})
    return columns


# ── formats ─────────────────────────────────────────────────────────────────────────────────────────


def _json(wanted: Wanted, office: Office) -> Response:
    def body() -> Iterator[bytes]:
        yield b'{"title":%b,"fields":%b,"employees":[' % (orjson.dumps(wanted.title), orjson.dumps(_columns(wanted, office)))
        stream, comma = rows(wanted, office), b""
        while batch := list(islice(stream, BATCH)):
            yield comma + orjson.dumps(batch)[1:-1]
            comma = b","
        yield b"]}"

    return Response(200, {"Content-Type": JSON}, body())


def _xml(wanted: Wanted, office: Office) -> Response:
    def body() -> Iterator[bytes]:
        fields = (tag("field", escape(column["name"]), id=column["id"], type=column["type"]) for column in _columns(wanted, office))
        yield f'<?xml version="1.0"?>\n<report>{tag("title", escape(wanted.title))}{tag("fields", fields)}<employees>'.encode()
        for row in rows(wanted, office):
            yield tag("employee", fields_xml(row, "id"), id=row["id"]).encode()
        yield b"</employees></report>"

    return Response(200, {"Content-Type": "text/xml; charset=utf-8"}, body())


def _csv(wanted: Wanted, office: Office) -> Response:
    columns = _columns(wanted, office)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column["name"] for column in columns])
    writer.writerows([row.get(column["id"]) or "" for column in columns] for row in rows(wanted, office))
    return Response(200, {"Content-Type": "text/csv; charset=utf-8"}, out.getvalue().encode())


FORMATS: dict[str, Callable[[Wanted, Office], Response]] = {"json": _json, "xml": _xml, "csv": _csv}
