from __future__ import annotations

import pytest

from config.errors import SettingInvalid, SettingMissing
from integrations.vendors.moodle.vendor import Moodle
from tests.integrations.vendors.moodle.other_side import Args, Site, codes, connect, to, user


def test_a_manager_goes_into_a_profile_field() -> None:
    site = Site(user(1))
    connect(site, managers="profile_field", manager_field="manager").push("users", [to("set_manager", 1, manager="Jane Doe")])
    assert site.users[1]["customfields"] == [{"type": "manager", "value": "Jane Doe"}]
    connect(site, managers="profile_field", manager_field="manager").push("users", [to("set_manager", 1, manager=None)])
    assert site.users[1]["customfields"] == [{"type": "manager", "value": ""}]


def test_a_manager_gets_a_role_over_the_person_and_the_former_one_loses_it_afterwards() -> None:
    site = Site(user(1), user(2), user(3))
    site.roles = {(9, 2, 1)}
    change = to("set_manager", 1, manager_id="3", former_manager_id="2")
    assert codes(connect(site, managers="role", manager_role=9).push("users", [change])) == ["ok"]
    assert site.roles == {(9, 3, 1)} and [function for function, _ in site.calls] == ["core_role_assign_roles", "core_role_unassign_roles"]


def test_without_a_way_to_write_managers_the_change_says_so() -> None:
    assert codes(connect(Site(user(1))).push("users", [to("set_manager", 1, manager="x")])) == ["not_supported"]


@pytest.mark.parametrize(
    ("settings", "error"), [({"managers": "profile_field"}, SettingMissing), ({"managers": "role", "manager_role": None}, SettingInvalid)]
)
def test_a_way_to_write_managers_needs_its_setting(settings: Args, error: type[Exception]) -> None:
    with pytest.raises(error):
        connect(Site(), **settings)


def test_what_an_account_holds_beside_mapped_fields_follows_the_settings() -> None:
    person = {"language": "pt-BR", "manager_name": "Jane Doe", "manager_email": "jane@x.example", "manager_public_id": "P-000007"}
    assert Moodle.beside({}, person) == {}
    assert Moodle.beside({"languages": ["en", "pt_br"]}, person) == {"lang": "pt_br"}
    assert Moodle.beside({"managers": "role", "manager_role": 9}, person) == {"manager": "P-000007"}
    shown = {"managers": "profile_field", "manager_field": "boss"}
    assert Moodle.beside(shown, person) == {"profile_field_boss": "Jane Doe"}
    assert Moodle.beside({**shown, "manager_shown": "manager_email"}, person) == {"profile_field_boss": "jane@x.example"}
    assert Moodle.beside(shown, {}) == {"profile_field_boss": ""}
    assert Moodle.beside({"idnumber": "employee_number"}, {"employee_number": "00007"}) == {"idnumber": "00007"}
    assert Moodle.beside({"idnumber": "employee_number"}, {}) == {}, "the mapping's stays"
