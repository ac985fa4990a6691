"""The control API: what scripts, tests and the demo use to steer the sandbox. JSON in, JSON out.

GET  /control/state               the world, the switches, what each emulator holds
GET  /control/requests?vendor=    the last exchanges, newest first
GET  /control/people?hr=&q=&start=&limit=
POST /control/world/<verb>        a verb of verbs.py with its arguments
POST /control/faults/<vendor>     switches to set; {"clear": true} mends first
POST /control/settings/<vendor>   an emulator's own settings, e.g. {"maintenance": true}
POST /control/advance             {"days": 1}
POST /control/reset
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.sandbox import Sandbox
from integrations.sandbox.worker import SYSTEMS, Worker

MOST_PEOPLE = 500  # of one listing


@dataclass(frozen=True)
class Call:
    """`rest` is what follows the first word of the path."""

    sandbox: Sandbox
    request: Request
    rest: str

    def values(self) -> dict[str, Any]:
        """The body, a JSON object or nothing. Raises ValueError."""
        value = self.request.json() if self.request.body.strip() else {}
        if not isinstance(value, dict):
            raise ValueError("a JSON object is expected")
        return value


def answer(sandbox: Sandbox, request: Request) -> Response:
    """Routes by method and first word; ValueError of anything below becomes 400 with its sentence."""
    word, _, rest = request.path.removeprefix("/control/").partition("/")
    routes = READING if request.method in ("GET", "HEAD") else STEERING if request.method == "POST" else {}
    if word not in routes:
        known = word in READING or word in STEERING
        return Response.json({"error": f"no {request.method} {request.path}"}, status=405 if known else 404)
    try:
        return Response.json(routes[word](Call(sandbox, request, rest)))
    except (ValueError, KeyError) as error:
        return Response.json({"error": str(error)}, status=400)


def state(call: Call) -> dict[str, Any]:
    world = call.sandbox.world
    return {
        "now": world.now().isoformat(),
        "created_on": world.created_on.isoformat(),
        "seed": world.seed,
        "size": world.size,
        "people": {hr: world.count(hr) for hr in SYSTEMS},
        "can_advance": call.sandbox.can_advance,
        "vendors": {name: call.sandbox.state_of(name) for name in call.sandbox.emulators},
        "faults": call.sandbox.faults.state(),
    }


def requests(call: Call) -> dict[str, Any]:
    wanted = call.request.param("vendor")
    return {vendor: list(kept) for vendor, kept in call.sandbox.exchanges.items() if not wanted or vendor == wanted}


def people(call: Call) -> dict[str, Any]:
    hr, start = call.request.param("hr", "workday"), int(call.request.param("start", "0"))
    if hr not in SYSTEMS:
        raise ValueError(f"no HR system {hr!r}")
    limit = min(int(call.request.param("limit", "50")), MOST_PEOPLE)
    found = call.sandbox.world.find(hr, call.request.param("q"))
    return {"people": [as_json(worker, call.sandbox.world.today()) for place, worker in enumerate(found) if start <= place < start + limit]}


def carry_out(call: Call) -> dict[str, Any]:
    worker = call.sandbox.world.do(call.rest, **call.values())
    return {"worker": as_json(worker, call.sandbox.world.today()) if worker else None}


def break_vendor(call: Call) -> dict[str, Any]:
    if call.rest and call.rest not in call.sandbox.emulators:
        raise ValueError(f"no vendor {call.rest!r}")
    switches = call.values()
    if switches.pop("clear", False):
        call.sandbox.faults.clear(call.rest or None)
    if switches:
        call.sandbox.faults.set(call.rest, **switches)
    return call.sandbox.faults.state()


def configure(call: Call) -> dict[str, Any]:
    call.sandbox.configure(call.rest, **call.values())
    return call.sandbox.state_of(call.rest)


def advance(call: Call) -> dict[str, Any]:
    call.sandbox.advance(int(call.values().get("days", 1)))
    return {"now": call.sandbox.world.now().isoformat()}


def reset(call: Call) -> dict[str, Any]:
    call.sandbox.reset()
    return {"now": call.sandbox.world.now().isoformat()}


Route = Callable[[Call], dict[str, Any]]
READING: dict[str, Route] = {"state": state, "requests": requests, "people": people}
STEERING: dict[str, Route] = {"world": carry_out, "faults": break_vendor, "settings": configure, "advance": advance, "reset": reset}

_INNER = ("entries", "born")


def as_json(worker: Worker, today: date) -> dict[str, Any]:
    """Every field of a worker as JSON, and its `state` today."""
    out = {item.name: _plain(getattr(worker, item.name)) for item in fields(worker) if item.name not in _INNER}
    return {**out, "state": worker.state(today), "full_name": worker.full_name}


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
