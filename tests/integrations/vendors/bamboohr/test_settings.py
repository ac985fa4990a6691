from __future__ import annotations

from typing import Any

import pytest

from config.errors import NotSupported, SettingInvalid
from integrations.vendors.base import Window
from tests.integrations.vendors.bamboohr.other_side import Bamboo, connect


@pytest.mark.parametrize(
    ("settings", "base"),
    [
        ({}, "https://meridian.bamboohr.com/api/v1"),
        ({"address": "gateway"}, "https://api.bamboohr.com/api/gateway.php/meridian/v1"),
        ({"base_url": "http://127.0.0.1:9/bamboohr/api/v1/"}, "http://127.0.0.1:9/bamboohr/api/v1"),
    ],
)
def test_the_address_follows_the_settings(settings: dict[str, Any], base: str) -> None:
    assert connect(Bamboo(), **settings)[0].api.base == base


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"company": "https://meridian.bamboohr.com"}, "company"),
        ({"overlap_minutes": "ten"}, "overlap_minutes"),
        ({"overlap_minutes": -1}, "overlap_minutes"),
        ({"reader": "directory"}, "reader"),
        ({"dataset_fields": ["workEmail"]}, "dataset_fields"),
    ],
)
def test_a_setting_that_cannot_be_right_names_its_field(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        connect(Bamboo(), **settings)
    assert caught.value.field == field


def test_another_stream_is_not_supported() -> None:
    with pytest.raises(NotSupported):
        connect(Bamboo())[0].fetch("jobs", Window())
