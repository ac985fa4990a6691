from __future__ import annotations

from typing import Any

import pytest

from config.errors import SettingInvalid
from integrations.vendors.moodle.cohorts import wanted
from integrations.vendors.moodle.vendor import Moodle
from tests.integrations.vendors.moodle.other_side import Site, codes, connect, to, user


def test_people_join_and_leave_cohorts() -> None:
    site = Site(user(1))
    site.cohorts = {"dept-sales": (11, set()), "dept-support": (12, {1}), "dept-support-2": (13, {1})}
    (receipt,) = connect(site).push("users", [to("cohorts", 1, add=["dept-sales"], remove=["dept-support", "dept-gone"])])
    assert receipt.error is None
    assert site.cohorts == {"dept-sales": (11, {1}), "dept-support": (12, set()), "dept-support-2": (13, {1})}


def test_joining_twice_does_no_harm_and_a_missing_cohort_is_an_error_of_its_row() -> None:
    site = Site(user(1), user(2))
    site.cohorts = {"dept-sales": (11, {1})}
    receipts = connect(site).push("users", [to("cohorts", 1, add=["dept-sales"]), to("cohorts", 2, add=["dept-none"])])
    assert codes(receipts) == ["ok", "target_refused"]


def test_missing_cohorts_are_made_where_that_is_allowed() -> None:
    site = Site(user(1))
    connect(site, create_cohorts=True).push("users", [to("cohorts", 1, add=["dept-new"])])
    assert site.cohorts["dept-new"][1] == {1}


def test_cohorts_that_another_worker_makes_at_the_same_moment_are_taken_as_they_are() -> None:
    site = Site(user(1), user(2))

    def meanwhile(function: str, args: dict[str, Any]) -> None:
        if function == "core_cohort_create_cohorts" and "dept-a" not in site.cohorts:
            site.cohorts["dept-a"] = (11, set())

    site.fails = meanwhile
    receipts = connect(site, create_cohorts=True).push(
        "users", [to("cohorts", 1, add=["dept-a", "dept-b"]), to("cohorts", 2, add=["dept-b"])]
    )
    assert codes(receipts) == ["ok", "ok"]
    assert site.cohorts["dept-a"] == (11, {1}) and site.cohorts["dept-b"][1] == {1, 2}


def test_a_cohort_that_cannot_be_made_is_an_error_of_those_who_join_it_and_of_nobody_else() -> None:
    site = Site(user(1), user(2))
    receipts = connect(site, create_cohorts=True).push("users", [to("cohorts", 1, add=["dept/bad"]), to("cohorts", 2, add=["dept-b"])])
    assert codes(receipts) == ["target_refused", "ok"]
    assert site.cohorts["dept-b"][1] == {2} and "dept/bad" not in site.cohorts


def test_cohorts_follow_from_attributes() -> None:
    attributes = {"department": "Customer Success & Support", "location": None, "unit_path": ["EMEA", "Sales"]}
    prefixes = {"department": "dept-", "location": "loc-", "unit_path": "unit-"}
    assert wanted(attributes, prefixes) == {"dept-customer-success-support", "unit-emea", "unit-sales"}
    assert Moodle.beside({"cohorts": ["department = dept-"]}, {"department": "Sales"}) == {"cohorts": ["dept-sales"]}
    with pytest.raises(SettingInvalid):
        connect(Site(), cohorts=["department"])
