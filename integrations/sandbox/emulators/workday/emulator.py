"""The tenant over HTTP: /ccx/service (SOAP, WSDL, reports) and /ccx/oauth2. Source: docs/vendors/workday.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from lxml import etree

from integrations.sandbox.emulators.workday.asking.checks import violations
from integrations.sandbox.emulators.workday.asking.envelope import XML_TYPES, Call, read
from integrations.sandbox.emulators.workday.asking.faults import (
    ENVELOPE,
    WD,
    SoapFault,
    Violation,
    invalid,
    not_authenticated,
    not_authorized,
    throttled,
    unreadable,
)
from integrations.sandbox.emulators.workday.asking.schema import OPERATIONS
from integrations.sandbox.emulators.workday.asking.wsdl import wsdl
from integrations.sandbox.emulators.workday.auth import Doorkeeper
from integrations.sandbox.emulators.workday.clock import moment
from integrations.sandbox.emulators.workday.get_workers import GetWorkers
from integrations.sandbox.emulators.workday.reports import Reports
from integrations.sandbox.emulators.workday.settings import Settings
from integrations.sandbox.emulators.workday.telling.markup import text
from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import World

XML = "text/xml; charset=utf-8"
REPORT = re.compile(r"/ccx/service/customreport2/([^/]+)/([^/]+)/([^/]+)")
SERVICE = re.compile(r"/ccx/service/([^/]+)/([^/]+)/([^/]+)")
TOKEN = re.compile(r"/ccx/oauth2/([^/]+)/token")


class Emulator:
    prefix = "/workday"
    spares = frozenset({"rate_limited"})  # here a throttle is a SOAP fault on 500, and never has a Retry-After

    def __init__(self, world: World, faults: Faults, settings: dict[str, Any], state_dir: Path | None) -> None:
        """`settings` are fields of Settings. Nothing is kept on disk: tokens die with the process."""
        self.settings = Settings(**settings)
        self._world, self._faults = world, faults.for_vendor("workday")
        self._door = Doorkeeper(self.settings, self._faults, world.now)
        self._get_workers = GetWorkers(world, self._faults, self.settings)
        self._reports = Reports(world, self._faults, self.settings)

    def reset(self) -> None:
        self._door.reset()
        self._get_workers.reset()

    def state(self) -> dict[str, Any]:
        """For the control API: where to point a connector."""
        return {"tenant": self.settings.tenant, "versions": list(self.settings.versions), "report": self.settings.report}

    def handle(self, request: Request) -> Response:
        path = request.path.rstrip("/")
        if found := REPORT.fullmatch(path):
            return self._report(request, *found.groups())
        if found := SERVICE.fullmatch(path):
            return self._service(request, *found.groups())
        if (found := TOKEN.fullmatch(path)) and found[1] == self.settings.tenant:
            return self._door.token(request)
        return Response.text("Not found", status=404)

    # ── SOAP ────────────────────────────────────────────────────────────────────────────────────────

    def _service(self, request: Request, tenant: str, service: str, version: str) -> Response:
        if tenant != self.settings.tenant or service not in self.settings.services:
            return Response.text("Not found", status=404, note="unknown tenant or service")
        if request.method == "GET":
            return self._wsdl(request, service, version)
        if request.method != "POST":
            return Response.text("Method not allowed", status=405)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in XML_TYPES:
            return Response.text("Unsupported media type", status=415)
        try:
            return self._called(request, version)
        except SoapFault as fault:
            return Response(500, {"Content-Type": XML}, fault.envelope(), note=f"fault: {fault.code}")

    def _wsdl(self, request: Request, service: str, version: str) -> Response:
        """Without credentials, as the public clients expect (a switch)."""
        if not any(name.lower() == "wsdl" for name, _ in request.query):
            return Response.text("Method not allowed", status=405)
        if self.settings.wsdl_needs_auth and not self._door.knows_basic(request.headers.get("authorization", "")):
            return _refused()
        if version not in self.settings.versions:
            return Response.text("Not found", status=404)
        return Response(200, {"Content-Type": XML}, wsdl(service, version, request.base_url + request.path))

    def _called(self, request: Request, version: str) -> Response:
        if self._faults.take("rate_limited") or self._is_throttled():
            raise throttled()
        call = read(request.body)
        authorization = request.headers.get("authorization", "")
        if authorization.lower().startswith("bearer "):
            if not self._door.knows_bearer(authorization):
                if self.settings.refused_bearer == "401":
                    return _refused()
                raise not_authenticated()
        elif not self._door.knows(call.token):
            raise not_authenticated()
        body = self._operation(call, version)
        return Response(200, {"Content-Type": XML}, _enveloped(body), note=call.operation)

    def _is_throttled(self) -> bool:
        until = self._faults.rate_limited_until
        return until is not None and self._world.now() < until

    def _operation(self, call: Call, version: str) -> str:
        name = next((name for name, (element, _) in OPERATIONS.items() if call.request.tag == f"{{{WD}}}{element}"), None)
        if name is None:
            raise unreadable(f"no operation takes {etree.QName(call.request).localname}")
        if name in self.settings.forbidden_tasks:
            raise not_authorized(self.settings.not_authorized_code)
        self._refuse_versions(call, version)
        found = violations(call.request, self.settings.strict_order)
        if found:
            raise invalid(*found)
        return self._get_workers.answer(call) if name == "Get_Workers" else self._timestamp(version)

    def _refuse_versions(self, call: Call, version: str) -> None:
        told = call.request.get(f"{{{WD}}}version", "")
        path = f"/wd:{call.operation}[1]/@wd:version"
        if version not in self.settings.versions:
            raise invalid(Violation(f"Version {version} is not served.", path))
        if told and told not in self.settings.versions:
            raise invalid(Violation(f"Version {told} is not served.", path))
        if told and told != version and self.settings.version_clash == "fault":
            raise invalid(Violation(f"Version {told} was sent to the address of {version}.", path))

    def _timestamp(self, version: str) -> str:
        return (
            f'<wd:Server_Timestamp xmlns:wd="{WD}" wd:version="{text(version)}"><wd:Server_Timestamp_Data>'
            f"<wd:Server_Timestamp>{moment(self._world.now())}</wd:Server_Timestamp></wd:Server_Timestamp_Data></wd:Server_Timestamp>"
        )

    # ── reports ─────────────────────────────────────────────────────────────────────────────────────

    def _report(self, request: Request, tenant: str, owner: str, report: str) -> Response:
        settings = self.settings
        if (tenant, owner, report) != (settings.tenant, settings.report_owner, settings.report):
            return Response.text("Not found", status=settings.unknown_report_status, note="unknown report")
        if request.method != "GET":
            return Response.text("Method not allowed", status=405)
        if len(f"{request.base_url}{request.path}?{urlencode(request.query)}") > settings.longest_address:
            return Response.text("Request-URI Too Long", status=414)
        authorization = request.headers.get("authorization", "")
        is_bearer = authorization.lower().startswith("bearer ")
        if not (self._door.knows_bearer(authorization) if is_bearer else self._door.knows_basic(authorization)):
            return _refused()
        if self._faults.take("rate_limited") or self._is_throttled():
            return Response.text("Too many requests", status=429)
        return self._reports.answer(request)


def _refused() -> Response:
    answer = Response.json({"error": "invalid_request"}, status=401, note="not signed in")
    answer.headers["WWW-Authenticate"] = 'Basic realm="Workday"'
    return answer


def _enveloped(body: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="{ENVELOPE}"><env:Body>{body}</env:Body></env:Envelope>'
    ).encode()
