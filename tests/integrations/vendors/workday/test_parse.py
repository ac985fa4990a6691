from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from lxml import etree

from integrations.vendors.workday import parse
from integrations.vendors.workday.bsvc import WD, T, day, true
from integrations.vendors.workday.parse import Reading, best_email, worker
from integrations.wire import soap
from tests.integrations.vendors.workday.recorded import recording

TODAY = Reading(date(2026, 5, 20))


def parsed(name: str, reading: Reading = TODAY) -> list[dict[str, Any]]:
    return [worker(element, reading) for element in soap.elements([recording(name)], (T.Worker,))]


@pytest.fixture(scope="module")
def ana() -> dict[str, Any]:
    return parsed("workers__page_1_of_2.xml")[0]


def test_every_id_is_kept_and_the_key_is_the_wid(ana: dict[str, Any]) -> None:
    assert ana["ids"] == {"WID": "3aa5550b7fe348b98d7b5741afc65534", "Employee_ID": "21001"}
    assert ana["wid"] == "3aa5550b7fe348b98d7b5741afc65534"
    assert (ana["user_id"], ana["universal_id"], ana["worker_id"]) == ("aruiz", "U-5512", "21001")


def test_the_preferred_name_is_used_and_the_legal_one_kept(ana: dict[str, Any]) -> None:
    assert ana["name"]["given"] == "Ana" and ana["name"]["suffix"] == "PhD"
    assert ana["names"]["legal"] == {
        "formatted": "Ana María Ruiz Ortega",
        "given": "Ana María",
        "family": "Ruiz",
        "second_family": "Ortega",
    }


def test_a_connector_may_prefer_legal_names() -> None:
    ana = parsed("workers__page_1_of_2.xml", Reading(date(2026, 5, 20), prefers_legal=True))[0]
    assert ana["name"]["given"] == "Ana María"


def test_without_a_preferred_name_the_legal_one_is_it() -> None:
    omar = parsed("workers__page_1_of_2.xml")[1]
    assert "preferred" not in omar["names"] and omar["name"]["given"] == "Omar"


def test_the_work_address_is_the_primary_one_of_its_usage(ana: dict[str, Any]) -> None:
    assert ana["email"] == "Ana.Ruiz@meridian.example"
    assert [(email["usage"], email["primary"], email["public"]) for email in ana["emails"]] == [
        ("HOME", True, False),
        ("WORK", False, True),
        ("WORK", True, True),
    ]


def test_a_private_address_never_stands_in_for_a_missing_work_address() -> None:
    home = {"address": "ana.privat@example.com", "usage": "HOME", "primary": True, "public": False}
    assert best_email([home], "WORK") is None
    assert best_email([home], "HOME") == "ana.privat@example.com"


def test_the_primary_job_is_known_by_its_mark_and_not_by_its_place(ana: dict[str, Any]) -> None:
    assert [(job["primary"], job["title"]) for job in ana["jobs"]] == [(False, "Safety Coordinator"), (True, "Senior Buyer")]
    assert ana["jobs"][1]["location_id"] == "MAD" and ana["jobs"][1]["country"] == "ES" and ana["jobs"][1]["language"] == "es_ES"
    assert ana["jobs"][1]["worker_type"] == "REGULAR" and ana["jobs"][1]["profile_id"] == "JP_BUYER_2"


def test_pay_and_birth_dates_do_not_arrive_even_when_they_are_sent(ana: dict[str, Any]) -> None:
    assert b"48250" in recording("workers__page_1_of_2.xml") and b"1988-02-11" in recording("workers__page_1_of_2.xml")
    stored = json.dumps(ana)
    assert "48250" not in stored and "1988" not in stored and "Monthly paid" not in stored


def test_dates_are_ten_characters_whatever_their_offset(ana: dict[str, Any]) -> None:
    assert ana["status"]["hire_on"] == "2024-03-04" and ana["status"]["original_hire_on"] == "2015-09-01"
    assert day("2026-01-01+13:00") == "2026-01-01" and day(None) is None


def test_booleans_come_as_digits_or_words() -> None:
    assert true("1") and true("true") and not true("0") and not true("false") and not true(None)


def test_a_leave_that_ended_is_not_a_leave(ana: dict[str, Any]) -> None:
    assert [leave["on_leave"] for leave in ana["status"]["leaves"]] == [False, True]
    assert ana["on_leave"] is True and ana["state"] == "leave"


def test_organisation_types_are_upper_case_and_pay_groups_are_left_out(ana: dict[str, Any]) -> None:
    assert [place["type"] for place in ana["organizations"]] == ["SUPERVISORY", "COMPANY", "COST_CENTER", "MATRIX"]
    assert ana["jobs"][0]["organizations"][0]["type"] == "SUPERVISORY"  # written “Supervisory” on the wire
    assert ana["organizations"][2] == {
        "type": "COST_CENTER",
        "id": "0c00000000000000000000000000e002",
        "reference_id": "CC-470",
        "code": "470",
        "name": "Supply Chain",
    }


def test_the_nesting_keeps_its_order_outermost_first(ana: dict[str, Any]) -> None:
    assert [entry["reference_id"] for entry in ana["supervisory_chain"]] == ["SUP_TOP", "SUP_OPS", "SUP_CHAIN", "SUP_BUYING"]
    assert ana["unit_path"] == [entry["organization"] for entry in ana["supervisory_chain"]]


def test_an_organisation_is_not_named_after_its_manager(ana: dict[str, Any]) -> None:
    assert b"Supply Chain (Nia Okoro)" in recording("workers__page_1_of_2.xml")
    assert [entry["name"] for entry in ana["supervisory_chain"]] == ["Meridian Works", "Operations", "Supply Chain", "Buying Iberia"]


def test_a_contingent_worker_with_the_number_of_an_employee_is_told_apart() -> None:
    omar = parsed("workers__page_1_of_2.xml")[1]
    assert omar["worker_type"] == "contingent" and omar["contingent_worker_id"] == "123" and omar["employee_id"] is None
    assert omar["contract"] == {"end_on": "2026-12-31"}


def test_notice_is_still_at_work() -> None:
    haruto = parsed("workers__page_2_of_2.xml")[0]
    assert haruto["state"] == "active"
    assert (haruto["status"]["last_day_on"], haruto["status"]["termination_on"]) == ("2026-05-29", "2026-05-31")


def test_why_somebody_leaves_stands_apart_from_the_dates() -> None:
    """In a field of its own, so that it is dropped with its mapping row; empty again once the termination is taken back."""
    part = etree.fromstring(
        f'<w:Worker_Status_Data xmlns:w="{WD}"><w:Termination_Date>2026-05-31-07:00</w:Termination_Date>'
        '<w:Primary_Termination_Reason_Reference w:Descriptor="Gross misconduct"><w:ID w:type="WID">4aa5</w:ID>'
        '<w:ID w:type="Termination_Subcategory_ID">TERM_7</w:ID></w:Primary_Termination_Reason_Reference></w:Worker_Status_Data>'
    )
    assert parse._reason(part) == {"id": "TERM_7", "name": "Gross misconduct"} and "reason" not in str(parse._status(part))
    assert parsed("workers__termination_rescinded.xml")[0]["termination_reason"] is None


def test_a_rescinded_termination_takes_its_dates_away_and_says_so() -> None:
    haruto = parsed("workers__termination_rescinded.xml")[0]
    assert haruto["status"]["termination_on"] is None and "termination_on" in haruto["status"]
    assert haruto["corrections"] == [
        {
            "effective_on": "2026-05-31",
            "entered_at": "2026-05-19T22:41:07.512-07:00",
            "is_rescind": True,
            "is_correction": False,
        }
    ]


def test_language_and_zone_come_from_the_workers_own_account(ana: dict[str, Any]) -> None:
    assert ana["account"] == {"language": "es", "time_zone": "Europe/Madrid"}


def test_a_section_that_was_not_sent_is_a_key_that_is_not_there() -> None:
    noor = parsed("workers__one_without_status.xml")[1]
    assert "status" not in noor and "state" not in noor and "names" in noor
    lena = parsed("workers__future_hire_today.xml")[0]
    assert lena["organizations"] == [] and "supervisory_chain" not in lena and "unit_path" not in lena
