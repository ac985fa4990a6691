"""The switches: each breaks what it says, and nothing else."""

from __future__ import annotations

import pytest

from integrations.sandbox import cast
from integrations.sandbox.emulators.distort import HUGE
from tests.integrations.sandbox.workday_caller import ORDINARY, Tenant, filter_, group


@pytest.fixture
def tenant() -> Tenant:
    return Tenant(size=500)


def test_truncate_last_page_sends_fewer_than_it_announced(tenant: Tenant) -> None:
    whole, total = tenant.everybody()
    tenant.faults.set("workday", truncate_last_page=True)
    cut, announced = tenant.everybody()
    assert announced == total == len(whole) and len(cut) < total and cut == whole[: len(cut)]


def test_duplicate_across_pages_repeats_somebody_and_loses_somebody(tenant: Tenant) -> None:
    whole, total = tenant.everybody()
    tenant.faults.set("workday", duplicate_across_pages=True)
    found, announced = tenant.everybody()
    assert announced == total == len(found)
    pages = -(-total // 200)
    assert len(set(found)) == total - (pages - 1) and set(found) < set(whole)


def test_rename_field_renames_the_element_everywhere(tenant: Tenant) -> None:
    tenant.faults.set("workday", rename_field={"Business_Title": "Job_Title", "Position_Data": "Post_Data"})
    answer = tenant.workers(filter_(count=5) + group(ORDINARY))
    assert len(answer.all("Post_Data/Job_Title")) == 5
    assert not answer.all("Business_Title") and not answer.all("Position_Data")


def test_empty_announces_nobody(tenant: Tenant) -> None:
    tenant.faults.set("workday", empty=True)
    answer = tenant.workers(filter_() + group(ORDINARY))
    assert answer.status == 200 and answer.total == 0 and not answer.all("Response_Data")


def test_bad_dates_hires_one_in_ten_on_a_day_that_does_not_exist(tenant: Tenant) -> None:
    tenant.faults.set("workday", bad_dates=True)
    dates = tenant.workers(filter_(count=100) + group(ORDINARY)).all("Worker_Status_Data/Hire_Date")
    assert dates.count("2026-02-31-08:00") == 10


def test_huge_field_is_five_megabytes_for_one_person(tenant: Tenant) -> None:
    tenant.faults.set("workday", huge_field=True)
    answer = tenant.workers(filter_(count=3) + group("Include_Employment_Information"))
    assert sorted(len(title) > HUGE - 1 for title in answer.all("Business_Title")) == [False, False, True]


def test_manager_cycle_makes_two_people_each_others_manager(tenant: Tenant) -> None:
    tenant.faults.set("workday", manager_cycle=True)
    bosses = {}
    for member in (cast.JANE_DOE, cast.NOOR_VAN_DEN_BERG):
        chain = tenant.one(member.key, ORDINARY).all(
            "Worker_Supervisory_Management_Chain_Data/Management_Chain_Data/Manager_Reference/ID[1]"
        )
        bosses[member.key] = chain[-1]
    assert bosses == {cast.JANE_DOE.key: cast.NOOR_VAN_DEN_BERG.key, cast.NOOR_VAN_DEN_BERG.key: cast.JANE_DOE.key}


def test_unknown_location_puts_one_in_ten_somewhere_no_list_knows(tenant: Tenant) -> None:
    tenant.faults.set("workday", unknown_location=True)
    codes = tenant.workers(filter_(count=50) + group(ORDINARY)).all("Location_Reference/ID[2]")
    assert codes.count("ATL-9") == 5


def test_a_throttle_is_a_fault_on_500_for_so_many_calls(tenant: Tenant) -> None:
    tenant.faults.set("workday", rate_limited=2)
    answers = [tenant.workers(filter_(count=1)) for _ in range(3)]
    assert [answer.status for answer in answers] == [500, 500, 200]
    assert answers[0].fault[0] == "Server.processingError" and "Too many requests" in answers[0].fault[1]


def test_mending_gives_the_same_answers_as_before(tenant: Tenant) -> None:
    before = tenant.workers(filter_(count=20, entered_by="2026-06-10T08:00:00Z") + group(ORDINARY)).text
    tenant.faults.set("workday", bad_dates=True, unknown_location=True, manager_cycle=True, huge_field=True)
    assert tenant.workers(filter_(count=20, entered_by="2026-06-10T08:00:00Z") + group(ORDINARY)).text != before
    tenant.faults.clear("workday")
    assert tenant.workers(filter_(count=20, entered_by="2026-06-10T08:00:00Z") + group(ORDINARY)).text == before
