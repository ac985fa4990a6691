"""BambooHR: employees by report and change feed, over its REST interface, version 1. Facts and sources: docs/vendors/bamboohr.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from config.errors import RollcallError
from integrations.vendors.bamboohr.api import Api, base_url, explain
from integrations.vendors.bamboohr.changes import changed_people, named_people
from integrations.vendors.bamboohr.check import Check
from integrations.vendors.bamboohr.everybody import everybody
from integrations.vendors.bamboohr.fields import ASKED, COMPUTED, CUSTOM, MAPPING
from integrations.vendors.bamboohr.form import SETTINGS, terms
from integrations.vendors.bamboohr.listing import MANAGER
from integrations.vendors.base import Family, Health, Json, Limits, Page, Stream, Vendor, Window
from integrations.wire.http import Line, Response


class BambooHR(Vendor):
    key = "bamboohr"
    label = "BambooHR"
    family = Family.HRIS
    version = "v1"  # /employees, /employees/changed, /reports/custom; datasets v2 by setting
    settings = SETTINGS
    limits = Limits(per_second=4, burst=4, in_parallel=1)  # no figures are published; one request at a time is what is asked for (§7)
    streams = (
        Stream(
            "employees",
            "Employees",
            kind="worker",
            fields=("id", *ASKED, MANAGER, *COMPUTED, CUSTOM),
            delta=True,
            proof="count",
        ),
    )
    default_mapping = {"employees": MAPPING}

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str], line: Line) -> None:
        super().__init__(settings, secrets, line)
        self.api = Api(line, base_url(self.config), self.secrets["api_key"])
        self.terms = terms(self.config)

    @classmethod
    def checked(cls, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
        values = super().checked(settings, secrets)
        base_url(values)
        terms(values)
        return values

    def check(self) -> Health:
        return Check(self.api, self.terms).run()

    def fetch(self, stream: str, window: Window, cursor: Json = None) -> Iterator[Page]:
        """Employees: all of them, those changed since `window.since`, or those of `window.ids`."""
        self.stream(stream)
        if window.ids:
            return named_people(self.api, self.terms, window, cursor)
        if window.since is not None:
            return changed_people(self.api, self.terms, window, window.since, cursor)
        return everybody(self.api, self.terms, window, cursor, self.page_rows)

    def explain(self, response: Response) -> RollcallError | None:
        return explain(response)
