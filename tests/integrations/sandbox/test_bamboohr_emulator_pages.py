"""The two paged readers: GET /employees by cursor, datasets by number."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.integrations.sandbox.bamboohr_caller import TODAY, Account, error


@pytest.fixture(scope="module")
def account() -> Account:
    return Account()


def page(account: Account, **query: Any) -> dict[str, Any]:
    names = {"limit": "page[limit]", "after": "page[after]", "before": "page[before]", "status": "filter[status]", "ids": "filter[ids]"}
    answer = account.get("employees?" + "&".join(f"{quote(names.get(name, name))}={quote(str(value))}" for name, value in query.items()))
    assert answer.status == 200, error(answer)
    return dict(json.loads(answer.content))


def everybody(account: Account, **query: Any) -> list[str]:
    found, after = [], ""
    while True:
        got = page(account, **query, **({"after": after} if after else {}))
        found += [row["employeeId"] for row in got["data"]]
        after = got["meta"]["page"]["nextCursor"]
        if not after:
            return found


# ── by cursor ───────────────────────────────────────────────────────────────────────────────────────


def test_pages_by_cursor_give_everybody_once(account: Account) -> None:
    found = everybody(account, limit=40)
    assert len(set(found)) == len(found) == account.world.count("bamboohr")
    first = page(account, limit=40)
    assert first["meta"]["total"] == len(found) and first["meta"]["page"]["prevCursor"] is None
    assert page(account)["meta"]["page"]["limit"] == 250


def test_a_row_has_the_default_fields_and_names_what_is_restricted(account: Account) -> None:
    (row,) = page(account, ids="402")["data"]
    assert row == {
        "employeeId": "402",
        "firstName": "Marco",
        "lastName": "Rossi",
        "preferredName": None,
        "photoUrl": None,
        "jobTitleName": "Sales Engineer",
        "status": "Active",
        "_restrictedFields": [],
    }


def test_one_can_page_back(account: Account) -> None:
    first = page(account, limit=10)
    second = page(account, limit=10, after=first["meta"]["page"]["nextCursor"])
    back = page(account, limit=10, before=second["meta"]["page"]["prevCursor"])
    assert back["data"] == first["data"]


def test_sorting_and_filters(account: Account) -> None:
    names = [row["lastName"].casefold() for row in page(account, limit=2500, sort="-lastName,firstName")["data"]]
    assert names == sorted(names, reverse=True)
    active, inactive = everybody(account, status="active"), everybody(account, status="inactive")
    assert active and inactive and not set(active) & set(inactive)
    assert everybody(account, ids="402,403") == ["402", "403"]


def test_option_ids_stay_when_a_department_gets_another_name() -> None:
    account = Account()
    before = page(account, ids="402", fields="departmentId,departmentName")["data"][0]
    account.world.edit("bamboohr", "402", department="Digital Revenue")
    after = page(account, ids="402", fields="departmentId,departmentName")["data"][0]
    assert before["departmentId"] == after["departmentId"] and after["departmentName"] == "Digital Revenue"
    options = {str(option["id"]) for row in account.json("meta/lists") if row["alias"] == "department" for option in row["options"]}
    assert before["departmentId"] in options


def test_hidden_fields_are_null_and_named_and_drop_rows_when_used_for_filter_or_order() -> None:
    account = Account(hidden_fields=("workEmail",), hidden_fields_of={"402": ["lastName", "status"]})
    (row,) = page(account, ids="402", fields="workEmail")["data"]
    assert row["workEmail"] is None and row["lastName"] is None and row["_restrictedFields"] == ["lastName", "status", "workEmail"]
    assert "402" not in everybody(account, sort="lastName") and "402" not in everybody(account, status="active")
    assert "402" in everybody(account)


def test_future_hires_are_inactive_without_a_job_and_can_be_left_out_by_switch() -> None:
    for shown in (True, False):
        account = Account(list_has_future_hires=shown)
        key = account.world.hire("bamboohr", "Lena", "Vogt", hire_on=TODAY + timedelta(days=5)).key
        rows = page(account, ids=key, fields="hireDate,departmentName")["data"]
        assert len(rows) == int(shown)
        if rows:
            assert (rows[0]["status"], rows[0]["jobTitleName"], rows[0]["departmentName"]) == ("Inactive", None, None)
            assert rows[0]["hireDate"] == "2026-06-15"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("page[limit]=0", "BadPage"),
        ("page[limit]=2501", "BadPage"),
        ("page[after]=nonsense", "BadPage"),
        ("page[after]=a&page[before]=b", "BadPage"),
        ("fields=employeeNumber", "InvalidField"),
        ("fields=terminationDate", "InvalidField"),
        ("sort=payRate", "InvalidField"),
        ("filter[status]=Active", "InvalidFilter"),
        ("filter[ids]=a,b", "InvalidFilter"),
        ("filter[department]=1", "InvalidParameter"),
    ],
)
def test_bad_queries_are_refused_with_a_code_in_the_body(account: Account, query: str, code: str) -> None:
    answer = account.get(f"employees?{query}")
    assert answer.status == 400 and json.loads(answer.content)["error"]["code"] == code


@pytest.mark.parametrize("why", ["time", "reset", "other order"])
def test_a_stale_cursor_means_start_again(why: str) -> None:
    account = Account()
    cursor = page(account, limit=10)["meta"]["page"]["nextCursor"]
    if why == "time":
        account.clock.advance(seconds=1801)
    elif why == "reset":
        account.emulator.reset()
    order = "&sort=lastName" if why == "other order" else ""
    answer = account.get(f"employees?page[limit]=10&page[after]={cursor}{order}")
    assert answer.status == 400 and json.loads(answer.content)["error"]["code"] == "BadPage"


# ── datasets ────────────────────────────────────────────────────────────────────────────────────────


def asked(account: Account, **body: Any) -> dict[str, Any]:
    answer = account.dataset(**body)
    assert answer.status == 200, error(answer)
    return dict(json.loads(answer.content))


def test_a_dataset_has_words_of_its_own_and_says_which(account: Account) -> None:
    assert json.loads(account.call("GET", "/api/v1_2/datasets").content)["datasets"] == [{"name": "employee", "label": "Employees"}]
    names = json.loads(account.call("GET", "/api/v1_2/datasets/employee/fields?page=1&page_size=5").content)
    assert len(names["fields"]) == 5 and names["pagination"]["total_pages"] > 1
    assert names["fields"][0]["name"] == "eeid"


def test_dataset_pages_give_everybody_once(account: Account) -> None:
    found: list[str] = []
    number, pages = 1, 1
    while number <= pages:
        got = asked(account, fields=["eeid", "email"], orderBy="eeid asc", page=number, pageSize=50)
        found += [row["fields"]["eeid"] for row in got["data"]]
        pages, number = got["meta"]["totalPages"], number + 1
    assert found == sorted(found, key=int) and len(set(found)) == account.world.count("bamboohr") == got["meta"]["totalItems"]
    assert asked(account, fields=["eeid"])["meta"]["pageSize"] == 100


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ("eeid eq '402'", {"402"}),
        ("eeid ge 402 and eeid lt 404", {"402", "403"}),
        ("lastName eq 'Rossi' or lastName eq 'Lindgren'", None),
        ("eeid in ('402', '403')", {"402", "403"}),
        ("status in ('Active','Inactive') and eeid le 403 and eeid gt 402", {"403"}),
        ("firstName eq 'Marco' and lastName ne 'Rossi' and eeid eq 402", set()),
    ],
)
def test_dataset_filters(account: Account, filter_: str, expected: set[str] | None) -> None:
    found = {row["fields"]["eeid"] for row in asked(account, fields=["eeid"], filter=filter_, pageSize=1000)["data"]}
    assert found == expected if expected is not None else {"402", "403"} <= found


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"fields": ["eeid"], "filter": "a and b"}, 422, "INVALID_FILTER"),
        ({"fields": ["eeid"], "filter": "eeid eq 1 and eeid eq 2 or eeid eq 3"}, 422, "INVALID_FILTER"),
        ({"fields": ["eeid"], "filter": "eeid like 1"}, 422, "INVALID_FILTER"),
        ({"fields": ["eeid"], "filter": "eeid eq 1 and"}, 422, "INVALID_FILTER"),
        ({"fields": ["eeid"], "filter": "eeid in 1"}, 422, "INVALID_FILTER"),
        ({"fields": ["eeid"], "filter": "lastName eq 'D"}, 422, "INVALID_FILTER"),
        ({"fields": ["eeid"], "orderBy": "lastName asc"}, 400, "INVALID_ORDER"),
        ({"fields": ["employeeNumber", "workEmail"]}, 400, "INVALID_FIELD"),
        ({"fields": []}, 400, "INVALID_FIELD"),
        ({"fields": ["eeid"], "pageSize": 1001}, 400, "INVALID_PAGE"),
        ({"fields": ["eeid"], "page": 0}, 400, "INVALID_PAGE"),
        ({"filter": "x"}, 400, "INVALID_REQUEST"),
    ],
)
def test_bad_dataset_requests_are_problems(account: Account, body: dict[str, Any], status: int, code: str) -> None:
    answer = account.dataset(**body)
    assert (answer.status, json.loads(answer.content)["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_hidden_field_in_a_dataset_is_empty_and_named_or_by_switch_an_error() -> None:
    row = asked(Account(hidden_fields=("workEmail",)), fields=["eeid", "email"], filter="eeid eq 402")["data"][0]
    assert row == {"fields": {"eeid": "402", "email": ""}, "_restrictedFields": ["email"]}
    assert Account(hidden_fields=("workEmail",), dataset_hidden="error").dataset(fields=["email"]).status == 403
