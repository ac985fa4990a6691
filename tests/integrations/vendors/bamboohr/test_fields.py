from __future__ import annotations

import jmespath
import pytest

from config.errors import PermissionMissing, SettingInvalid
from integrations.vendors.bamboohr.fields import MAPPING
from tests.integrations.vendors.bamboohr.other_side import FIELDS, Bamboo, connect, payload, person, read, records
from tests.integrations.vendors.scripted_line import said


def test_what_was_not_asked_for_is_dropped_at_the_edge() -> None:
    kept = payload(person(501))
    assert "payRate" not in kept
    bamboo = Bamboo(person(501))
    chatty = {"title": "R", "fields": FIELDS, "employees": [person(501) | {"payRate": "90000 USD", "ssn": "1"}]}
    bamboo.other = lambda asked: said(chatty) if asked.path.endswith("/reports/custom") else None
    assert not {"payRate", "ssn"} & set(records(read(bamboo))["501"].payload)


def test_values_stay_word_for_word() -> None:
    kept = payload(person(501, lastName=" Ruíz ", terminationDate="0000-00-00", preferredName=""))
    assert (kept["lastName"], kept["terminationDate"], kept["preferredName"]) == (" Ruíz ", "0000-00-00", "")


def test_a_key_that_may_not_see_the_status_stops_the_read() -> None:
    bamboo = Bamboo(person(501))
    bamboo.hidden = {"status"}
    with pytest.raises(PermissionMissing) as caught:
        read(bamboo)
    assert caught.value.field == "status"


def test_a_status_hidden_for_one_person_leaves_that_person_without_one() -> None:
    row = person(501)
    del row["status"]
    bamboo = Bamboo()
    bamboo.listed = ["501"]
    only = {"title": "R", "fields": FIELDS, "employees": [row]}
    bamboo.other = lambda asked: said(only) if asked.path.endswith("/reports/custom") else None
    assert "rollcall_status" not in records(read(bamboo))["501"].payload


def test_further_fields_stand_under_custom() -> None:
    bamboo = Bamboo(person(501) | {"customTier": "Gold", "4388": "x"})
    assert records(read(bamboo, extra_fields=["customTier", "4388"]))["501"].payload["custom"] == {"customTier": "Gold", "4388": "x"}


@pytest.mark.parametrize("name", ["payRate", "SSN", "dateOfBirth", "customBankAccount", "compensationPayRate"])
def test_pay_and_the_like_cannot_be_asked_for(name: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        connect(Bamboo(), extra_fields=[name])
    assert caught.value.field == "extra_fields"


@pytest.mark.parametrize("name", ["customTraining", "languages", "className", "4388"])
def test_harmless_fields_are_not_mistaken_for_such(name: str) -> None:
    assert name in connect(Bamboo(), extra_fields=[name])[0].terms.asked


def test_every_source_of_the_mapping_is_a_valid_path_under_the_allowed_fields() -> None:
    for row in MAPPING:
        jmespath.compile(row.source)
    division = next(row.source for row in MAPPING if row.target == "unit_path")
    assert jmespath.search(division, {"division": "EMEA", "department": ""}) == ["EMEA"]
