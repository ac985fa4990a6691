from __future__ import annotations

from typing import Any

import pytest

from config.errors import SettingInvalid, SettingMissing
from integrations.vendors.csv_file.vendor import CsvFile
from tests.integrations.vendors.csv_file.files import read


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, "id_column"),
        ({"id_column": "id", "source": "folder"}, "folder"),
        ({"id_column": "id", "source": "folder", "folder": "/in", "pattern": " "}, "pattern"),
        ({"id_column": "id", "source": "sftp", "username": "u", "folder": "/"}, "host"),
        ({"id_column": "id", "source": "sftp", "host": "h", "folder": "/"}, "username"),
        ({"id_column": "id", "source": "sftp", "host": "h", "username": "u"}, "folder"),
        ({"id_column": "id", "source": "sftp", "host": "h", "username": "u", "folder": "/"}, "password"),
    ],
)
def test_a_setting_that_is_needed_is_named(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingMissing) as caught:
        CsvFile.checked(settings, {})
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("port", 0),
        ("port", "x"),
        ("header_row", 0),
        ("settle_seconds", -1),
        ("source", "ftp"),
        ("delimiter", "#"),
        ("longest_age_hours", 1.5e9),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(key: str, value: Any) -> None:
    with pytest.raises(SettingInvalid) as caught:
        CsvFile.checked({"id_column": "id", key: value}, {})
    assert caught.value.field == key


def test_an_empty_form_gets_the_defaults() -> None:
    config = CsvFile.checked({"id_column": " id ", "port": "", "header_row": "2", "encoding": None}, {})
    assert (config["id_column"], config["port"], config["header_row"], config["encoding"], config["delimiter"]) == ("id", 22, 2, "", "auto")
    assert "password" not in config and "private_key" not in config


def test_an_encoding_that_is_none_is_a_wrong_setting(people: Any) -> None:
    with pytest.raises(SettingInvalid):
        read(people("id\n1\n", encoding="klingon"))
