"""A line whose other end is a function: what was asked stays on record, what comes back is an ordinary Response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import requests

from config.errors import RollcallError
from integrations.wire.http import Response, explain_status

DATE = {"Date": "Wed, 10 Jun 2026 08:00:00 GMT"}


@dataclass
class Asked:
    """One request as it would leave: `query` decoded and in order, `form` likewise for a form body."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def param(self, name: str) -> str:
        return dict(self.query).get(name, "")


Answer = Callable[[Asked], Response]


@dataclass
class ScriptedLine:
    """Stands in for integrations.wire.http.Line. An answer may also raise what the network would."""

    answer: Answer
    asked: list[Asked] = field(default_factory=list)
    explain: Callable[[Response], RollcallError | None] = explain_status

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Any = None,
        headers: Any = None,
        data: Any = None,
        auth: Any = None,
        stream: bool = False,
        **_: Any,
    ) -> Response:
        prepared = requests.Request(method, url, params=params, headers=headers, data=data, auth=auth).prepare()
        parts = urlsplit(prepared.url or "")
        body = prepared.body or b""
        asked = Asked(
            method,
            parts.path,
            parse_qsl(parts.query, keep_blank_values=True),
            prepared.headers,
            body.encode() if isinstance(body, str) else body,
        )
        self.asked.append(asked)
        response = self.answer(asked)
        error = None if stream and response.is_good else self.explain(response)
        if error is not None:
            raise error
        return response

    def get(self, url: str, **options: Any) -> Response:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> Response:
        return self.request("POST", url, **options)


def said(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer, with a Date."""
    return Response(status, {"Content-Type": "application/json", **DATE, **(headers or {})}, orjson.dumps(value))
