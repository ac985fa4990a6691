"""The account over HTTP, on both of the vendor's base addresses. Source: docs/vendors/bamboohr.md §1, §7, §10."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integrations.sandbox.emulators.bamboohr import changed, dataset, employees, listing, meta, report, tables, writes
from integrations.sandbox.emulators.bamboohr.answers import Refusal
from integrations.sandbox.emulators.bamboohr.door import Door
from integrations.sandbox.emulators.bamboohr.office import Office
from integrations.sandbox.emulators.bamboohr.settings import THROTTLE_BECOMES_429_ON, Settings
from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import World

BASE = re.compile(r"/api/(?:gateway\.php/(?P<company>[^/]+)/)?(?P<version>v\d(?:_\d)?)/(?P<rest>.*)")
EMPLOYEE = r"(\d+)"


@dataclass(frozen=True)
class Route:
    """`version` is part of the address; `pattern` matches what follows it, without a trailing slash."""

    method: str
    version: str
    pattern: str
    handle: Callable[..., Response]


# The order counts: words before numbers. Anything not listed (training, webhooks …) is 404, as on an account without it.
ROUTES: tuple[Route, ...] = (
    Route("GET", "v1", r"employees/directory", employees.directory),
    Route("GET", "v1", r"employees/changed", changed.changed),
    Route("GET", "v1", r"employees/changed/tables/(\w+)", tables.changed_table),
    Route("GET", "v1", rf"employees/({EMPLOYEE[1:-1]}|all)/tables/(\w+)", tables.table),
    Route("GET", "v1", rf"employees/{EMPLOYEE}", employees.one),
    Route("POST", "v1", rf"employees/{EMPLOYEE}", writes.change),
    Route("POST", "v1", r"employees", writes.create),
    Route("POST", "v1", r"reports/custom", report.custom),
    Route("GET", "v1", r"meta/fields", meta.fields),
    Route("GET", "v1", r"meta/lists", meta.lists),
    Route("GET", "v1", r"meta/tables", meta.tables),
    Route("GET", "v1", r"meta/users", meta.users),
    Route("GET", "v1", r"time_off/whos_out", meta.whos_out),
    Route("GET", "v1_2", r"datasets", dataset.catalogue),
    Route("GET", "v1_2", r"datasets/(\w+)/fields", dataset.names),
    Route("POST", "v2", r"datasets/(\w+)/data", dataset.data),
)


class Emulator:
    prefix = "/bamboohr"
    spares = frozenset({"rate_limited"})  # 503 or 429, depending on the day

    def __init__(self, world: World, faults: Faults, settings: dict[str, Any], state_dir: Path | None) -> None:
        """`settings` are fields of Settings. Nothing is kept on disk."""
        self.settings = Settings(**settings)
        self._world, self._faults = world, faults.for_vendor("bamboohr")
        self._door = Door(self.settings, self._faults, world.now)
        self._epoch = secrets.token_hex(4)  # cursors of another life of the sandbox are stale
        self._routes = (*ROUTES, Route("GET", "v1", r"employees", self._listing))

    def reset(self) -> None:
        self._door.reset()
        self._epoch = secrets.token_hex(4)

    def state(self) -> dict[str, Any]:
        """For the control API: where to point a connector."""
        return {"company": self.settings.company, "throttle_status": self._throttle_status()}

    def handle(self, request: Request) -> Response:
        try:
            if request.path == "/authorize.php" and request.method == "GET":
                return self._door.authorize(request)
            if request.path == "/token.php" and request.method == "POST" and request.param("request") == "token":
                return self._door.token(request)
            return self._called(request)
        except Refusal as refusal:
            return refusal.response()

    def _called(self, request: Request) -> Response:
        found = BASE.fullmatch(request.path)
        if found is None or found["company"] not in (None, self.settings.company):
            raise Refusal(404, "Not found")
        self._door.check(request)
        self._throttle()
        route, groups = self._route(request.method, found["version"], found["rest"].rstrip("/"))
        office = Office(self._world, self._faults, self.settings, self._world.today())
        return route.handle(office, request, *groups)

    def _route(self, method: str, version: str, rest: str) -> tuple[Route, tuple[str, ...]]:
        other_method = False
        for route in self._routes:
            match = re.fullmatch(route.pattern, rest) if route.version == version else None
            if match and route.method == method:
                return route, match.groups()
            other_method = other_method or match is not None
        raise Refusal(405, "Method not allowed") if other_method else Refusal(404, "Not found")

    def _listing(self, office: Office, request: Request) -> Response:
        return listing.listing(office, request, self._epoch)

    # ── throttle ────────────────────────────────────────────────────────────────────────────────────

    def _throttle(self) -> None:
        until = self._faults.rate_limited_until
        if not ((until and self._world.now() < until) or self._faults.take("rate_limited")):
            return
        raise _Throttled(self._throttle_status(), self._faults.retry_after)

    def _throttle_status(self) -> int:
        if self.settings.throttle != "auto":
            return int(self.settings.throttle)
        return 429 if self._world.today() >= THROTTLE_BECOMES_429_ON else 503


class _Throttled(Refusal):
    """With 429 there is always a Retry-After, with the older 503 there is none."""

    def __init__(self, status: int, retry_after: int) -> None:
        super().__init__(status, "Limit exceeded")
        self._retry_after = retry_after

    def response(self) -> Response:
        answer = super().response()
        if self.status == 429:
            answer.headers["Retry-After"] = str(self._retry_after)
        return answer
