from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.errors import AddressRefused, AnswerCutOff, NotFound, SettingMissing, Unavailable
from integrations.vendors.base import Window
from integrations.vendors.csv_file.vendor import CsvFile
from integrations.wire.safe_url import Guard
from tests.integrations.vendors.csv_file.files import WRITTEN, connector, ids, read, write


def in_folder(folder: Path, **settings: Any) -> CsvFile:
    return connector(folder, {"source": "folder", "folder": str(folder), "id_column": "id", **settings})


def test_the_newest_finished_file_of_a_folder_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "id\n1\n", WRITTEN - timedelta(days=1))
    write(tmp_path / "b.csv", "id\n2\n")
    write(tmp_path / "c.csv.part", "id\n3\n", WRITTEN + timedelta(hours=1))
    write(tmp_path / ".d.csv", "id\n4\n", WRITTEN + timedelta(hours=1))
    write(tmp_path / "e.txt", "id\n5\n", WRITTEN + timedelta(hours=1))
    (tmp_path / "f.csv").mkdir()
    assert ids(read(in_folder(tmp_path))) == ["2"]
    assert ids(read(in_folder(tmp_path, pattern="e.*"), Window())) == ["5"]
    with pytest.raises(NotFound, match="g"):
        read(in_folder(tmp_path, pattern="g.csv"))


def test_a_file_that_was_just_written_to_waits(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "id\n1\n")
    vendor = in_folder(tmp_path, settle_seconds="30")
    with pytest.raises(AnswerCutOff) as caught:
        read(vendor, Window(until=WRITTEN + timedelta(seconds=29)))
    assert caught.value.retry_at == WRITTEN + timedelta(seconds=30)
    assert ids(read(vendor, Window(until=WRITTEN + timedelta(seconds=30)))) == ["1"]
    assert ids(read(vendor, Window(until=WRITTEN - timedelta(hours=2)))) == ["1"]  # the other clock is ahead


def test_an_old_file_is_not_taken_for_todays(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "id\n1\n")
    vendor = in_folder(tmp_path, longest_age_hours=26)
    with pytest.raises(Unavailable, match="2026-05-20 03:00 UTC, older than 26 hours"):
        read(vendor, Window(until=WRITTEN + timedelta(hours=27)))
    assert ids(read(vendor, Window(until=WRITTEN + timedelta(hours=25)))) == ["1"]


def test_files_outside_of_the_open_folders_are_not_read(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    write(outside / "secret.csv", "id\n1\n")
    (inside / "link.csv").symlink_to(outside / "secret.csv")
    guard = Guard(allow_folders=[inside])
    for path in (str(outside / "secret.csv"), "../out/secret.csv", "/etc/passwd", "/proc/self/environ", "link.csv"):
        vendor = connector(inside, {"source": "upload", "path": path, "id_column": "id"}, guard=guard)
        with pytest.raises(AddressRefused):
            read(vendor)
    for folder in (str(outside), "..", "/"):
        vendor = connector(inside, {"source": "folder", "folder": folder, "id_column": "id"}, guard=guard)
        with pytest.raises(AddressRefused):
            read(vendor)
    with pytest.raises(AddressRefused):
        read(connector(inside, {"source": "folder", "folder": str(inside), "id_column": "id"}, guard=guard))
    with pytest.raises(AddressRefused):
        read(connector(inside, {"source": "upload", "path": str(inside / "x"), "id_column": "id"}, guard=Guard()))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"gone\.csv"):
        read(connector(tmp_path, {"source": "upload", "path": "gone.csv", "id_column": "id"}))
    with pytest.raises(SettingMissing):
        read(connector(tmp_path, {"source": "upload", "id_column": "id"}))
    write(tmp_path / "a.csv", "id\n")
    with pytest.raises(NotFound, match="not a folder"):
        read(connector(tmp_path, {"source": "folder", "folder": "a.csv", "id_column": "id"}))
