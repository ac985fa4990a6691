"""The CSV system: a file in a folder, as an office would send it."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

from integrations.sandbox.extract import COLUMNS
from integrations.sandbox.world import Clock, World

TODAY = date(2026, 6, 10)


def table(content, encoding="utf-8", delimiter=","):
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter))


def test_the_extract_has_one_line_a_person_and_managers_by_number():
    world = World(today=TODAY, now=Clock(TODAY))
    rows = table(world.csv_text())
    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == 50
    numbers = {row["Employee ID"] for row in rows}
    assert all(row["Manager ID"] in numbers for row in rows[1:])
    assert {row["Status"] for row in rows} >= {"Active", "Terminated"}


def test_encoding_and_delimiter_are_as_asked():
    world = World(today=TODAY, now=Clock(TODAY))
    world.rename("csv", "K-1004", family="Schön; Söhne")
    rows = table(world.csv_text("cp1252", ";"), "cp1252", ";")
    assert rows[3]["Last Name"] == "Schön; Söhne"
    assert world.csv_text("utf-16").startswith((b"\xff\xfe", b"\xfe\xff"))


def test_letters_that_an_encoding_lacks_become_question_marks():
    world = World(today=TODAY, now=Clock(TODAY))
    world.rename("csv", "K-1004", given="Łukasz")
    assert table(world.csv_text("latin-1"), "latin-1")[3]["First Name"] == "?ukasz"


def test_the_watched_folder_follows_every_change_and_every_day(tmp_path):
    clock = Clock(TODAY)
    world = World(today=TODAY, now=clock, drop_folder=tmp_path / "in")
    file = tmp_path / "in" / "employees.csv"

    def row(number):
        return next((row for row in table(file.read_bytes()) if row["Employee ID"] == number), None)

    assert row("K-1004")["Status"] == "Active"
    world.terminate("csv", "K-1004", last_day_on=TODAY)
    assert (row("K-1004")["Status"], row("K-1004")["Termination Date"]) == ("Active", "2026-06-10")
    clock.advance(days=1)
    world.drop()
    assert row("K-1004")["Status"] == "Terminated"
    world.delete("csv", "K-1004")
    assert row("K-1004") is None
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["employees.csv"]


def test_a_change_in_another_system_does_not_touch_the_file(tmp_path):
    world = World(today=TODAY, now=Clock(TODAY), drop_folder=tmp_path)
    before = (tmp_path / "employees.csv").stat().st_mtime_ns, (tmp_path / "employees.csv").stat().st_ino
    world.change_title("bamboohr", "510", "Somebody Else")
    assert ((tmp_path / "employees.csv").stat().st_mtime_ns, (tmp_path / "employees.csv").stat().st_ino) == before


def test_a_past_and_a_future_hire_stand_in_the_file():
    world = World(today=TODAY, now=Clock(TODAY))
    world.hire("csv", "Zoë", "Ünal", hire_on=TODAY + timedelta(days=4))
    assert table(world.csv_text())[-1]["Status"] == "Pending"
