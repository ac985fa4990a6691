from __future__ import annotations

import jmespath
import pytest

from config.errors import TargetRefused
from integrations.vendors.moodle.fields import MAPPING, Rules, account
from tests.integrations.vendors.moodle.other_side import Args, Site, connect, new


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": "o'neil"}, "username"),
        ({"username": "a+b@x.example"}, "username"),
        ({"username": "a" * 101}, "username"),
        ({"username": ""}, "username"),
        ({"email": "nobody"}, "email"),
        ({"country": "Germany"}, "country"),
        ({"phone1": "+49 30 1234567890 ext 12"}, "phone1"),
        ({"salary": "1"}, "salary"),
        ({"idnumber": None}, "idnumber"),
    ],
)
def test_a_value_that_would_fail_the_call_is_refused_beforehand_by_name(values: Args, field: str) -> None:
    site = Site()
    (receipt,) = connect(site).push("users", [new("ana", **values)])
    assert isinstance(receipt.error, TargetRefused) and receipt.error.field == field
    assert site.count("core_user_create_users") == 0


def test_names_are_made_small_and_codes_large_and_empty_values_are_left_out_of_a_create() -> None:
    made = account(
        {
            "username": "Ana.Lee@X.example",
            "firstname": "A",
            "lastname": "L",
            "email": "a@x.example",
            "country": "de",
            "city": "",
            "phone1": None,
        },
        Rules(),
        is_new=True,
    )
    assert made.fields == {"username": "ana.lee@x.example", "firstname": "A", "lastname": "L", "email": "a@x.example", "country": "DE"}


def test_an_update_empties_what_is_empty_but_never_what_is_required() -> None:
    assert account({"department": None, "timezone": ""}, Rules(), is_new=False).fields == {"department": "", "timezone": "99"}
    with pytest.raises(TargetRefused):
        account({"email": ""}, Rules(), is_new=False)


@pytest.mark.parametrize(("language", "pack"), [("pt-BR", "pt_br"), ("de-AT", "de"), ("fr", None)])
def test_a_language_that_is_not_installed_is_left_out_with_a_warning(language: str, pack: str | None) -> None:
    made = account({"lang": language}, Rules(languages=frozenset({"de", "pt_br"})), is_new=False)
    assert made.fields.get("lang") == pack and bool(made.warnings) is (pack is None)


def test_custom_profile_fields_go_by_their_short_name() -> None:
    made = account({"profile_field_costcenter": "CC9"}, Rules(), is_new=False)
    assert made.fields == {"customfields": [{"type": "costcenter", "value": "CC9"}]}


def test_extended_user_names_pass_where_the_site_allows_them() -> None:
    assert account({"username": "o'neil"}, Rules(extended_usernames=True), is_new=False).fields == {"username": "o'neil"}


def test_every_source_of_the_mapping_is_a_valid_path() -> None:
    person = {"work_email": "a@x.example", "given_name": "Ana", "preferred_name": "", "public_id": "p-1"}
    values = {row.target: jmespath.search(row.source, person) for row in MAPPING}
    assert values["username"] == "a@x.example" and values["firstname"] == "Ana" and values["idnumber"] == "p-1"
