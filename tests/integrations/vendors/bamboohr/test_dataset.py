from __future__ import annotations

import pytest

from config.errors import SettingInvalid
from integrations.vendors.base import Window
from tests.integrations.vendors.bamboohr.other_side import TODAY, Dataset, connect, person, read, records


def test_the_dataset_gives_the_same_records_under_the_same_names() -> None:
    vendor, line = connect(
        Dataset(*(person(number, workEmail=f"p{number}@meridian.example") for number in (501, 502, 503))), reader="dataset"
    )
    pages = list(vendor.fetch("employees", Window(as_of=TODAY)))
    found = records(pages)
    assert sorted(found) == ["501", "502", "503"] and pages[-1].is_last
    assert (found["501"].payload["workEmail"], found["501"].payload["rollcall_status"]) == ("p501@meridian.example", "active")
    body = next(asked.json for asked in line.asked if asked.path.endswith("/data"))
    assert body["orderBy"] == "eeid asc" and body["filter"] == "status in ('Active','Inactive')" and "eeid" in body["fields"]


def test_a_restricted_value_of_the_dataset_is_left_out_instead_of_being_empty() -> None:
    dataset = Dataset(person(501))
    dataset.hidden = {"preferredName"}
    assert "preferredName" not in records(read(dataset, reader="dataset"))["501"].payload


def test_names_of_the_dataset_can_be_given() -> None:
    vendor, _ = connect(Dataset(), reader="dataset", dataset_fields=["jobTitle = title", "division ="])
    assert vendor.terms.names["jobTitle"] == "title" and "division" not in vendor.terms.names
    with pytest.raises(SettingInvalid):
        connect(Dataset(), reader="dataset", dataset_fields=["status ="])
