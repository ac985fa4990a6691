"""A restart, however sudden, loses nothing that was answered."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from integrations.sandbox import cast
from integrations.sandbox.world import SYSTEMS, Clock, Refused, World

TODAY = date(2026, 6, 10)


def made(state_dir, today=TODAY, **more):
    return World(today=today, now=Clock(today), state_dir=state_dir, **more)


def live_a_little(world):
    hired = world.hire("workday", "Zoë", "Ünal", title="Buyer")
    world.rename("workday", hired.key, family="Ünal-Çelik")
    world.terminate("bamboohr", "510", last_day_on=TODAY + timedelta(days=3))
    world.convert_to_employee("workday", cast.OMAR_HADDAD.key)
    world.start_leave("csv", "K-1005", until_on=TODAY + timedelta(days=30))
    world.delete("csv", "K-1006")
    world.touch("workday", 0.5)
    world.edit("workday", cast.JANE_DOE.key, matrix_manager_keys=(cast.MARCO_ROSSI.key,))
    world.rename_unit(next(iter(world.units())).key, "Meridian Works SE")


def picture(world):
    return (
        [list(world.workers(hr)) for hr in SYSTEMS],
        [[entry for worker in world.workers(hr) for entry in worker.entries] for hr in SYSTEMS],
        list(world.units()),
        world.recent(1000),
    )


def test_a_restart_gives_the_same_world(tmp_path):
    world = made(tmp_path)
    live_a_little(world)
    assert picture(made(tmp_path)) == picture(world)  # the first was never closed, as after kill -9


def test_a_restart_on_a_later_day_keeps_the_day_of_creation(tmp_path):
    made(tmp_path).change_title("workday", cast.JANE_DOE.key, "Buyer")
    later = made(tmp_path, TODAY + timedelta(days=9), seed=99, size=5000)
    assert (later.created_on, later.seed, later.size) == (TODAY, 7, 1200)
    assert later.worker("workday", cast.HARUTO_SATO.key).state(later.today()) == "left"
    assert later.worker("workday", cast.JANE_DOE.key).title == "Buyer"


def test_a_line_cut_off_by_a_crash_never_happened(tmp_path):
    world = made(tmp_path)
    world.change_title("workday", cast.JANE_DOE.key, "Buyer")
    world.close()
    with (tmp_path / "world.jsonl").open("ab") as file:
        file.write(b'{"at":"2026-06-10T09:00:01+00:00","verb":"delete","ar')
    again = made(tmp_path)
    assert again.worker("workday", cast.JANE_DOE.key).title == "Buyer"
    again.change_title("workday", cast.JANE_DOE.key, "Auditor")
    assert made(tmp_path).worker("workday", cast.JANE_DOE.key).title == "Auditor"


def test_a_refused_verb_leaves_no_line(tmp_path):
    world = made(tmp_path)
    before = (tmp_path / "world.jsonl").read_bytes()
    with pytest.raises(Refused):
        world.change_title("workday", "nobody", "Buyer")
    assert (tmp_path / "world.jsonl").read_bytes() == before


def test_a_reset_forgets_everything_that_happened(tmp_path):
    world = made(tmp_path)
    live_a_little(world)
    world.reset()
    assert picture(world) == picture(World(today=TODAY, now=Clock(TODAY)))
    assert picture(made(tmp_path)) == picture(world)
