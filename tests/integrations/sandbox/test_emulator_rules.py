"""Rules of the fact sheets about paging, addresses and maintenance, and that the connectors keep to them."""

from __future__ import annotations

import base64
import json
from contextlib import closing
from datetime import date, timedelta

import pytest
import requests

from config.errors import RollcallError, Unavailable
from integrations.sandbox.server import running_sandbox
from integrations.vendors.base import Change, Window
from integrations.vendors.moodle.vendor import Moodle
from integrations.vendors.workday.vendor import Workday
from integrations.wire.http import Line
from integrations.wire.safe_url import Guard
from tests.integrations.sandbox.bamboohr_caller import Account
from tests.integrations.sandbox.workday_caller import PASSWORD, Tenant

REPORT = "/ccx/service/customreport2/meridian/isu_rollcall/Rollcall_Workers"


def test_the_vocabulary_of_a_dataset_says_which_page_comes_next() -> None:
    account = Account(100)
    seen, page = [], 1
    while page:
        answer = json.loads(account.call("GET", f"/api/v1_2/datasets/employee/fields?page={page}&page_size=10").content)
        seen += [field["name"] for field in answer["fields"]]
        assert answer["pagination"]["prev_page"] == (page - 1 or None)
        page = answer["pagination"]["next_page"]
    assert len(seen) == len(set(seen)) == answer["pagination"]["total_records"]


def basic() -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"isu_rollcall:{PASSWORD}".encode()).decode()}


def test_a_reports_address_may_not_grow_for_ever() -> None:
    tenant = Tenant()
    wids = [worker.key for worker in tenant.world.workers("workday", 0, 100)]
    assert tenant.get(f"{REPORT}?format=json&Worker!WID={'!'.join(wids[:40])}", **basic()).status == 200
    assert tenant.get(f"{REPORT}?format=json&Worker!WID={'!'.join(wids)}", **basic()).status == 414


@pytest.mark.servers
def test_the_connector_asks_for_many_people_in_addresses_that_are_short_enough() -> None:
    with running_sandbox(200, vendors=("workday",)) as sandbox:
        wids = tuple(worker.key for worker in sandbox.world.workers("workday", 0, 100))
        settings = {"base_url": sandbox.address("workday"), "tenant": "meridian", "source": "raas", "username": "isu_rollcall"}
        report = {"report_owner": "isu_rollcall", "report_name": "Rollcall_Workers", "report_columns": ["Legal_Last_Name"]}
        with closing(Line(guard=Guard(allow_hosts=(sandbox.host,), schemes=("http",)))) as line:
            subject = Workday({**settings, **report, "report_prompt": "Worker"}, {"password": PASSWORD}, line)
            window = Window(ids=wids, until=sandbox.world.now(), as_of=date(2026, 6, 10) + timedelta(days=1))
            found = {record.external_id for page in subject.fetch("workers", window) for record in page.records}
        assert found == set(wids) and len(sandbox.requests("workday")) == 3


@pytest.mark.servers
@pytest.mark.parametrize("vendor", ["workday", "bamboohr", "moodle"])
def test_maintenance_is_a_page_of_html(vendor: str) -> None:
    with running_sandbox(100, vendors=(vendor,)) as sandbox:
        sandbox.faults.set(vendor, server_error=True)
        answer = requests.get(sandbox.address(vendor), timeout=5)
        assert answer.status_code == 503 and answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.servers
def test_maintenance_is_tried_again_and_misses_nobody() -> None:
    with running_sandbox(100, vendors=("moodle",)) as sandbox:
        sandbox.faults.set("moodle", server_error=True)
        with closing(Line(guard=Guard(allow_hosts=(sandbox.host,), schemes=("http",)))) as line:
            subject = Moodle({"base_url": sandbox.address("moodle")}, {"token": "moodle-demo-token"}, line)
            with pytest.raises(Unavailable):
                subject.find("users", "id", ["4"])


@pytest.mark.servers
@pytest.mark.parametrize("release", ["3.11", "4.1", "4.5"])
def test_a_bad_row_of_an_update_costs_nobody_else_anything_in_any_release(release: str) -> None:
    with running_sandbox(100, vendors=("moodle",), settings={"moodle": {"release": release}}) as sandbox:
        with closing(Line(guard=Guard(allow_hosts=(sandbox.host,), schemes=("http",)))) as line:
            subject = Moodle({"base_url": sandbox.address("moodle")}, {"token": "moodle-demo-token"}, line)
            changes = [Change(f"u{one}", "update", {"city": "Faro"}, one) for one in ("4", "9999", "5", "6")]
            errors: list[RollcallError | None] = [receipt.error for receipt in subject.push("users", changes)]
            assert [error.code if error else "ok" for error in errors] == ["ok", "account_missing", "ok", "ok"]
            assert {record.payload["city"] for record in subject.read_back("users", ["4", "5", "6"])} == {"Faro"}
