"""One Moodle site over its REST protocol: how a call is written and what an answer means. Source: docs/vendors/moodle.md §1, §6."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from config.errors import (
    AccountMissing,
    AlreadyExists,
    CredentialRejected,
    NotFound,
    PermissionMissing,
    RequestRefused,
    RollcallError,
    TargetRefused,
    Unavailable,
    UnexpectedAnswer,
)
from config.sentences import sentence
from integrations.wire.http import Line, Response, explain_status

ENDPOINT = "/webservice/rest/server.php"
LANGUAGE = "en"  # of the error texts; always installed
CONTROL_FIELDS = 4  # wstoken, wsfunction, format, language: they count against PHP's max_input_vars as well
EXCERPT = 160  # characters of Moodle's own words

Pairs = list[tuple[str, str]]

# By `errorcode`: the class names beside it changed with 4.5, the codes did not (§6). What is not here is RequestRefused.
ERRORS: dict[str, type[RollcallError]] = {
    "invalidtoken": CredentialRejected,
    "wsaccessusersuspended": CredentialRejected,
    "wsaccessuserdeleted": CredentialRejected,
    "wsaccessuserexpired": CredentialRejected,
    "wsaccessusernologin": CredentialRejected,
    "accessexception": PermissionMissing,
    "nopermissions": PermissionMissing,
    "wsusercannotassign": PermissionMissing,
    "servicenotavailable": PermissionMissing,
    "sitemaintenance": Unavailable,
    "upgraderunning": Unavailable,
    "dmlconnectionexception": Unavailable,
    "invalidrecord": NotFound,
    "invalidrecordunknown": NotFound,
    "invaliduser": AccountMissing,
    "invaliduserid": AccountMissing,
    "userdeleted": AccountMissing,
    "usernotupdateddeleted": AccountMissing,
    "useremailduplicate": AlreadyExists,
    "invalidparameter": TargetRefused,
    "invalidusername": TargetRefused,
    "usernamelowercase": TargetRefused,
    "useremailinvalid": TargetRefused,
    "usernotupdatedadmin": TargetRefused,
    "usernotupdatedguest": TargetRefused,
    "usernotupdatedremote": TargetRefused,
    "dmlwriteexception": TargetRefused,
}
FIELDS = {"invalidusername": "username", "usernamelowercase": "username", "useremailduplicate": "email", "useremailinvalid": "email"}


class Site:
    """Calls functions of one site with one token."""

    def __init__(self, line: Line, base_url: str, token: str) -> None:
        self.line = line
        self.address = base_url.strip().rstrip("/") + ENDPOINT
        self.token = token
        self.spent_ms = 0  # waiting for answers, all in all: what a connection test reports

    def call(self, function: str, arguments: Mapping[str, Any] | None = None, **options: Any) -> Any:
        """The function's answer; None from those that return nothing. `options` go to the line. Raises what `explain` makes of it."""
        form: Pairs = [
            ("wstoken", self.token),
            ("wsfunction", function),
            ("moodlewsrestformat", "json"),  # anything else is answered in XML
            ("moodlewssettinglang", LANGUAGE),
            *encode(arguments or {}),
        ]
        response = self.line.post(self.address, data=form, **options)
        self.spent_ms += response.elapsed_ms
        return response.json()


def encode(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Nested values as PHP reads them from a form: users[0][customfields][0][type]=x. None is left out, booleans are 1 and 0."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from encode(inner, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for position, inner in enumerate(value):
            yield from encode(inner, f"{name}[{position}]")
    elif isinstance(value, bool):
        yield name, "1" if value else "0"
    elif value is not None:
        yield name, str(value)


def explain(response: Response) -> RollcallError | None:
    """What an answer means. Failures come with status 200 and an object that names an error code (§6)."""
    fault = envelope(response)
    if fault is not None:
        return by_code(str(fault.get("errorcode") or ""), said(fault, response))
    error = explain_status(response)
    if isinstance(error, PermissionMissing) and not response.content.strip():
        return PermissionMissing(
            sentence("403 without a word: the REST protocol is switched off on this site (Site administration, Web services)")
        )
    if error is None and response.content_type.endswith("html"):
        return UnexpectedAnswer(sentence("a page instead of an answer"))
    return error


def envelope(response: Response) -> Mapping[str, Any] | None:
    """The error object, whatever the status; None for anything else. Parses only what can be one."""
    content = response.content
    if content.lstrip()[:1] != b"{" or (b'"errorcode"' not in content and b'"exception"' not in content):
        return None
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return value if "errorcode" in value or "exception" in value else None


def said(fault: Mapping[str, Any], response: Response) -> str:
    """Moodle's own words, shortened. `debuginfo` is there on sites that debug, and names the parameter."""
    words = [str(fault.get(key) or "") for key in ("errorcode", "message", "error")]
    if fault.get("errorcode") == "invalidparameter":
        words.append(str(fault.get("debuginfo") or ""))
    return response.redactor.text(" ".join(word for word in words if word))[:EXCERPT]


def by_code(code: str, detail: str) -> RollcallError:
    return ERRORS.get(code, RequestRefused)(detail, field=FIELDS.get(code, ""))
