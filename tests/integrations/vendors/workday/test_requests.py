from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from integrations.vendors.workday.bsvc import T
from integrations.vendors.workday.requests import Span, WorkersQuery, get_workers, instant, server_timestamp_get
from tests.integrations.vendors.workday.recorded import find, names, texts

SIX = datetime(2026, 5, 20, 6, tzinfo=UTC)
QUERY = WorkersQuery("v44.2", date(2026, 5, 20), SIX)


def test_the_parts_of_a_request_stand_in_the_order_of_the_wsdl() -> None:
    body = get_workers(replace(QUERY, span=Span("Updated", SIX, SIX), exclude_contingent=True))
    assert names(body) == ["Request_Criteria", "Response_Filter", "Response_Group"]
    assert names(body[0]) == ["Transaction_Log_Criteria_Data", "Exclude_Inactive_Workers", "Exclude_Contingent_Workers"]
    assert names(body[1]) == ["As_Of_Effective_Date", "As_Of_Entry_DateTime", "Page", "Count"]


def test_every_section_is_named_and_pay_is_refused() -> None:
    group = dict(texts(get_workers(QUERY)[2]))
    assert group["Include_Compensation"] == "false" and group["Include_Roles"] == "false"
    wanted = ("Reference", "Personal_Information", "Additional_Jobs", "Employment_Information", "Organizations", "Management_Chain_Data")
    assert all(group[f"Include_{section}"] == "true" for section in wanted)
    order = [name for name, _ in texts(get_workers(QUERY)[2])]
    assert order.index("Include_Employment_Information") < order.index("Include_Compensation") < order.index("Include_Organizations")
    assert order.index("Include_Organizations") < order.index("Include_Roles") < order.index("Include_Management_Chain_Data")


def test_elements_and_attributes_are_both_qualified() -> None:
    body = get_workers(replace(QUERY, wids=("3aa5550b7fe348b98d7b5741afc65534",)))
    identifier = find(body, "Request_References/Worker_Reference/ID")
    assert identifier is not None and identifier.get(T.type) == "WID" and identifier.text == "3aa5550b7fe348b98d7b5741afc65534"
    assert body.get(T.version) == "v44.2" and "version" not in body.attrib


def test_a_request_by_ids_carries_no_criteria_and_tolerates_who_is_gone() -> None:
    body = get_workers(replace(QUERY, wids=("a", "b"), span=None))
    assert names(body) == ["Request_References", "Response_Filter", "Response_Group"]
    assert body[0].get(T.Skip_Non_Existing_Instances) == "true" and len(body[0]) == 2


def test_leavers_are_asked_for_unless_only_people_at_work_are_wanted() -> None:
    assert dict(texts(get_workers(QUERY)))["Exclude_Inactive_Workers"] == "false"
    assert dict(texts(get_workers(replace(QUERY, active_only=True))))["Exclude_Inactive_Workers"] == "true"


def test_the_log_is_only_included_where_the_log_was_asked() -> None:
    assert dict(texts(get_workers(QUERY)))["Include_Transaction_Log_Data"] == "false"
    asked = dict(texts(get_workers(replace(QUERY, span=Span("Effective", SIX, SIX)))))
    assert asked["Include_Transaction_Log_Data"] == "true"
    assert asked["Effective_From"] == "2026-05-20T06:00:00.000Z" and "Updated_From" not in asked


def test_an_instant_is_cut_to_the_millisecond_and_never_rounded_up() -> None:
    assert instant(datetime(2026, 5, 20, 6, 0, 0, 999_999, tzinfo=UTC)) == "2026-05-20T06:00:00.999Z"


def test_asking_the_time_is_one_empty_element() -> None:
    body = server_timestamp_get("v44.2")
    assert body.tag == T.Server_Timestamp_Get and len(body) == 0 and body.get(T.version) == "v44.2"
