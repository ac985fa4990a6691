"""What goes out: JSON as PHP writes it, or XML when nobody asked for JSON. Source: docs/vendors/moodle.md §1."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from integrations.sandbox.emulators.moodle.failure import MoodleFailure
from integrations.sandbox.exchange import Response

_XML = '<?xml version="1.0" encoding="UTF-8" ?>\n'


def result(value: Any, as_json: bool) -> Response:
    """A function's result; None is the literal null in JSON and nothing in XML."""
    if as_json:
        return Response(200, {"Content-Type": "application/json"}, _json(value))
    inner = "" if value is None else _xml(value)
    return Response(200, {"Content-Type": "application/xml; charset=utf-8"}, f"{_XML}<RESPONSE>\n{inner}</RESPONSE>\n".encode())


def failure(error: MoodleFailure, as_json: bool, release: str, debug: bool) -> Response:
    """A refusal, with HTTP 200."""
    name = error.class_name(release)
    if as_json:
        body: dict[str, str] = {"exception": name, "errorcode": error.errorcode, "message": error.message}
        if debug and error.debuginfo:
            body["debuginfo"] = error.debuginfo
        return Response(200, {"Content-Type": "application/json"}, _json(body), note=error.errorcode)
    told = f"<DEBUGINFO>{escape(error.debuginfo)}</DEBUGINFO>\n" if debug and error.debuginfo else ""
    text = (
        f"{_XML}<EXCEPTION class={quoteattr(name)}>\n<ERRORCODE>{escape(error.errorcode)}</ERRORCODE>\n"
        f"<MESSAGE>{escape(error.message)}</MESSAGE>\n{told}</EXCEPTION>\n"
    )
    return Response(200, {"Content-Type": "application/xml; charset=utf-8"}, text.encode(), note=error.errorcode)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode()  # PHP escapes slashes and all but ASCII


def _xml(value: Any) -> str:
    if isinstance(value, dict):
        return "<SINGLE>\n" + "".join(f"<KEY name={quoteattr(name)}>{_xml(inner)}</KEY>\n" for name, inner in value.items()) + "</SINGLE>\n"
    if isinstance(value, list):
        return "<MULTIPLE>\n" + "".join(_xml(inner) for inner in value) + "</MULTIPLE>\n"
    if value is None:
        return '<VALUE null="null"/>'
    text = ("1" if value else "") if isinstance(value, bool) else str(value)
    return f"<VALUE>{escape(text)}</VALUE>\n"
