"""Workday: workers and the organisation chart, by web service or by custom report. Facts: docs/vendors/workday.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from config.errors import NotSupported, RollcallError
from config.sentences import sentence
from integrations.canonical import Kind
from integrations.vendors.base import Family, Health, Json, Limits, Page, Stream, Vendor, Window
from integrations.vendors.workday import faults, mapping, settings, trial, units
from integrations.vendors.workday.reports import Report
from integrations.vendors.workday.service import Service
from integrations.vendors.workday.workers import Choice, Place, Workers
from integrations.wire.auth import Basic, RefreshToken
from integrations.wire.http import Line, Response
from integrations.wire.soap import username_token

# What may be stored of a worker. Not here, and not parsed at all: pay, national ids, birth dates, addresses.
WORKER_FIELDS = (
    *("ids", "wid", "employee_id", "contingent_worker_id", "worker_id", "universal_id", "user_id", "worker_type"),
    *("names", "name", "emails", "email", "phones", "jobs", "status", "state", "termination_reason", "on_leave", "contract", "account"),
    *("organizations", "supervisory_chain", "matrix_chain", "reporting_lines", "unit_path", "corrections", "report"),
)
UNIT_FIELDS = ("id", "reference_id", "name", "type", "parent", "path", "manager", "managers")


class Workday(Vendor):
    key = "workday"
    label = "Workday"
    family = Family.HRIS
    version = "v44.2"
    settings = settings.FIELDS
    # No rate is published. Others were told 5 to 10 a second; a throttle is only ever seen as a fault.
    limits = Limits(per_second=5.0, burst=5, in_parallel=2)
    streams = (
        Stream("workers", "Workers", Kind.WORKER, WORKER_FIELDS, delta=True, proof="count"),
        Stream("units", "Organisations", Kind.UNIT, UNIT_FIELDS, delta=False, proof="last_page"),
    )
    default_mapping = {"workers": mapping.WORKERS, "units": mapping.UNITS}

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str], line: Line) -> None:
        super().__init__(settings, secrets, line)
        self._throttle_words = tuple(str(word).lower() for word in self.config["throttle_words"] or ())
        self._token = self._refresh_token() if self.config["auth"] == "oauth" else None
        self._service = self._make_service()

    @classmethod
    def checked(cls, given: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
        return settings.check(super().checked(given, secrets), secrets)

    def check(self) -> Health:
        facts = {"tenant": self.config["tenant"], "version": self.config["version"]}
        if self.config["source"] == settings.RAAS:
            return trial.of_report(self._report(), facts)
        return trial.of_service(Workers(self._service, self._choice()), facts)

    def fetch(self, stream: str, window: Window, cursor: Json = None) -> Iterator[Page]:
        """Raises CursorExpired for a report that was interrupted and came in another order since."""
        self.stream(stream)
        by_report = self.config["source"] == settings.RAAS
        if stream == "units":
            if by_report:
                raise NotSupported(sentence("Workday: organisations need the web service, a report has none"))
            return self._fetch_units(window, cursor)
        return self._report().pages(window, cursor) if by_report else self._fetch_workers(window, cursor)

    def explain(self, response: Response) -> RollcallError | None:
        return faults.explain(response, self._throttle_words)

    def _fetch_workers(self, window: Window, cursor: Json, *, chains_only: bool = False) -> Iterator[Page]:
        workers = Workers(self._service, replace(self._choice(), chains_only=chains_only))
        place = Place.from_cursor(cursor) if cursor else workers.begin(window)
        yield from workers.read(window, place)

    def _fetch_units(self, window: Window, cursor: Json) -> Iterator[Page]:
        """Always from all workers: an organisation is in the chains of everybody below it."""
        return units.pages(self._fetch_workers(Window(until=window.until, as_of=window.as_of), cursor, chains_only=True), window.ids)

    # ── how it is reached ───────────────────────────────────────────────────────────────────────────

    def _make_service(self) -> Service:
        tenant, version = quote(self.config["tenant"], safe=""), quote(self.config["version"], safe="")
        name, at, _ = (self.config["username"] or "").partition("@")
        username = self.config["username"] if at else f"{name}@{self.config['tenant']}"
        return Service(
            line=self.line,
            url=f"{self.config['base_url']}/ccx/service/{tenant}/Human_Resources/{version}",
            version=self.config["version"],
            auth=self._token,
            security=None if self._token else partial(username_token, username, self.secrets.get("password", "")),
            throttle_words=self._throttle_words,
            wait_seconds=self.config["wait_seconds"],
        )

    def _refresh_token(self) -> RefreshToken:
        return RefreshToken(
            f"{self.config['base_url']}/ccx/oauth2/{quote(self.config['tenant'], safe='')}/token",
            self.config["client_id"],
            self.secrets["client_secret"],
            refresh_token=self.secrets["refresh_token"],
        )

    def _report(self) -> Report:
        path = "/".join(quote(self.config[key] or "", safe="") for key in ("tenant", "report_owner", "report_name"))
        return Report(
            line=self.line,
            url=self.config["report_url"] or f"{self.config['base_url']}/ccx/service/customreport2/{path}",
            auth=self._token or Basic(self.config["username"] or "", self.secrets.get("password", "")),
            format=self.config["report_format"],
            id_column=self.config["report_id_column"],
            columns=tuple(self.config["report_columns"]),
            prompt=self.config["report_prompt"] or "",
            wait_seconds=self.config["wait_seconds"],
        )

    def _choice(self) -> Choice:
        return Choice(
            page_size=self.config["page_size"],
            effective_overlap=timedelta(hours=self.config["effective_overlap_hours"]),
            email_usage=(self.config["email_usage"] or "WORK").upper(),
            prefers_legal=self.config["name_preference"] == "legal",
            exclude_contingent=not self.config["include_contingent"],
            all_managers=bool(self.config["all_managers"]),
        )
