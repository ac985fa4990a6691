from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.errors import NotSupported
from integrations.vendors.base import Window
from tests.integrations.vendors.moodle.other_side import Site, connect, user


def test_accounts_are_found_by_value_without_regard_to_capitals() -> None:
    site = Site(user(1, email="Ana@X.example"), user(2, idnumber="SAME"), user(3, idnumber="SAME"))
    moodle = connect(site)
    assert [record.external_id for record in moodle.find("users", "email", ["ana@x.example"])["ana@x.example"]] == ["1"]
    assert [record.external_id for record in moodle.find("users", "idnumber", ["SAME", "none"])["SAME"]] == ["2", "3"]
    assert moodle.find("users", "username", ["nobody"]) == {"nobody": []}


def test_values_that_would_fail_the_search_are_not_sent() -> None:
    site = Site(user(1))
    assert connect(site).find("users", "username", ["O'Neil", "U1"]) == {"O'Neil": [], "U1": connect(site).find("users", "id", ["1"])["1"]}
    assert site.calls[0][1]["values"] == ["u1"]


def test_searches_go_out_fifty_at_a_time() -> None:
    site = Site(*(user(number) for number in range(1, 121)))
    found = connect(site).find("users", "id", [str(number) for number in range(1, 121)])
    assert all(len(records) == 1 for records in found.values())
    assert [len(args["values"]) for _, args in site.calls] == [50, 50, 20]


def test_another_field_cannot_be_searched() -> None:
    with pytest.raises(NotSupported):
        connect(Site()).find("users", "phone1", ["1"])


def test_what_is_held_can_be_read_back_and_missing_ones_are_left_out() -> None:
    records = list(connect(Site(user(1), user(2))).read_back("users", ["2", "3"]))
    assert [(record.external_id, record.payload["username"]) for record in records] == [("2", "u2")]


def test_custom_profile_fields_are_read_under_the_names_by_which_they_are_written() -> None:
    field = {"type": "text", "value": "CC9", "displayvalue": "CC9", "name": "Cost centre", "shortname": "costcenter"}
    (record,) = connect(Site(user(1, customfields=[field]))).read_back("users", ["1"])
    assert record.payload["profile_field_costcenter"] == "CC9" and record.payload["customfields"] == [field]


def test_accounts_are_read_by_id_and_the_reading_can_go_on() -> None:
    moodle = connect(Site(*(user(number) for number in range(1, 121))))
    window = Window(ids=tuple(str(number) for number in range(1, 121)))
    pages = list(moodle.fetch("users", window))
    assert [len(page.records) for page in pages] == [50, 50, 20] and [page.is_last for page in pages] == [False, False, True]
    (rest,) = moodle.fetch("users", window, pages[1].cursor)
    assert [record.external_id for record in rest.records] == [str(number) for number in range(101, 121)]


def test_everybody_is_read_only_where_that_was_chosen_and_never_proves_absence() -> None:
    with pytest.raises(NotSupported):
        connect(Site()).fetch("users", Window())
    (page,) = connect(Site(user(1), user(2)), full_listing=True).fetch("users", Window(since=datetime(2026, 6, 10, tzinfo=UTC)))
    assert len(page.records) == 2 and not page.is_last and page.total is None
