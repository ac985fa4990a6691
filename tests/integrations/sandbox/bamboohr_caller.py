"""A BambooHR account without sockets, and short ways to ask it."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Any

from integrations.sandbox.emulators.bamboohr import Emulator
from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import Clock, World

TODAY = date(2026, 6, 10)  # a Wednesday, nine in the morning UTC
KEY = "sandbox-bamboohr-key"
GATEWAY = "/api/gateway.php/meridian/v1"


def basic(key: str = KEY, password: str = "x") -> str:
    return "Basic " + base64.b64encode(f"{key}:{password}".encode()).decode()


def error(answer: Response) -> str:
    return answer.headers.get("X-BambooHR-Error-Message", "")


class Account:
    """`settings` as for the emulator. Calls send the right key and ask for JSON unless told otherwise."""

    def __init__(self, size: int = 600, today: date = TODAY, **settings: Any) -> None:
        self.clock = Clock(today)
        self.world = World(size=size, today=today, now=self.clock)
        self.faults = Faults()
        self.emulator = Emulator(self.world, self.faults, settings, None)

    def call(self, method: str, target: str, body: Any = None, **headers: str) -> Response:
        told = {
            "Authorization": basic(),
            "Accept": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        request = Request.of(method, target, {name: value for name, value in told.items() if value}, content)
        request.base_url = "http://127.0.0.1:1/bamboohr"
        return self.emulator.handle(request)

    def get(self, target: str, **headers: str) -> Response:
        return self.call("GET", f"/api/v1/{target}", **headers)

    def json(self, target: str) -> Any:
        answer = self.get(target)
        assert answer.status == 200, error(answer)
        return json.loads(answer.content)

    def report(self, fields: list[str], query: str = "format=JSON&onlyCurrent=false", **more: Any) -> dict[str, dict[str, Any]]:
        """Rows by id."""
        return {row["id"]: row for row in self.rows(fields, query, **more)}

    def rows(self, fields: list[str], query: str = "format=JSON&onlyCurrent=false", **more: Any) -> list[dict[str, Any]]:
        body = {"title": "People", "fields": fields, **more}
        answer = self.call("POST", f"/api/v1/reports/custom?{query}", body, Content_Type="application/json")
        assert answer.status == 200, error(answer)
        return list(json.loads(answer.content)["employees"])

    def dataset(self, **asked: Any) -> Response:
        return self.call("POST", "/api/v2/datasets/employee/data", asked)
