"""What Get_Workers tells: who, when, which sections."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lxml import etree

from integrations.sandbox import cast
from integrations.sandbox.emulators.workday.asking.wsdl import schema_document
from tests.integrations.sandbox.workday_caller import (
    EVERYTHING,
    NS,
    ORDINARY,
    TODAY,
    Answer,
    Tenant,
    envelope,
    filter_,
    get_workers,
    group,
    references,
    security,
)

NOW = "2026-06-10T09:00:00Z"


def log_window(**bounds: str) -> str:
    told = "".join(f"<{name}>{value}</{name}>" for name, value in bounds.items())
    return (
        "<Request_Criteria><Transaction_Log_Criteria_Data><Transaction_Date_Range_Data>"
        f"{told}</Transaction_Date_Range_Data></Transaction_Log_Criteria_Data></Request_Criteria>"
    )


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    """Shared by tests that only read."""
    return Tenant()


# ── sections ────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_with_every_section_is_what_the_wsdl_promises(tenant: Tenant) -> None:
    schema = etree.XMLSchema(etree.fromstring(schema_document("v44.2")))
    for page in (1, 2):
        answer = tenant.workers(log_window(Updated_From="2000-01-01T00:00:00Z") + filter_(page, 400) + group(EVERYTHING))
        body = answer.root.find(".//wd:Get_Workers_Response", NS)
        assert body is not None and len(answer.wids) >= 50
        schema.assertValid(body)


def test_without_a_response_group_pay_comes_along(tenant: Tenant) -> None:
    answer = tenant.workers(filter_(count=5))
    assert len(answer.all("Worker_Data/Compensation_Data")) == 5
    assert answer.all("Organization_Data/Worker_Organization_Data") and not answer.all("Management_Chain_Data")


def test_an_empty_response_group_is_none_set_and_pay_comes_along(tenant: Tenant) -> None:
    assert tenant.workers(filter_(count=1) + "<Response_Group/>").all("Salary_and_Hourly_Data/Amount")


def test_with_flags_only_what_they_name_comes(tenant: Tenant) -> None:
    answer = tenant.workers(filter_(count=3) + group("Include_Employment_Information"))
    assert answer.all("Worker_Status_Data/Active")
    for absent in ("Worker_Reference", "Personal_Data", "Compensation_Data", "Organization_Data", "Management_Chain_Data"):
        assert not answer.all(absent), absent


def test_an_exclude_flag_takes_one_kind_of_organisation_out(tenant: Tenant) -> None:
    kinds = set(tenant.workers(filter_(count=9) + group("Include_Organizations")).all("Organization_Type_Reference/ID"))
    fewer = set(
        tenant.workers(filter_(count=9) + group("Include_Organizations Exclude_Cost_Centers")).all("Organization_Type_Reference/ID")
    )
    assert "COST_CENTER" in kinds and "COST_CENTER" not in fewer and {"SUPERVISORY", "COMPANY"} <= fewer


def test_a_hidden_security_domain_is_missing_without_a_word() -> None:
    answer = Tenant(hidden_sections=("contact", "management_chain")).workers(filter_(count=5) + group(ORDINARY))
    assert answer.status == 200 and answer.all("Legal_Name_Data//First_Name")
    assert not answer.all("Contact_Data") and not answer.all("Management_Chain_Data")


def test_a_constrained_user_sees_only_his_units() -> None:
    unit = next(iter(Tenant().world.units()))
    answer = Tenant(visible_units=(unit.key,)).workers(filter_(count=999) + group(ORDINARY))
    assert 0 < answer.total < 30
    assert set(answer.all("Position_Organization_Data/Organization_Data/Organization_Reference_ID")) == {unit.code}


def test_descriptors_can_be_switched_off_in_the_header(tenant: Tenant) -> None:
    told = "<wd:Include_Reference_Descriptors_In_Response>0</wd:Include_Reference_Descriptors_In_Response>"
    header = f"<wd:Workday_Common_Header>{told}</wd:Workday_Common_Header>"
    assert "wd:Descriptor" in tenant.workers(filter_(count=1)).text
    assert "wd:Descriptor" not in tenant.workers(filter_(count=1), security() + header).text


# ── people ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_last_entry_of_the_chain_is_the_direct_manager(tenant: Tenant) -> None:
    marco = tenant.one(cast.MARCO_ROSSI.key)
    chain = marco.root.findall(".//wd:Worker_Supervisory_Management_Chain_Data/wd:Management_Chain_Data", NS)
    expected = tenant.world.worker("workday", cast.MARCO_ROSSI.key)
    assert expected is not None and len(chain) == 4
    assert marco.one("Manager_Reference/ID[1]", chain[-1]) == expected.manager_key
    assert marco.one("Organization_Reference/@wd:Descriptor", chain[0]) == "Meridian Works"


def test_a_matrix_manager_stands_in_a_chain_and_an_organisation_of_its_own(tenant: Tenant) -> None:
    marco = tenant.one(cast.MARCO_ROSSI.key)
    expected = tenant.world.worker("workday", cast.MARCO_ROSSI.key)
    assert expected is not None
    assert marco.one("Worker_Matrix_Management_Chain_Data/Management_Chain_Data/Manager_Reference/ID[1]") == expected.matrix_manager_keys[0]
    types = marco.all("Worker_Data/Organization_Data/Worker_Organization_Data/Organization_Data/Organization_Type_Reference/ID[2]")
    assert types == ["SUPERVISORY", "COMPANY", "COST_CENTER", "MATRIX"]


def test_the_head_of_the_company_has_a_vacant_place_above(tenant: Tenant) -> None:
    head = next(tenant.world.workers("workday"))
    answer = tenant.one(head.key)
    assert answer.one("Worker_Supervisory_Management_Chain_Data/Management_Chain_Data/Organization_Reference/@wd:Descriptor")
    assert not answer.all("Manager_Reference")
    assert answer.all("Worker_Role_Assignment_Data/Organization_Role_Reference/ID[2]") == ["Manager"]


def test_an_additional_job_comes_only_when_asked_for_and_is_not_primary(tenant: Tenant) -> None:
    assert tenant.one(cast.MARCO_ROSSI.key, ORDINARY).all("Worker_Job_Data/@wd:Primary_Job") == ["1"]
    assert tenant.one(cast.MARCO_ROSSI.key).all("Worker_Job_Data/@wd:Primary_Job") == ["1", "0"]


def test_the_work_address_is_neither_the_first_nor_the_only_one(tenant: Tenant) -> None:
    jane = tenant.one(cast.SOFIA_LINDGREN.key)
    addresses = jane.all("Email_Address_Data/Email_Address")
    assert addresses[0].endswith("@post.example") and addresses[-1] == cast.SOFIA_LINDGREN.email and len(addresses) == 3
    usage = [
        (kind, primary)
        for kind, primary in zip(
            jane.all("Email_Address_Data//Type_Reference/ID[2]"), jane.all("Email_Address_Data//@wd:Primary"), strict=True
        )
    ]
    assert usage == [("HOME", "1"), ("WORK", "0"), ("WORK", "1")]


def test_no_preferred_name_means_the_legal_one(tenant: Tenant) -> None:
    page = tenant.workers(filter_(count=400) + group(ORDINARY))
    with_other = page.all("Preferred_Name_Data//First_Name")
    assert 0 < len(with_other) < len(page.wids) / 4
    assert not tenant.one(cast.JANE_DOE.key).all("Preferred_Name_Data")


def test_dates_carry_the_pacific_offset_of_their_own_season(tenant: Tenant) -> None:
    ana = tenant.one(cast.ANA_RUIZ.key)
    assert ana.one("Original_Hire_Date") == "2019-03-04-08:00"
    assert ana.one("Worker_Status_Data/Hire_Date") == f"{TODAY - timedelta(days=40)}-07:00"
    assert ana.one("Rehire") == "1"


def test_a_leaver_on_notice_is_active_with_a_date_to_come(tenant: Tenant) -> None:
    haruto = tenant.one(cast.HARUTO_SATO.key)
    assert (haruto.one("Active"), haruto.one("Terminated")) == ("1", "0")
    assert haruto.one("Termination_Date").startswith("2026-06-11")
    gone = tenant.one(cast.HARUTO_SATO.key, on="2026-06-12")
    assert (gone.one("Active"), gone.one("Terminated")) == ("0", "1")
    assert "(Terminated)" in gone.one("Worker_Reference/@wd:Descriptor")


def test_a_contingent_worker_has_an_id_and_an_end_of_its_own_kind() -> None:
    tenant = Tenant()
    tenant.world.terminate("workday", cast.OMAR_HADDAD.key, last_day_on=TODAY + timedelta(days=30))
    omar = tenant.one(cast.OMAR_HADDAD.key)
    assert omar.all("Worker/Worker_Reference/ID/@wd:type") == ["WID", "Contingent_Worker_ID"]
    assert omar.one("Contract_End_Date").startswith("2026-07-10")
    assert not omar.all("Terminated") and not omar.all("Termination_Date")


def test_a_conversion_makes_a_new_wid_and_keeps_the_universal_id() -> None:
    tenant = Tenant()
    employee = tenant.world.convert_to_employee("workday", cast.OMAR_HADDAD.key, on=TODAY + timedelta(days=1))
    tenant.clock.advance(days=1)
    before, after = tenant.one(cast.OMAR_HADDAD.key), tenant.one(employee.key)
    assert employee.key != cast.OMAR_HADDAD.key
    assert (before.one("Active"), after.one("Active")) == ("0", "1")
    assert after.all("Worker/Worker_Reference/ID/@wd:type") == ["WID", "Employee_ID"]
    assert before.one("Universal_ID") == after.one("Universal_ID")


def test_leaves_tell_whether_they_run(tenant: Tenant) -> None:
    away = next(worker for worker in tenant.world.workers("workday") if worker.on_leave(TODAY))
    answer = tenant.one(away.key)
    assert (answer.one("On_Leave"), answer.one("Active")) == ("1", "1")
    assert answer.one("Leave_Start_Date")[:10] == away.leave[0][0].isoformat()
    assert "(On Leave)" in answer.one("Worker_Reference/@wd:Descriptor")


# ── time ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_future_hire_is_not_in_a_full_read_but_in_the_log(tenant: Tenant) -> None:
    everybody, _ = tenant.everybody()
    assert cast.LENA_VOGT.key not in everybody
    logged = tenant.workers(log_window(Updated_From="2026-05-01T00:00:00Z", Updated_Through=NOW) + filter_(count=999) + group(ORDINARY))
    lena = logged.worker(cast.LENA_VOGT.key)
    assert logged.one("Active", lena) == "0" and logged.all("Hire_Date", lena) == ["2026-06-15-07:00"]
    assert not logged.all("Position_Data", lena) and not logged.all("Management_Chain_Data", lena)


def test_a_future_hire_read_as_of_the_first_day_has_a_job(tenant: Tenant) -> None:
    lena = tenant.one(cast.LENA_VOGT.key, on="2026-06-15")
    assert lena.one("Active") == "1" and lena.all("Business_Title")[0] == cast.LENA_VOGT.title


def test_a_moment_is_taken_as_an_effective_date(tenant: Tenant) -> None:
    lena = tenant.one(cast.LENA_VOGT.key, on="2026-06-15T00:00:00-07:00")
    assert lena.one("Active") == "1" and lena.one("Response_Filter/As_Of_Effective_Date") == "2026-06-15-07:00"


def test_a_dated_change_shows_from_its_day_on() -> None:
    tenant = Tenant()
    tenant.world.change_title("workday", cast.NOOR_VAN_DEN_BERG.key, cast.NOOR_NEW_TITLE, effective_on=TODAY + timedelta(days=20))
    assert tenant.one(cast.NOOR_VAN_DEN_BERG.key, ORDINARY).one("Business_Title") == "Analyst II"
    later = tenant.one(cast.NOOR_VAN_DEN_BERG.key, ORDINARY, on="2026-06-30")
    assert later.one("Business_Title") == cast.NOOR_NEW_TITLE
    assert later.one("Position_Data/@wd:Effective_Date") == "2026-06-30-07:00"


def test_what_was_entered_after_the_frozen_moment_is_unknown() -> None:
    tenant = Tenant()
    frozen = tenant.clock().isoformat()
    tenant.world.change_title("workday", cast.NOOR_VAN_DEN_BERG.key, cast.NOOR_NEW_TITLE)
    tenant.world.terminate("workday", cast.JANE_DOE.key)
    inner = (
        references(("WID", cast.NOOR_VAN_DEN_BERG.key), ("WID", cast.JANE_DOE.key))
        + filter_(entered_by=frozen.replace("+00:00", "Z"))
        + group(ORDINARY)
    )
    then = tenant.workers(inner)
    assert then.one("Business_Title", then.worker(cast.NOOR_VAN_DEN_BERG.key)) == "Analyst II"
    assert not then.all("Termination_Date", then.worker(cast.JANE_DOE.key))
    now = tenant.workers(inner.replace(frozen.replace("+00:00", "Z"), "2026-06-10T10:00:00Z"))
    assert now.one("Business_Title", now.worker(cast.NOOR_VAN_DEN_BERG.key)) == cast.NOOR_NEW_TITLE


def test_frozen_pages_hold_everybody_once_whatever_happens_in_between() -> None:
    tenant = Tenant()
    frozen = tenant.clock().isoformat().replace("+00:00", "Z")
    before, total = tenant.everybody(entered_by=frozen)
    first = tenant.workers(filter_(1, 100, entered_by=frozen) + group("Include_Reference")).wids
    for number in range(12):
        tenant.world.hire("workday", "New", f"Comer{number}")
    rest: list[str] = []
    for page in range(2, -(-total // 100) + 1):
        rest += tenant.workers(filter_(page, 100, entered_by=frozen) + group("Include_Reference")).wids
    assert first + rest == before and len(set(before)) == total


def test_pages_drift_when_nothing_is_frozen() -> None:
    """Hires that sort before the cut push people onto the next page: somebody comes twice."""
    tenant = Tenant()
    first = tenant.workers(filter_(1, 200) + group("Include_Reference")).wids
    for number in range(12):
        tenant.world.hire("workday", "New", f"Comer{number}")
    second = tenant.workers(filter_(2, 200) + group("Include_Reference")).wids
    assert set(first) & set(second)


def test_a_moment_that_has_not_come_freezes_nothing() -> None:
    tenant = Tenant()
    ahead = "2026-06-10T12:00:00Z"
    before = tenant.workers(filter_(1, 1, entered_by=ahead) + group("Include_Reference")).total
    tenant.world.hire("workday", "New", "Comer")
    assert tenant.workers(filter_(1, 1, entered_by=ahead) + group("Include_Reference")).total == before + 1


def test_inactive_workers_can_be_left_out(tenant: Tenant) -> None:
    everybody, _ = tenant.everybody()
    active, _ = tenant.everybody(inner="<Request_Criteria><Exclude_Inactive_Workers>1</Exclude_Inactive_Workers></Request_Criteria>")
    gone = {worker.key for worker in tenant.world.workers("workday") if worker.has_left(TODAY)}
    assert gone and set(everybody) - set(active) == gone


def test_contingent_workers_and_employees_can_be_left_out(tenant: Tenant) -> None:
    criteria = "<Request_Criteria><Exclude_{}>true</Exclude_{}></Request_Criteria>"
    employees, _ = tenant.everybody(inner=criteria.format("Contingent_Workers", "Contingent_Workers"))
    contingents, _ = tenant.everybody(inner=criteria.format("Employees", "Employees"))
    everybody, _ = tenant.everybody()
    assert cast.OMAR_HADDAD.key in contingents and set(employees) | set(contingents) == set(everybody)
    assert not set(employees) & set(contingents)


# ── the log ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_updated_window_finds_what_was_entered_in_it_and_both_ends_belong() -> None:
    tenant = Tenant()
    tenant.clock.advance(seconds=3600)
    tenant.world.change_title("workday", cast.JANE_DOE.key, "Account Director")
    (change,) = tenant.world.changes("workday", tenant.world.created_at)
    at = change.at.isoformat()
    assert tenant.workers(log_window(Updated_From=at, Updated_Through=at) + group("Include_Reference")).wids == [cast.JANE_DOE.key]
    later = (change.at + timedelta(seconds=1)).isoformat()
    assert tenant.workers(log_window(Updated_From=later) + group("Include_Reference")).total == 0


def test_the_effective_window_finds_earlier_entries_that_take_effect_in_it() -> None:
    tenant = Tenant()
    tenant.world.change_title("workday", cast.NOOR_VAN_DEN_BERG.key, cast.NOOR_NEW_TITLE, effective_on=TODAY + timedelta(days=20))
    found = tenant.workers(
        log_window(Effective_From="2026-06-30T00:00:00Z", Effective_Through="2026-06-30T12:00:00Z")
        + filter_(count=99)
        + group("Include_Reference")
    )
    assert cast.NOOR_VAN_DEN_BERG.key in found.wids
    too_early = tenant.workers(
        log_window(Effective_From="2026-06-30T00:00:00Z", Effective_Through="2026-06-30T06:00:00Z") + group("Include_Reference")
    )
    assert cast.NOOR_VAN_DEN_BERG.key not in too_early.wids  # the day begins at 07:00 UTC on this server


def test_a_rescinded_termination_marks_both_transactions() -> None:
    tenant = Tenant()
    tenant.world.terminate("workday", cast.JANE_DOE.key)
    tenant.world.rescind_termination("workday", cast.JANE_DOE.key)
    answer = tenant.workers(log_window(Updated_From=NOW) + group(EVERYTHING))
    assert answer.all("Transaction_Log_Type_Reference/ID[2]") == ["Terminate Employee", "Terminate Employee"]
    assert answer.all("Is_Rescind_Or_Rescinded") == ["1", "1"]
    assert not answer.all("Termination_Date") and answer.one("Active") == "1"


def test_a_renamed_unit_is_in_no_log() -> None:
    own = Tenant()
    unit = next(iter(own.world.units()))
    own.world.rename_unit(unit.key, "Meridian Works Group")
    assert own.workers(log_window(Updated_From=NOW) + group("Include_Reference")).total == 0
    chain = own.one(cast.JANE_DOE.key).all(
        "Worker_Supervisory_Management_Chain_Data/Management_Chain_Data/Organization_Reference/@wd:Descriptor"
    )
    assert chain[0] == "Meridian Works Group"


def test_the_log_can_be_narrowed_to_a_type_of_transaction() -> None:
    tenant = Tenant()
    tenant.world.change_title("workday", cast.JANE_DOE.key, "Account Director")
    tenant.world.terminate("workday", cast.ANA_RUIZ.key)
    inner = log_window(Updated_From=NOW).replace(
        "</Transaction_Log_Criteria_Data>",
        '<Transaction_Type_References><Transaction_Type_Reference><ID wd:type="Business_Process_Type">Terminate Employee</ID>'
        "</Transaction_Type_Reference></Transaction_Type_References></Transaction_Log_Criteria_Data>",
    )
    assert tenant.workers(inner + group("Include_Reference")).wids == [cast.ANA_RUIZ.key]


# ── criteria and counts ─────────────────────────────────────────────────────────────────────────────


def test_nobody_found_means_no_response_data_at_all(tenant: Tenant) -> None:
    answer = tenant.workers(log_window(Updated_From="2030-01-01T00:00:00Z"))
    assert [answer.one(name) for name in ("Total_Results", "Total_Pages", "Page_Results", "Response_Results/Page")] == ["0", "0", "0", "1"]
    assert not answer.all("Response_Data")


def test_a_page_past_the_end_is_empty_or_by_switch_a_fault(tenant: Tenant) -> None:
    answer = tenant.workers(filter_(99, 100) + group("Include_Reference"))
    assert answer.one("Page_Results") == "0" and not answer.all("Response_Data") and answer.total > 400
    assert Tenant(past_end="fault").workers(filter_(99, 100)).fault[0] == "Client.validationError"


def test_a_worker_is_found_by_each_of_his_ids_and_numbers_are_of_two_kinds(tenant: Tenant) -> None:
    assert tenant.workers(references(("Employee_ID", "10001")) + group("Include_Reference")).wids == [cast.JANE_DOE.key]
    assert tenant.workers(references(("Contingent_Worker_ID", "C10008")) + group("Include_Reference")).wids == [cast.OMAR_HADDAD.key]
    assert tenant.workers(references(("Employee_ID", "C10008"))).fault[0] == "Client.validationError"


def test_unknown_ids_can_be_skipped_or_told_about(tenant: Tenant) -> None:
    ids = (("WID", cast.JANE_DOE.key), ("WID", "f" * 32))
    skipped = tenant.workers(references(*ids, attributes='wd:Skip_Non_Existing_Instances="true"') + group("Include_Reference"))
    assert skipped.wids == [cast.JANE_DOE.key] and not skipped.all("Invalid_Reference_ID_Response")
    told = tenant.workers(references(*ids, attributes='wd:Ignore_Invalid_References="1"') + group("Include_Reference"))
    assert told.wids == [cast.JANE_DOE.key]
    assert (told.one("Invalid_Reference_ID"), told.one("Invalid_Reference_ID_Type")) == ("f" * 32, "WID")


def test_an_erased_worker_is_nobody() -> None:
    tenant = Tenant()
    tenant.world.delete("workday", cast.SOFIA_LINDGREN.key)
    assert tenant.workers(references(("WID", cast.SOFIA_LINDGREN.key))).fault[0] == "Client.validationError"
    assert cast.SOFIA_LINDGREN.key not in tenant.everybody()[0]


def test_an_organisation_brings_those_below_it_when_asked(tenant: Tenant) -> None:
    unit = next(unit for unit in tenant.world.units() if unit.name == "Sales")
    told = f'<Organization_Reference><ID wd:type="Organization_Reference_ID">{unit.code}</ID></Organization_Reference>'
    alone, _ = tenant.everybody(inner=f"<Request_Criteria>{told}</Request_Criteria>")
    whole, _ = tenant.everybody(
        inner=f"<Request_Criteria>{told}<Include_Subordinate_Organizations>1</Include_Subordinate_Organizations></Request_Criteria>"
    )
    assert set(alone) < set(whole) and cast.MARCO_ROSSI.key in set(whole) - set(alone)


def test_people_can_be_found_by_country_position_and_universal_id(tenant: Tenant) -> None:
    def found(criteria: str) -> list[str]:
        return tenant.workers(f"<Request_Criteria>{criteria}</Request_Criteria>" + filter_(count=999) + group("Include_Reference")).wids

    italy = found('<Country_Reference><ID wd:type="ISO_3166-1_Alpha-3_Code">ITA</ID></Country_Reference>')
    assert cast.MARCO_ROSSI.key in italy and cast.JANE_DOE.key not in italy
    assert found('<Position_Reference><ID wd:type="Position_ID">P-10001</ID></Position_Reference>') == [cast.JANE_DOE.key]
    universal = tenant.one(cast.JANE_DOE.key).one("Universal_ID")
    told = f'<Universal_ID_Reference><ID wd:type="Universal_Identifier_ID">{universal}</ID></Universal_ID_Reference>'
    assert found(told) == [cast.JANE_DOE.key]


def test_the_request_is_echoed_with_the_filter_filled_in(tenant: Tenant) -> None:
    answer = tenant.workers(references(("WID", cast.JANE_DOE.key)))
    assert answer.one("Request_References/Worker_Reference/ID") == cast.JANE_DOE.key
    assert answer.one("Response_Filter/As_Of_Effective_Date") == "2026-06-10-07:00"
    assert answer.one("Response_Filter/As_Of_Entry_DateTime").startswith("2026-06-10T02:00:0")
    assert (answer.one("Response_Filter/Page"), answer.one("Response_Filter/Count")) == ("1", "100")


def test_the_server_tells_its_time(tenant: Tenant) -> None:
    answer = Answer(tenant.post(envelope('<Server_Timestamp_Get xmlns="urn:com.workday/bsvc"/>')))
    assert answer.one("Server_Timestamp_Data/Server_Timestamp").startswith("2026-06-10T02:0")


def test_the_same_world_after_a_reset_forgets_what_was_kept() -> None:
    tenant = Tenant()
    before = tenant.everybody()[1]
    tenant.world.hire("workday", "New", "Comer")
    assert tenant.everybody()[1] == before + 1
    tenant.world.reset()
    tenant.emulator.reset()
    assert tenant.everybody()[1] == before


def test_a_request_without_version_and_with_other_prefixes_is_taken(tenant: Tenant) -> None:
    inner = "<x:Response_Filter><x:Count>1</x:Count></x:Response_Filter>"
    body = f'<x:Get_Workers_Request xmlns:x="urn:com.workday/bsvc">{inner}</x:Get_Workers_Request>'
    assert Answer(tenant.post(envelope(body), SOAPAction="Get_Workers")).one("Page_Results") == "1"
    assert Answer(tenant.post(envelope(get_workers(filter_(count=1))), Content_Type="application/xml")).one("Page_Results") == "1"
