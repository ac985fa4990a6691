"""The invented company is the same for everybody who asks, today and after a restart."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from time import perf_counter

import pytest

from integrations.sandbox import cast
from integrations.sandbox.world import SYSTEMS, Clock, World

TODAY = date(2026, 6, 10)


@pytest.fixture(scope="module")
def world():
    return World(today=TODAY, now=Clock(TODAY))


def everybody(world):
    return [worker for hr in SYSTEMS for worker in world.workers(hr)]


def test_the_same_seed_and_day_give_the_same_people(world):
    assert everybody(World(today=TODAY, now=Clock(TODAY))) == everybody(world)


def test_another_seed_gives_other_people_but_the_same_cast(world):
    other = World(seed=8, today=TODAY, now=Clock(TODAY))
    differing = [a.key != b.key for a, b in zip(world.workers("workday"), other.workers("workday"), strict=True)]
    assert sum(differing) == 900 - len(cast.WORKDAY)
    assert other.worker("workday", cast.JANE_DOE.key).employee_number == cast.JANE_DOE.employee_number


def test_the_default_world_has_the_promised_numbers(world):
    assert {hr: len(list(world.workers(hr))) for hr in SYSTEMS} == {"workday": 900, "bamboohr": 250, "csv": 50}


def test_about_the_promised_shares_are_on_their_way_in_out_or_away(world):
    workers = list(World(size=12_000, today=TODAY, now=Clock(TODAY)).workers("workday"))
    states = Counter(worker.state(TODAY) for worker in workers)
    leaving = sum(1 for worker in workers if worker.state(TODAY) == "active" and worker.termination_on)
    contingent = sum(1 for worker in workers if worker.kind == "contingent")
    shares = {name: 100 * count / len(workers) for name, count in {**states, "leaving": leaving, "contingent": contingent}.items()}
    assert shares["left"] == pytest.approx(3, abs=0.8)
    assert shares["leaving"] == pytest.approx(1, abs=0.5)
    assert shares["pending"] == pytest.approx(1.5, abs=0.6)
    assert shares["leave"] == pytest.approx(2, abs=0.7)
    assert shares["contingent"] == pytest.approx(4, abs=0.9)


def test_keys_numbers_and_addresses_are_unique_within_a_system(world):
    for hr in SYSTEMS:
        workers = list(world.workers(hr))
        for name in ("key", "employee_number", "work_email"):
            assert len({getattr(worker, name) for worker in workers}) == len(workers), (hr, name)


def test_every_worker_is_found_by_key_and_by_number(world):
    for worker in everybody(world):
        assert world.worker(worker.hr, worker.key) == worker
        assert world.by_number(worker.hr, worker.employee_number) == worker


@pytest.mark.parametrize("key", ["", "no", "0" * 32, "500", "751", "K-1000", "K-1051", "-1", "٥٠١", "9" * 40])
def test_a_key_nobody_has_finds_nobody(world, key):
    assert [world.worker(hr, key) for hr in SYSTEMS] == [None, None, None]


def test_keys_look_as_their_systems_make_them(world):
    assert all(len(worker.key) == 32 and int(worker.key, 16) >= 0 for worker in world.workers("workday"))
    assert all(worker.key.isdigit() for worker in world.workers("bamboohr"))
    assert all(worker.key == worker.employee_number for worker in world.workers("csv"))


def test_everybody_but_one_per_system_has_a_manager_who_is_there(world):
    for hr in SYSTEMS:
        workers = {worker.key: worker for worker in world.workers(hr)}
        heads = [worker for worker in workers.values() if not worker.manager_key]
        assert len(heads) == 1
        for worker in workers.values():
            manager = workers.get(worker.manager_key)
            assert worker in heads or (manager and manager.state(TODAY) == "active" and manager.kind == "employee")


def test_every_line_of_managers_ends_at_the_head(world):
    for hr in SYSTEMS:
        above = {worker.key: worker.manager_key for worker in world.workers(hr)}
        for key in above:
            steps = 0
            while key:
                key, steps = above[key], steps + 1
                assert steps < 12


def test_the_chart_nests_five_deep_and_hangs_together(world):
    units = {unit.key: unit for unit in world.units()}
    assert len(units) == 40
    assert max(unit.level for unit in units.values()) == 5
    assert [unit.name for unit in units.values() if not unit.parent_key] == ["Meridian Works"]
    for unit in units.values():
        assert unit.parent_key in units or unit.level == 1
        assert world.unit(unit.key) == unit
        assert [above.level for above in world.units_above(unit.key)] == list(range(1, unit.level + 1))
        assert world.worker("workday", unit.manager_key)


def test_a_workday_worker_reports_to_the_leader_of_the_unit_they_sit_in(world):
    leads = {unit.key: unit.manager_key for unit in world.units()}
    for worker in list(world.workers("workday"))[1:]:
        assert worker.manager_key == leads[worker.unit_key]


def test_there_are_accents_particles_and_many_zones(world):
    names = " ".join(worker.full_name for worker in everybody(world))
    assert all(letter in names for letter in "áéñöüßłøğ")
    assert " de " in names and "'" in names and "-" in names
    assert len({worker.time_zone for worker in everybody(world)}) == 12
    assert len({worker.department_code for worker in everybody(world)}) >= 10


def test_ten_people_sit_in_two_systems_under_one_number(world):
    workday = {worker.employee_number: worker for worker in world.workers("workday")}
    both = [(worker, workday[worker.employee_number]) for worker in world.workers("bamboohr") if worker.employee_number in workday]
    assert len(both) == 10
    assert all(a.family == b.family and a.given == b.given for a, b in both)
    assert 0 < sum(a.work_email != b.work_email for a, b in both) < 10


def test_one_address_belongs_to_two_different_people(world):
    workday = {worker.work_email: worker for worker in world.workers("workday")}
    shared = [(worker, workday[worker.work_email]) for worker in world.workers("bamboohr") if worker.work_email in workday]
    strangers = [(a, b) for a, b in shared if a.employee_number != b.employee_number]
    assert [(a.given, b.given) for a, b in strangers] == [("Stellan", "Sofia")]


def test_a_hundred_thousand_people_cost_neither_time_nor_memory():
    tracemalloc.start()
    started = perf_counter()
    world = World(size=100_000, today=TODAY, now=Clock(TODAY))
    last = list(world.workers("workday", 74_000, 74_100))
    took, (_, peak) = perf_counter() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(last) == 100 and last[0].key != last[1].key
    assert took < 3
    assert peak < 5_000_000
    assert world.worker("workday", last[7].key) == last[7]


def test_a_large_chart_still_hangs_together():
    world = World(size=40_000, today=TODAY, now=Clock(TODAY))
    units = {unit.key: unit for unit in world.units()}
    assert len(units) == 1200
    assert all(unit.parent_key in units for unit in units.values() if unit.level > 1)


def test_too_small_a_world_is_refused():
    with pytest.raises(ValueError, match="at least 100"):
        World(size=99, today=TODAY, now=Clock(TODAY))


def test_before_the_first_change_a_delta_is_empty_and_a_full_history_is_everybody(world):
    assert list(world.changes("workday", since=world.created_at)) == []
    hires = [change for change in world.changes("workday") if change.kind == "hire"]
    assert len(hires) == 900
    assert [change.at for change in hires] == sorted(change.at for change in hires)
    assert all(change.at < world.created_at for change in hires)


def test_changes_come_from_a_half_open_window_in_order_of_entry():
    clock = Clock(TODAY)
    world = World(today=TODAY, now=clock)
    keys = [worker.key for worker in world.workers("workday", 100, 104)]
    moments = []
    for number, key in enumerate(keys):
        clock.advance(seconds=60)
        world.change_title("workday", key, f"Title {number}")
        moments.append(world.recent(1)[0].at)
    world.change_title("bamboohr", "501", "Somebody else's system")

    def seen(since, until=None):
        return [change.key for change in world.changes("workday", since, until)]

    assert seen(moments[0]) == keys
    assert seen(moments[1], moments[3]) == keys[1:3]
    assert seen(moments[3] + timedelta(milliseconds=1)) == []


def test_what_becomes_effective_is_found_whenever_it_was_entered():
    clock = Clock(TODAY)
    world = World(today=TODAY, now=clock)
    noor = cast.NOOR_VAN_DEN_BERG.key
    world.change_title("workday", noor, cast.NOOR_NEW_TITLE, effective_on=TODAY + timedelta(days=20))
    found = {(change.key, change.kind) for change in world.effective("workday", TODAY + timedelta(days=20), TODAY + timedelta(days=20))}
    assert (noor, "title") in found
    lena = world.worker("workday", cast.LENA_VOGT.key)
    assert any(change.key == lena.key for change in world.effective("workday", lena.hire_on, lena.hire_on))


def test_a_clock_that_steps_back_does_not_disorder_the_log():
    hours = [9]
    world = World(today=TODAY, now=lambda: datetime(2026, 6, 10, hours[-1], tzinfo=UTC))
    for hour in (9, 8, 10):
        hours.append(hour)
        world.change_title("csv", "K-1004", f"Title of {hour}")
    assert [change.at.hour for change in world.recent()] == [10, 9, 9]


def test_touching_one_percent_touches_that_many_and_nobody_else():
    world = World(today=TODAY, now=Clock(TODAY))
    since = world.now()
    assert world.touch("workday", 1) == 9
    assert len({change.key for change in world.changes("workday", since)}) == 9
    assert all(worker.title.endswith("(from 2026-06-10)") for worker in world.workers("workday", 0, 9))


def test_people_are_found_by_words_without_accents(world):
    found = [worker.full_name for worker in world.find("workday", "van den berg noor")]
    assert found == ["Noor van den Berg"]
    assert {worker.given for worker in world.find("workday", "JURGEN")} == {"Jürgen"}


def test_without_a_clock_the_world_follows_the_real_one():
    world = World(size=100)
    assert abs(world.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert world.created_on == world.today()
