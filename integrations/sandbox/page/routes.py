"""Addresses of the page. Reading shows, posting acts and then sends the browser to look."""

from __future__ import annotations

from contextlib import suppress
from http.cookies import SimpleCookie
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation.trans_real import parse_accept_lang_header

from config.say import said
from config.sentences import sentence
from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.page.accounts import accounts, calls
from integrations.sandbox.page.breaking import breaking, switched
from integrations.sandbox.page.frame import HEADERS, ICON, STYLE, page, see_other
from integrations.sandbox.page.markup import e
from integrations.sandbox.page.overview import overview
from integrations.sandbox.page.people import people
from integrations.sandbox.page.person import hiring, person
from integrations.sandbox.sandbox import Sandbox
from integrations.sandbox.worker import SYSTEMS
from integrations.sandbox.world import Refused

# Sentences after a redirect: `?done=rename` can only ever show one of these.
DONE = {
    "hire": gettext_lazy("Hired."),
    "rename": gettext_lazy("The new name is in."),
    "change_title": gettext_lazy("The new title is in."),
    "move": gettext_lazy("The move is in."),
    "start_leave": gettext_lazy("The leave is in."),
    "end_leave": gettext_lazy("The leave has its last day."),
    "terminate": gettext_lazy("The end of the employment is in."),
    "rescind_termination": gettext_lazy("The termination is taken back."),
    "rehire": gettext_lazy("Hired again."),
    "convert_to_employee": gettext_lazy("This is the new employee record; the contractor’s record has ended."),
    "delete": gettext_lazy("The record is erased."),
    "advance": gettext_lazy("Time has moved."),
    "reset": gettext_lazy("Everybody is as on the first day again. The date and the accounts in Moodle stay."),
    "set": gettext_lazy("The switches are set."),
    "mend": gettext_lazy("Everything is mended."),
}
WHERE = {"workday": sentence("in Workday"), "bamboohr": sentence("in BambooHR"), "csv": sentence("in the CSV file")}
UNSURE = gettext_lazy("Tick the box first: this cannot be taken back.")
ACTS = {*DONE} - {"hire", "advance", "reset", "set", "mend"}
FILES = {"/sandbox.css": (STYLE, "text/css; charset=utf-8"), "/icon.svg": (ICON, "image/svg+xml")}


def answer(sandbox: Sandbox, request: Request) -> Response:
    if request.path in FILES:
        body, kind = FILES[request.path]
        return Response(200, {**HEADERS, "Content-Type": kind, "Cache-Control": "max-age=3600"}, body)
    with translation.override(language_of(request)):
        return _answer(sandbox, request)


def language_of(request: Request) -> str:
    """What was chosen in Rollcall (its cookie reaches every port of this machine), else what the browser asks for."""
    chosen = SimpleCookie(request.headers.get("cookie", "")).get(settings.LANGUAGE_COOKIE_NAME)
    asked = [code for code, _weight in parse_accept_lang_header(request.headers.get("accept-language", ""))]
    for code in ([chosen.value] if chosen else []) + asked:
        with suppress(LookupError):
            return translation.get_supported_language_variant(code)
    return settings.LANGUAGE_CODE


def _answer(sandbox: Sandbox, request: Request) -> Response:
    words = request.path.strip("/").split("/")
    if request.method in ("GET", "HEAD"):
        return _show(sandbox, request, words)
    if request.method == "POST":
        given = {name: value.strip() for name, value in request.form()}
        return _act(sandbox, words, given) or _nothing(sandbox)
    return Response.text("Only reading and posting.", status=405)


def _show(sandbox: Sandbox, request: Request, words: list[str]) -> Response:
    done = str(DONE.get(request.param("done"), ""))
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
        return person(sandbox, worker, refused=str(UNSURE), opened=verb)
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
        raise Refused(sentence("nobody %(where)s has the number %(number)s", where=WHERE[hr], number=number))
    return manager.key


def _break(sandbox: Sandbox, vendor: str, given: dict[str, str]) -> Response:
    try:
        sandbox.faults.set(vendor, **switched(given))
    except ValueError:
        return breaking(sandbox, refused=_("A number is expected there."))
    return see_other("/break?done=set")


def _advance(sandbox: Sandbox, given: dict[str, str]) -> Response:
    try:
        sandbox.advance(int(given.get("days") or "1"))
    except ValueError as error:
        return overview(sandbox, refused=_sentence(error))
    return see_other("/?done=advance")


def _reset(sandbox: Sandbox, given: dict[str, str]) -> Response:
    if not given.get("sure"):
        return overview(sandbox, refused=str(UNSURE))
    sandbox.reset(keep=("moodle",))  # Rollcall knows its accounts by their ids: without them every write of the next run would fail
    return see_other("/?done=reset")


def _sentence(error: ValueError) -> str:
    text = said(error.said) if isinstance(error, Refused) else str(error)
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _nothing(sandbox: Sandbox) -> Response:
    told = e("p", _("There is nothing under this address."), " ", e("a", _("Back to today"), href="/"))
    return page(sandbox, "", _("Not here"), told, status=404)
