"""How this service answers: JSON when asked for, else XML; reasons for a refusal in a header. Source: docs/vendors/bamboohr.md §1, §7."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import orjson

from integrations.sandbox.exchange import Request, Response

Json = Any
JSON = "application/json"


class Refusal(Exception):
    """Ends the handling of a call: a status, the reason in a header, a body that is usually empty."""

    def __init__(self, status: int, reason: str, body: Json = None, content_type: str = JSON) -> None:
        super().__init__(reason)
        self.status, self.reason, self.body, self.content_type = status, reason, body, content_type

    def response(self) -> Response:
        headers = {"Content-Type": self.content_type} if self.body is not None else {"Content-Type": "text/html; charset=UTF-8"}
        body = b"" if self.body is None else orjson.dumps(self.body)
        return Response(self.status, headers | {"X-BambooHR-Error-Message": self.reason}, body, note=self.reason)


def wants_json(request: Request) -> bool:
    """Only an Accept that names JSON does; no header and */* get XML."""
    return JSON in request.headers.get("accept", "").lower()


def as_json(value: Json, status: int = 200) -> Response:
    return Response(status, {"Content-Type": JSON}, orjson.dumps(value))


def as_xml(text: str) -> Response:
    return Response(200, {"Content-Type": "text/xml; charset=utf-8"}, f'<?xml version="1.0"?>\n{text}'.encode())


def either(request: Request, value: Json, to_xml: Callable[[Json], str]) -> Response:
    return as_json(value) if wants_json(request) else as_xml(to_xml(value))


def tag(name: str, inner: str | Iterable[str] = "", **attributes: object) -> str:
    """An element as text; `inner` is markup. An attribute that is None is left out."""
    told = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items() if value is not None)
    return f"<{name}{told}>{inner if isinstance(inner, str) else ''.join(inner)}</{name}>"


def fields_xml(row: dict[str, Json], *without: str) -> str:
    """A row's values as <field id="…">, empty ones included."""
    return "".join(tag("field", escape(str(value or "")), id=name) for name, value in row.items() if name not in without)
