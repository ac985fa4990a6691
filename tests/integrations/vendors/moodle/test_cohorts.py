from __future__ import annotations

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


def test_cohorts_follow_from_attributes() -> None:
    attributes = {"department": "Customer Success & Support", "location": None, "unit_path": ["EMEA", "Sales"]}
    prefixes = {"department": "dept-", "location": "loc-", "unit_path": "unit-"}
    assert wanted(attributes, prefixes) == {"dept-customer-success-support", "unit-emea", "unit-sales"}
    assert Moodle.beside({"cohorts": ["department = dept-"]}, {"department": "Sales"}) == {"cohorts": ["dept-sales"]}
    with pytest.raises(SettingInvalid):
        connect(Site(), cohorts=["department"])
