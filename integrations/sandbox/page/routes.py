"""Addresses of the page. Reading shows, posting acts and then sends the browser to look."""

from __future__ import annotations

from typing import Any

from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.page.accounts import accounts, calls
from integrations.sandbox.page.breaking import breaking, switched
from integrations.sandbox.page.frame import HEADERS, ICON, IN, STYLE, page, see_other
from integrations.sandbox.page.markup import e
from integrations.sandbox.page.overview import overview
from integrations.sandbox.page.people import people
from integrations.sandbox.page.person import hiring, person
from integrations.sandbox.sandbox import Sandbox
from integrations.sandbox.worker import SYSTEMS
from integrations.sandbox.world import Refused

# Sentences after a redirect: `?done=rename` can only ever show one of these.
DONE = {
    "hire": "Hired.",
    "rename": "The new name is in.",
    "change_title": "The new title is in.",
    "move": "The move is in.",
    "start_leave": "The leave is in.",
    "end_leave": "The leave has its last day.",
    "terminate": "The end of the employment is in.",
    "rescind_termination": "The termination is taken back.",
    "rehire": "Hired again.",
    "convert_to_employee": "This is the new employee record; the contractor’s record has ended.",
    "delete": "The record is erased.",
    "advance": "Time has moved.",
    "reset": "It is the first day again.",
    "set": "The switches are set.",
    "mend": "Everything is mended.",
}
UNSURE = "Tick the box first: this cannot be taken back."
ACTS = {*DONE} - {"hire", "advance", "reset", "set", "mend"}
FILES = {"/sandbox.css": (STYLE, "text/css; charset=utf-8"), "/icon.svg": (ICON, "image/svg+xml")}


def answer(sandbox: Sandbox, request: Request) -> Response:
    if request.path in FILES:
        body, kind = FILES[request.path]
        return Response(200, {**HEADERS, "Content-Type": kind, "Cache-Control": "max-age=3600"}, body)
    words = request.path.strip("/").split("/")
    if request.method in ("GET", "HEAD"):
        return _show(sandbox, request, words)
    if request.method == "POST":
        given = {name: value.strip() for name, value in request.form()}
        return _act(sandbox, words, given) or _nothing(sandbox)
    return Response.text("Only reading and posting.", status=405)


def _show(sandbox: Sandbox, request: Request, words: list[str]) -> Response:
    done = DONE.get(request.param("done"), "")
    match words:
        case [""]:
            return overview(sandbox, done)
        case ["people"]:
            return people(sandbox, request)
        case ["people", hr, "new"] if hr in SYSTEMS:
            return hiring(sandbox, hr)
        case ["people", hr, key] if hr in SYSTEMS and (worker := sandbox.world.worker(hr, key)):
            return person(sandbox, worker, done)
        case ["break"]:
            return breaking(sandbox, done)
        case ["accounts"] if "moodle" in sandbox.emulators:
            return accounts(sandbox, request)
        case ["calls"]:
            return calls(sandbox)
    return _nothing(sandbox)


def _act(sandbox: Sandbox, words: list[str], given: dict[str, str]) -> Response | None:
    match words:
        case ["people", hr, "new"] if hr in SYSTEMS:
            return _hire(sandbox, hr, given)
        case ["people", hr, key, verb] if hr in SYSTEMS and verb in ACTS:
            return _happen(sandbox, hr, key, verb, given)
        case ["break", vendor] if vendor in sandbox.emulators:
            return _break(sandbox, vendor, given)
        case ["break", vendor, "mend"] if vendor in sandbox.emulators:
            sandbox.faults.clear(vendor)
            return see_other("/break?done=mend")
        case ["advance"]:
            return _advance(sandbox, given)
        case ["reset"]:
            return _reset(sandbox, given)
    return None


def _hire(sandbox: Sandbox, hr: str, given: dict[str, str]) -> Response:
    values: dict[str, Any] = {name: value for name, value in given.items() if value and name != "contingent"}
    values["kind"] = "contingent" if given.get("contingent") else "employee"
    try:
        worker = sandbox.world.hire(hr, values.pop("given", ""), values.pop("family", ""), **values)
    except Refused as error:
        return hiring(sandbox, hr, given, refused=_sentence(error))
    return see_other(f"/people/{hr}/{worker.key}?done=hire")


def _happen(sandbox: Sandbox, hr: str, key: str, verb: str, given: dict[str, str]) -> Response | None:
    worker = sandbox.world.worker(hr, key)
    if worker is None:
        return None
    if verb == "delete" and not given.get("sure"):
        return person(sandbox, worker, refused=UNSURE, opened=verb)
    # An emptied preferred name is a change; every other empty field means "as it is".
    values: dict[str, Any] = {name: value for name, value in given.items() if (value or name == "preferred") and name != "sure"}
    try:
        if "manager_number" in values:
            values["manager_key"] = _key_of(sandbox, hr, values.pop("manager_number"))
        after = sandbox.world.do(verb, hr=hr, key=key, **values)
    except Refused as error:
        return person(sandbox, worker, refused=_sentence(error), opened=verb)
    return see_other(f"/people/{hr}/{after.key if after else key}?done={verb}")


def _key_of(sandbox: Sandbox, hr: str, number: str) -> str:
    manager = sandbox.world.by_number(hr, number)
    if manager is None:
        raise Refused(f"nobody {IN[hr]} has the number {number}")
    return manager.key


def _break(sandbox: Sandbox, vendor: str, given: dict[str, str]) -> Response:
    try:
        sandbox.faults.set(vendor, **switched(given))
    except ValueError:
        return breaking(sandbox, refused="A number is expected there.")
    return see_other("/break?done=set")


def _advance(sandbox: Sandbox, given: dict[str, str]) -> Response:
    try:
        sandbox.advance(int(given.get("days") or "1"))
    except ValueError as error:
        return overview(sandbox, refused=_sentence(error))
    return see_other("/?done=advance")


def _reset(sandbox: Sandbox, given: dict[str, str]) -> Response:
    if not given.get("sure"):
        return overview(sandbox, refused=UNSURE)
    sandbox.reset()
    return see_other("/?done=reset")


def _sentence(error: ValueError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _nothing(sandbox: Sandbox) -> Response:
    told = e("p", "There is nothing under this address. ", e("a", "Back to today", href="/"))
    return page(sandbox, "", "Not here", told, status=404)
