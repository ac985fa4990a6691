"""One question to the sandbox and its answer, as values: what every emulator takes and gives."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class Headers(Mapping[str, str]):
    """Header fields by name in any case. Of a repeated field the last one counts."""

    def __init__(self, fields: Iterable[tuple[str, str]] | Mapping[str, str] = ()) -> None:
        pairs = fields.items() if isinstance(fields, Mapping) else fields
        self._fields = {name.lower(): value for name, value in pairs}

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


@dataclass
class Request:
    """`path` starts with "/" and lacks the vendor's prefix; `base_url` ends with it ("http://127.0.0.1:8765/workday").

    `query` is decoded, in the order of the address. `client` is the caller's IP address.
    """

    method: str
    path: str
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    base_url: str = ""
    client: str = "127.0.0.1"

    @classmethod
    def of(cls, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b"", **more: Any) -> Request:
        """Out of a request target such as "/v1/people?limit=5" (tests, and the listening side)."""
        parts = urlsplit(target)
        query = parse_qsl(parts.query, keep_blank_values=True)
        return cls(method.upper(), unquote(parts.path) or "/", query, Headers(headers or {}), body, **more)

    def param(self, name: str, default: str = "") -> str:
        """The last value of a query parameter, as most servers read it."""
        return next((value for key, value in reversed(self.query) if key == name), default)

    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it is not."""
        return json.loads(self.body)

    def form(self) -> list[tuple[str, str]]:
        """The body as form fields, in order; empty unless it says that it is a form."""
        if not self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return []
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)


@dataclass
class Response:
    """`body` is bytes, or an iterable of bytes that is sent in chunks. `note` is a few words for the list of exchanges.

    `drop` closes the connection: "before" without any answer, "midway" after half of the body.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""
    note: str = ""
    drop: str = ""

    @classmethod
    def json(cls, value: Any, status: int = 200, **more: Any) -> Response:
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, {"Content-Type": "application/json; charset=utf-8"}, body, **more)

    @classmethod
    def text(cls, text: str, status: int = 200, content_type: str = "text/plain; charset=utf-8", **more: Any) -> Response:
        return cls(status, {"Content-Type": content_type}, text.encode(), **more)

    @property
    def content(self) -> bytes:
        """The whole body in one piece (tests)."""
        if not isinstance(self.body, bytes):
            self.body = b"".join(self.body)
        return self.body
