from __future__ import annotations

from typing import Any

import pytest

from config.errors import SettingInvalid, SettingMissing
from integrations.vendors.workday.vendor import Workday
from tests.integrations.vendors.workday.recorded import SECRETS, SETTINGS

GOOD: dict[str, Any] = dict(SETTINGS)


def test_defaults_are_filled_in() -> None:
    values = Workday.checked(GOOD, SECRETS)
    assert (values["version"], values["source"], values["auth"], values["email_usage"]) == ("v44.2", "soap", "ws_security", "WORK")
    assert (values["page_size"], values["overlap_minutes"], values["name_preference"]) == (200, 15, "preferred")
    assert "password" not in values


def test_an_emptied_field_means_as_usual() -> None:
    emptied = {key: None for key in Workday.checked(GOOD, SECRETS) if key not in GOOD}
    assert Workday.checked({**GOOD, **emptied}, SECRETS) == Workday.checked(GOOD, SECRETS)


@pytest.mark.parametrize("size", [99, 1000, "many"])
def test_a_page_has_between_100_and_999_workers(size: Any) -> None:
    with pytest.raises(SettingInvalid) as caught:
        Workday.checked({**GOOD, "page_size": size}, SECRETS)
    assert caught.value.field == "page_size"


@pytest.mark.parametrize(
    ("changes", "secrets", "field"),
    [
        ({"base_url": ""}, SECRETS, "base_url"),
        ({"tenant": ""}, SECRETS, "tenant"),
        ({"username": ""}, SECRETS, "username"),
        ({}, {}, "password"),
        ({"auth": "oauth"}, {"client_secret": "x", "refresh_token": "y"}, "client_id"),
        ({"auth": "oauth", "client_id": "c"}, {"client_secret": "x"}, "refresh_token"),
        ({"source": "raas", "report_columns": ["A"], "report_name": "L"}, SECRETS, "report_owner"),
        ({"source": "raas", "report_owner": "o", "report_name": "L"}, SECRETS, "report_columns"),
    ],
)
def test_what_this_way_of_reading_needs_is_asked_for_by_name(changes: dict[str, Any], secrets: dict[str, str], field: str) -> None:
    with pytest.raises(SettingMissing) as caught:
        Workday.checked({**GOOD, **changes}, secrets)
    assert caught.value.field == field


def test_a_password_is_never_sent_to_the_host_of_a_pasted_report_address() -> None:
    with pytest.raises(SettingInvalid) as caught:
        Workday.checked({**GOOD, "source": "raas", "report_columns": ["A"], "report_url": "https://elsewhere.example/r"}, SECRETS)
    assert caught.value.field == "report_url"


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(SettingInvalid):
        Workday.checked({**GOOD, "source": "ftp"}, SECRETS)


def test_every_setting_is_told_in_words() -> None:
    assert all(setting.label for setting in Workday.settings)
    assert len({setting.key for setting in Workday.settings}) == len(Workday.settings)
