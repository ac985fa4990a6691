"""What happens at Meridian Works, and what cannot."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from integrations.sandbox import cast
from integrations.sandbox.world import Clock, Refused, World

TODAY = date(2026, 6, 10)
NOOR = cast.NOOR_VAN_DEN_BERG.key


def days(number):
    return TODAY + timedelta(days=number)


@pytest.fixture
def clock():
    return Clock(TODAY)


@pytest.fixture
def world(clock):
    return World(today=TODAY, now=clock)


@pytest.mark.parametrize("hr", ["workday", "bamboohr", "csv"])
def test_a_hire_is_complete_and_comes_last(world, hr):
    worker = world.hire(hr, "Zoë", "Ünal", hire_on=days(3), title="Buyer", location_code="TYO")
    assert list(world.workers(hr))[-1] == worker
    assert (worker.time_zone, worker.title, worker.work_email) == ("Asia/Tokyo", "Buyer", "zoe.unal@meridian.example")
    assert worker.state(TODAY) == "pending" and worker.state(days(3)) == "active"
    assert world.worker(hr, worker.manager_key)
    assert world.by_number(hr, worker.employee_number) == worker
    assert [change.kind for change in world.changes(hr, world.created_at)] == ["hire"]


def test_hires_never_share_a_key_a_number_or_an_address(world):
    hired = [world.hire("workday", "Ana", "Silva") for _ in range(5)]
    for name in ("key", "employee_number", "work_email"):
        assert len({getattr(worker, name) for worker in hired}) == 5


def test_a_hire_into_a_unit_reports_to_its_leader(world):
    unit = list(world.units())[20]
    worker = world.hire("workday", "Zoë", "Ünal", unit_key=unit.key)
    assert (worker.manager_key, worker.department_code) == (unit.manager_key, unit.department_code)


def test_a_contractor_gets_a_contractors_number(world):
    assert world.hire("workday", "Zoë", "Ünal", kind="contingent").employee_number.startswith("C")


def test_a_new_name_can_come_with_a_new_address(world):
    worker = world.rename("workday", NOOR, family="de Vries", work_email="noor.devries@meridian.example")
    assert (worker.family, worker.work_email) == ("de Vries", "noor.devries@meridian.example")
    assert worker.employee_number == cast.NOOR_VAN_DEN_BERG.employee_number


def test_a_dated_change_waits_for_its_day(world, clock):
    world.change_title("workday", NOOR, "Senior Analyst", effective_on=days(7))
    assert world.worker("workday", NOOR).title == "Analyst II"
    assert world.worker("workday", NOOR, on=days(7)).title == "Senior Analyst"
    clock.advance(days=7)
    assert world.worker("workday", NOOR).title == "Senior Analyst"
    assert world.worker("workday", NOOR).as_of(days(6)).title == "Analyst II"


def test_a_record_can_be_seen_as_it_was_known_at_a_moment(world, clock):
    before = world.now()
    clock.advance(seconds=1)
    world.change_title("workday", NOOR, "Senior Analyst")
    worker = world.worker("workday", NOOR)
    assert worker.as_of(days(0), entered_by=before).title == "Analyst II"
    assert worker.history == ((TODAY, "title", "Senior Analyst"),)
    assert worker.changed_at > before


def test_moving_to_a_unit_brings_department_and_leader_along(world):
    unit = next(unit for unit in world.units() if unit.name == "Logistics")
    worker = world.move("workday", NOOR, unit_key=unit.key)
    assert (worker.unit_key, worker.manager_key, worker.department) == (unit.key, unit.manager_key, "Supply Chain")
    assert worker.location_code == cast.NOOR_VAN_DEN_BERG.location


def test_moving_to_a_site_changes_zone_and_company_only(world):
    before = world.worker("workday", NOOR)
    worker = world.move("workday", NOOR, location_code="SAO")
    assert (worker.time_zone, worker.country, worker.company) == ("America/Sao_Paulo", "BR", "Meridian Works Ltda")
    assert (worker.manager_key, worker.unit_key, worker.title) == (before.manager_key, before.unit_key, before.title)


def test_a_leave_begins_and_ends(world):
    world.start_leave("workday", NOOR, from_on=days(1), until_on=days(10))
    worker = world.worker("workday", NOOR)
    assert [worker.state(days(number)) for number in (0, 1, 10, 11)] == ["active", "leave", "leave", "active"]
    worker = world.end_leave("workday", NOOR, on=days(4))
    assert [worker.state(days(number)) for number in (4, 5)] == ["leave", "active"]


def test_somebody_leaves_and_it_is_taken_back(world):
    worker = world.terminate("workday", NOOR, last_day_on=days(5), termination_on=days(8))
    assert [worker.state(days(number)) for number in (8, 9)] == ["active", "left"]
    assert worker.termination_entered_at == world.recent(1)[0].at
    assert world.recent(1)[0].effective_on == days(8)
    worker = world.rescind_termination("workday", NOOR)
    assert worker.termination_on is None and worker.state(days(9)) == "active"


def test_a_rehire_keeps_the_record_and_the_first_hire_date(world, clock):
    first = world.worker("workday", NOOR).hire_on
    world.terminate("workday", NOOR, last_day_on=TODAY)
    clock.advance(days=30)
    worker = world.rehire("workday", NOOR, hire_on=days(30))
    assert (worker.key, worker.original_hire_on, worker.hire_on) == (NOOR, first, days(30))
    assert worker.state(days(30)) == "active"
    assert worker.as_of(days(29)).state(days(29)) == "left"


def test_an_erased_record_says_so_and_takes_no_more_changes(world):
    assert world.delete("bamboohr", "510").deleted
    assert world.worker("bamboohr", "510").state(TODAY) == "deleted"
    with pytest.raises(Refused, match="nobody in bamboohr"):
        world.change_title("bamboohr", "510", "Ghost")


def test_a_unit_moves_with_everything_under_it(world):
    units = {unit.name: unit for unit in world.units()}
    world.move_unit(units["Sales"].key, units["Operations"].key)
    world.rename_unit(units["Operations"].key, "Operations and Sales")
    chain = [unit.name for unit in world.units_above(units["Iberia Team"].key)]
    assert chain == ["Meridian Works", "Operations and Sales", "Sales", "Sales EMEA", "Iberia Team"]
    assert [unit.level for unit in world.units_above(units["Iberia Team"].key)] == [1, 2, 3, 4, 5]


def test_a_unit_that_moves_up_takes_its_levels_along(world):
    units = {unit.name: unit for unit in world.units()}
    world.move_unit(units["Sales EMEA"].key, units["Meridian Works"].key)
    assert world.unit(units["Iberia Team"].key).level == 3


def test_a_unit_cannot_hang_under_itself(world):
    units = {unit.name: unit for unit in world.units()}
    with pytest.raises(Refused, match="under itself"):
        world.move_unit(units["Sales"].key, units["Iberia Team"].key)


@pytest.mark.parametrize(
    ("verb", "args", "sentence"),
    [
        ("hire", {"given": "", "family": "X"}, "first and a last name"),
        ("hire", {"given": "A", "family": "X", "location_code": "MARS"}, "no location"),
        ("hire", {"given": "A", "family": "X", "shoe_size": 44}, "no shoe_size"),
        ("rename", {"key": "nobody", "family": "X"}, "nobody in workday"),
        ("rename", {"key": NOOR, "title": "X"}, "does not know title"),
        ("change_title", {"key": NOOR, "title": "Analyst II"}, "nothing would change"),
        ("change_title", {"key": NOOR}, "title"),
        ("move", {"key": NOOR}, "already"),
        ("move", {"key": NOOR, "manager_key": NOOR}, "themselves"),
        ("move", {"key": NOOR, "unit_key": "none"}, "no unit"),
        ("start_leave", {"key": NOOR, "from_on": "2026-06-10", "until_on": "2026-06-01"}, "on or after its first day"),
        ("start_leave", {"key": NOOR, "from_on": "10.6.2026"}, "not a day"),
        ("end_leave", {"key": NOOR}, "not on leave"),
        ("terminate", {"key": NOOR, "last_day_on": "2026-07-01", "termination_on": "2026-06-01"}, "on or after the last day"),
        ("rescind_termination", {"key": NOOR}, "not leaving"),
        ("rehire", {"key": NOOR}, "never left"),
        ("convert_to_employee", {"key": NOOR}, "employee already"),
        ("promote", {"key": NOOR}, "no verb"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence_and_changes_nothing(world, verb, args, sentence):
    with pytest.raises(Refused, match=sentence):
        world.do(verb, hr="workday", **args)
    assert world.recent() == []
    assert world.count("workday") == 900


def test_an_unknown_system_is_refused(world):
    with pytest.raises(Refused, match="no HR system"):
        world.hire("sap", "A", "B")
