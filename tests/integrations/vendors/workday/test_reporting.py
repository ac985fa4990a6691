from __future__ import annotations

from typing import Any

from integrations.vendors.workday.reporting import lines, state

TODAY = "2026-05-20"


def status(**known: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("active", "terminated", "hire_rescinded", "rehire", "hire_on", "termination_on"))
    return {**nothing, "active": True, "hire_on": "2020-01-01", "leaves": [], **known}


def test_a_future_hire_is_pending() -> None:
    assert state(status(active=False, hire_on="2026-06-01"), None, TODAY) == "pending"
    assert state(status(active=True, hire_on=TODAY), None, TODAY) == "active"


def test_a_leave_that_sets_a_worker_inactive_is_not_a_departure() -> None:
    assert state(status(active=False, leaves=[{"on_leave": True}]), None, TODAY) == "leave"


def test_who_left_during_a_leave_has_left() -> None:
    assert state(status(active=False, terminated=True, leaves=[{"on_leave": True}]), None, TODAY) == "terminated"


def test_a_rescinded_hire_never_started() -> None:
    assert state(status(active=False, hire_on="2026-06-01", hire_rescinded=True), None, TODAY) == "terminated"


def test_a_contract_ends_after_its_last_day() -> None:
    assert state(status(active=False), {"end_on": "2026-05-19"}, TODAY) == "terminated"
    assert state(status(active=False), {"end_on": TODAY}, TODAY) == "inactive"
    assert state(status(active=True), {"end_on": "2026-05-19"}, TODAY) == "active"


def test_what_workday_does_not_say_is_not_guessed() -> None:
    assert state(status(active=None), None, TODAY) is None
    assert state(status(active=False), None, TODAY) == "inactive"


def entry(organization: str, *managers: str) -> dict[str, Any]:
    return {"organization": organization, "managers": list(managers)}


def supervisory(manager: str, unit: str) -> dict[str, str]:
    return {"type": "supervisory", "manager": manager, "unit": unit}


def test_the_last_entry_of_the_chain_is_the_direct_manager() -> None:
    assert lines({"wid": "me", "supervisory_chain": [entry("top", "iris"), entry("mine", "nia")]}) == [supervisory("nia", "mine")]


def test_where_the_chair_is_vacant_the_next_one_above_answers() -> None:
    chain = [entry("top", "iris"), entry("middle"), entry("mine")]
    assert lines({"wid": "me", "supervisory_chain": chain}) == [supervisory("iris", "mine")]


def test_nobody_reports_to_themselves() -> None:
    chain = [entry("top", "iris"), entry("mine", "me")]
    assert lines({"wid": "me", "supervisory_chain": chain}) == [supervisory("iris", "mine")]
    assert lines({"wid": "iris", "supervisory_chain": [entry("top", "iris")]}) == []


def test_two_managers_of_one_organisation_are_two_lines() -> None:
    found = lines({"wid": "me", "supervisory_chain": [entry("mine", "nia", "tomo")]})
    assert found == [supervisory("nia", "mine"), supervisory("tomo", "mine")]


def test_a_second_job_brings_its_own_supervisor_after_the_first() -> None:
    jobs = [{"supervisory_chain": [entry("top", "iris"), entry("safety", "ugo")]}, {"supervisory_chain": [entry("mine", "nia")]}]
    found = lines({"wid": "me", "supervisory_chain": [entry("mine", "nia")], "jobs": jobs})
    assert found == [supervisory("nia", "mine"), supervisory("ugo", "safety")]


def test_only_the_matrix_organisations_one_is_a_member_of_count() -> None:
    payload: dict[str, Any] = {"wid": "me", "matrix_chain": [entry("programmes", "iris"), entry("green", "pau")]}
    assert [line["unit"] for line in lines(payload)] == ["programmes", "green"]
    payload["organizations"] = [{"type": "MATRIX", "id": "green"}]
    assert lines(payload) == [{"type": "matrix", "manager": "pau", "unit": "green"}]
