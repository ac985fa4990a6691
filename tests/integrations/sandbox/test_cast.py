"""What stories rely on when they name somebody."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from integrations.sandbox import cast
from integrations.sandbox.world import Clock, World

TODAY = date(2026, 6, 10)


@pytest.fixture(scope="module", params=[100, 1200, 50_000])
def world(request):
    return World(size=request.param, today=TODAY, now=Clock(TODAY))


def person(world, member):
    return world.worker(member.hr, member.key)


def test_everybody_is_there_under_their_key_name_and_number(world):
    for member in (*cast.WORKDAY, *cast.BAMBOOHR):
        worker = person(world, member)
        assert (worker.given, worker.family, worker.employee_number) == (member.given, member.family, member.employee_number)
        assert world.by_number(member.hr, member.employee_number) == worker
        assert world.worker(member.hr, worker.manager_key)


def test_marco_has_two_managers_two_units_and_a_second_address(world):
    marco, again = person(world, cast.MARCO_ROSSI), person(world, cast.MARCO_ROSSI_BAMBOO)
    assert len({marco.manager_key, *marco.matrix_manager_keys}) == 2
    assert len({marco.unit_key, *marco.matrix_unit_keys}) == 2
    assert marco.employee_number == again.employee_number
    assert marco.work_email != again.work_email


def test_ana_was_here_before(world):
    ana = person(world, cast.ANA_RUIZ)
    assert ana.is_rehire
    assert ana.original_hire_on == cast.ANA_FIRST_HIRED_ON < cast.ANA_LEFT_ON < ana.hire_on <= TODAY
    assert ana.state(TODAY) == "active"


def test_the_two_chens_share_a_name_and_nothing_else(world):
    one, two = person(world, cast.CHEN_WEI_SHANGHAI), person(world, cast.CHEN_WEI_BERLIN)
    assert one.full_name == two.full_name
    assert one.employee_number != two.employee_number and one.work_email != two.work_email
    assert one.location_code != two.location_code and one.birth_on != two.birth_on


def test_no_third_chen_wei_is_born(world):
    namesakes = [worker for worker in world.workers("workday", 0, 3000) if worker.family == "Chen"]
    assert len(namesakes) == 2


def test_haruto_leaves_tomorrow_in_tokyo(world):
    haruto = person(world, cast.HARUTO_SATO)
    assert haruto.time_zone == "Asia/Tokyo"
    assert haruto.last_day_on == haruto.termination_on == TODAY + timedelta(days=1)
    assert haruto.state(TODAY) == haruto.state(TODAY + timedelta(days=1)) == "active"
    assert haruto.state(TODAY + timedelta(days=2)) == "left"
    assert haruto.termination_entered_at < world.created_at


@pytest.mark.parametrize("today", [date(2026, 6, day) for day in range(8, 16)])
def test_lena_starts_on_the_monday_after_today(today):
    lena = person(World(size=100, today=today, now=Clock(today)), cast.LENA_VOGT)
    assert lena.hire_on.weekday() == 0 and 1 <= (lena.hire_on - today).days <= 7
    assert lena.state(today) == "pending" and lena.state(lena.hire_on) == "active"


def test_omar_is_a_contractor_until_somebody_converts_him():
    world = World(today=TODAY, now=Clock(TODAY))
    before = person(world, cast.OMAR_HADDAD)
    assert before.kind == "contingent"
    after = world.convert_to_employee("workday", before.key, on=TODAY + timedelta(days=5))
    assert after.kind == "employee"
    assert after.key != before.key and after.employee_number != before.employee_number
    assert (after.given, after.family, after.work_email, after.birth_on) == (
        before.given,
        before.family,
        before.work_email,
        before.birth_on,
    )
    ended = person(world, cast.OMAR_HADDAD)
    assert ended.termination_on == TODAY + timedelta(days=4)
    assert [change.kind for change in world.changes("workday", world.created_at)] == ["terminate", "convert"]


def test_noor_is_an_analyst_until_she_is_promoted():
    clock = Clock(TODAY)
    world = World(today=TODAY, now=clock)
    assert person(world, cast.NOOR_VAN_DEN_BERG).title == "Analyst II"
    world.change_title("workday", cast.NOOR_VAN_DEN_BERG.key, cast.NOOR_NEW_TITLE)
    assert person(world, cast.NOOR_VAN_DEN_BERG).title == "Senior Analyst"


def test_jane_is_an_employee_whose_client_address_is_not_in_hr(world):
    jane = person(world, cast.JANE_DOE)
    assert jane.state(TODAY) == "active" and jane.kind == "employee"
    assert cast.JANE_DOE_AT_THE_CLIENT not in (jane.work_email, jane.home_email)
