"""The switches: each breaks what it says, and nothing else."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from integrations.sandbox import cast
from integrations.sandbox.emulators.distort import HUGE
from tests.integrations.sandbox.bamboohr_caller import Account

FIELDS = ["workEmail", "hireDate", "jobTitle", "location", "supervisorEId"]


@pytest.fixture
def account() -> Account:
    return Account()


def listed(account: Account) -> tuple[list[str], int]:
    found, after, total = [], "", 0
    while True:
        got = account.json(f"employees?page[limit]=50{f'&page[after]={after}' if after else ''}")
        found += [row["employeeId"] for row in got["data"]]
        total, after = got["meta"]["total"], got["meta"]["page"]["nextCursor"]
        if not after:
            return found, total


def dataset(account: Account) -> tuple[list[str], int]:
    found: list[str] = []
    number, pages = 1, 1
    while number <= pages:
        got: dict[str, Any] = json.loads(account.dataset(fields=["eeid"], orderBy="eeid asc", page=number, pageSize=50).content)
        found += [row["fields"]["eeid"] for row in got["data"]]
        pages, number = got["meta"]["totalPages"], number + 1
    return found, got["meta"]["totalItems"]


def test_truncate_last_page_loses_the_end_of_every_reader(account: Account) -> None:
    whole = account.rows(FIELDS)
    account.faults.set("bamboohr", truncate_last_page=True)
    assert [row["id"] for row in account.rows(FIELDS)] == [row["id"] for row in whole][: len(whole) - len(whole) // 10]
    for reader in (listed, dataset):
        found, total = reader(account)
        assert total == len(whole) > len(found)


def test_duplicate_across_pages_repeats_somebody(account: Account) -> None:
    account.faults.set("bamboohr", duplicate_across_pages=True)
    rows = account.rows(FIELDS)
    assert rows[0] == rows[1] and len({row["id"] for row in rows}) == len(rows) - 1
    for reader in (listed, dataset):
        found, total = reader(account)
        assert len(found) == total > len(set(found))


def test_rename_field_changes_the_key_everywhere(account: Account) -> None:
    account.faults.set("bamboohr", rename_field={"workEmail": "corporateEmail", "jobTitle": "role"})
    row = account.report(FIELDS)["402"]
    assert row["corporateEmail"] == cast.MARCO_ROSSI_BAMBOO.email and row["role"] == "Sales Engineer" and "workEmail" not in row
    assert account.json("employees/402?fields=workEmail") == {"id": "402", "corporateEmail": cast.MARCO_ROSSI_BAMBOO.email}
    assert "role" in account.json("employees/402/tables/jobInfo")[0]
    assert "corporateEmail" in {field.get("alias") for field in account.json("meta/fields")}


def test_empty_answers_with_nobody(account: Account) -> None:
    account.faults.set("bamboohr", empty=True)
    assert account.rows(FIELDS) == [] and listed(account) == ([], 0)
    assert account.get("employees/402").status == 404
    assert account.json("employees/changed?since=2000-01-01T00:00:00Z")["employees"] == {}


def test_bad_dates_hires_one_in_ten_on_a_day_that_does_not_exist(account: Account) -> None:
    account.faults.set("bamboohr", bad_dates=True)
    rows = account.rows(FIELDS)
    assert sum(row["hireDate"] == "2026-02-31" for row in rows) == (len(rows) + 7) // 10
    shown = account.json("employees?page[limit]=100&fields=hireDate")["data"]
    assert sum(row["hireDate"] == "2026-02-31" for row in shown) == 10


def test_huge_field_is_five_megabytes_for_one_person(account: Account) -> None:
    account.faults.set("bamboohr", huge_field=True)
    assert [len(row["jobTitle"]) >= HUGE for row in account.rows(FIELDS)].count(True) == 1


def test_manager_cycle_makes_two_people_each_others_supervisor(account: Account) -> None:
    account.faults.set("bamboohr", manager_cycle=True)
    rows = account.report(FIELDS)
    assert (rows["402"]["supervisorEId"], rows["403"]["supervisorEId"]) == ("403", "402")
    assert account.json("employees/402?fields=supervisorEId")["supervisorEId"] == "403"


def test_unknown_location_is_on_no_list(account: Account) -> None:
    account.faults.set("bamboohr", unknown_location=True)
    places = [row["location"] for row in account.rows(FIELDS)]
    options = {option["name"] for row in account.json("meta/lists") if row["alias"] == "location" for option in row["options"]}
    assert places.count("Atlantis Dome") >= len(places) // 10 and "Atlantis Dome" not in options


def test_expire_token_after_withdraws_the_key_until_the_switch_is_off(account: Account) -> None:
    account.faults.set("bamboohr", expire_token_after=2)
    assert [account.get("employees/402").status for _ in range(4)] == [200, 200, 401, 401]
    account.faults.clear("bamboohr")
    assert account.get("employees/402").status == 200


@pytest.mark.parametrize(
    ("today", "settings", "status"),
    [
        (date(2026, 6, 10), {}, 503),
        (date(2026, 9, 16), {}, 429),
        (date(2026, 6, 10), {"throttle": "429"}, 429),
        (date(2027, 1, 4), {"throttle": "503"}, 503),
    ],
)
def test_a_throttle_is_503_until_the_day_it_becomes_429(today: date, settings: dict[str, str], status: int) -> None:
    account = Account(today=today, **settings)
    account.faults.set("bamboohr", rate_limited=1, retry_after=17)
    throttled = account.get("employees/402")
    assert throttled.status == status
    assert throttled.headers.get("Retry-After") == ("17" if status == 429 else None)
    assert account.get("employees/402").status == 200
