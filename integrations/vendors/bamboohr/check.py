"""The connection test: may the key do what a run will need? Source: docs/vendors/bamboohr.md §1, §2, §4."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from config.errors import PermissionMissing, RollcallError, SettingInvalid
from config.sentences import named, sentence
from integrations.vendors.bamboohr.api import Api, said_at
from integrations.vendors.bamboohr.changes import read_changes
from integrations.vendors.bamboohr.fields import NEEDED, missing_fields
from integrations.vendors.bamboohr.form import Terms
from integrations.vendors.bamboohr.listing import MANAGER
from integrations.vendors.bamboohr.report import EVERYBODY, REPORT, dataset_has
from integrations.vendors.bamboohr.tables import JOB_TABLE, STATUS_TABLE
from integrations.vendors.base import Health, Step

SAMPLE = 50  # people whose managers are compared; enough to meet one who has a manager


class Check:
    """Does the steps in order, each on its own: one that fails does not keep the others from being tried."""

    def __init__(self, api: Api, terms: Terms) -> None:
        self.api = api
        self.terms = terms
        self.steps: list[Step] = []
        self.facts: dict[str, str] = {"address": api.base}
        self.sample: list[Mapping[str, Any]] = []  # rows of GET /employees

    def run(self) -> Health:
        if self._step(sentence("Sign-in"), self._sign_in):
            self._step(sentence("List of employees"), self._list)
            self._step(sentence("Fields of the report"), self._dataset if self.terms.uses_dataset else self._report)
            self._step(sentence("Feed of changes"), self._changes)
            for table, wanted in ((STATUS_TABLE, self.terms.reads_status_table), (JOB_TABLE, self.terms.reads_job_table)):
                if wanted:
                    self._step(named("Table %(name)s", table), partial(self._table, table))
        return Health(self.steps, self.facts)

    def _step(self, name: str, act: Callable[[], str]) -> bool:
        before = self.api.spent_ms
        error: RollcallError | None = None
        try:
            detail = act()
        except RollcallError as caught:
            error, detail = caught, caught.detail
        self.steps.append(Step(name, error is None, detail, self.api.spent_ms - before, error))
        return error is None

    def _sign_in(self) -> str:
        self.api.get("employees/0").json()  # its own person, or only {"id": "0"} for an integration's account
        return sentence("The key is accepted.")

    def _list(self) -> str:
        params = [("page[limit]", str(SAMPLE)), ("fields", MANAGER)]
        answer = self.api.get("employees", params).json()
        self.sample = list(answer.get("data") or [])
        total = (answer.get("meta") or {}).get("total")
        self.facts["people"] = str(total)
        return sentence("%(total)s people, in every status, are visible to this key.", total=str(total))

    def _report(self) -> str:
        ids = [int(row["employeeId"]) for row in self.sample if str(row.get("employeeId", "")).isdecimal()]
        body = {"title": "Rollcall", "fields": list(self.terms.asked), "filterDuplicates": "no", "filters": {"employeeIds": ids or [0]}}
        answer = self.api.post(REPORT, body, EVERYBODY).json()
        missing = missing_fields(answer.get("fields"), self.terms.asked)
        hidden = [name for name in NEEDED if name in missing]
        if hidden:
            raise PermissionMissing(sentence("the key's user may not see %(hidden)s", hidden=list(hidden)), field=hidden[0])
        self._compare_managers(answer.get("employees") or [])
        return (
            sentence("Not visible or not in use: %(fields)s.", fields=list(missing))
            if missing
            else sentence("Every field that is asked for is visible.")
        )

    def _dataset(self) -> str:
        offered = dataset_has(self.api)
        missing = [f"{ours} ({theirs})" for ours, theirs in self.terms.names.items() if theirs not in offered]
        if missing:
            raise SettingInvalid(
                sentence("the dataset has no %(missing)s; correct “Names in the dataset”", missing=list(missing)), field="dataset_fields"
            )
        return sentence("%(n)s fields found in the dataset.", n=len(self.terms.names))

    def _compare_managers(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Which field holds the manager's id is not agreed on by public documents; the list of employees knows for sure."""
        field = self.terms.words.manager
        known = {str(row.get("employeeId")): str(row[MANAGER]) for row in self.sample if row.get(MANAGER)}
        pairs = [(str(row.get(field)), known[str(row.get("id"))]) for row in rows if str(row.get("id")) in known and row.get(field)]
        if field == MANAGER or not pairs:
            return
        if all(ours == theirs for ours, theirs in pairs):
            self.facts["managers"] = f"{field} holds the manager's id ({len(pairs)} compared)"
            return
        raise SettingInvalid(
            sentence("%(field)s does not hold the manager's id here; choose another one under “Manager's id”", field=field),
            field="manager_field",
        )

    def _changes(self) -> str:
        now = said_at(self.api.get("employees/0"))
        if now is None:
            return sentence("Not tried: the answers carry no date.")
        changes = read_changes(self.api, now - timedelta(days=1))
        return sentence("%(n)s people changed within a day.", n=len(changes.when))

    def _table(self, table: str) -> str:
        rows = self.api.get(f"employees/{self.sample[0]['employeeId']}/tables/{table}").json() if self.sample else []
        return sentence("Readable (%(n)s rows for one person).", n=len(rows))
