from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.core.cache import cache

from config.secrets import seal
from tests.cost import cost
from tests.rows import a_connector, a_person, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_cache():
    cache.clear()


@pytest.fixture
def lea(client):
    client.force_login(staff())
    return client


def search(client, text, **filters):
    sent = client.post("/admin/people/", {"asked": text, **filters})
    return client.get(sent["Location"]), sent["Location"]


@pytest.mark.parametrize("typed", ["núñez", "GARCIA", "jose garcia", "10007", "P-000007", "jose.garcia@meridian", "García-Núñez"])
def test_somebody_is_found_by_any_part_of_name_mail_or_number(lea, typed):
    a_person(7, given_name="José", family_name="García-Núñez", work_email="jose.garcia@meridian.example")
    a_person(8)
    answer, _address = search(lea, typed)
    body = answer.content.decode()
    assert "José García-Núñez" in body and "Given8" not in body


def test_what_was_typed_never_stands_in_the_address(lea):
    a_person(7, given_name="Noor")
    answer, address = search(lea, "Noor")
    assert "noor" not in unquote(address).lower()
    assert 'value="Noor"' in answer.content.decode()


def test_an_address_that_was_cut_shows_everybody(lea):
    a_person(7)
    assert "Given7" in lea.get("/admin/people/?find=gAAAAAB").content.decode()


def test_filters_narrow_the_list_and_stay_on_the_next_page(lea):
    for number in range(1, 61):
        a_person(number, department="Sales" if number <= 55 else "Digital")
    first = lea.get("/admin/people/?unit=Sales").content.decode()
    assert "50 of 55 people" in first
    second = lea.get("/admin/people/?unit=Sales&after=" + first.split("after=")[1].split('"')[0]).content.decode()
    assert "Given60" not in second and second.count("<tr data-row>") == 5


def test_the_pages_hold_everybody_once_forwards_and_backwards(lea):
    for number in range(1, 121):
        a_person(number, given_name="Same", family_name="Name")
    seen: list[str] = []
    address = "/admin/people/"
    addresses = []
    while address:
        addresses.append(address)
        answer = lea.get(address)
        seen += [row.pk for row in answer.context["people"]]
        address = "/admin/people/" + answer.context["pager"].next if answer.context["pager"].next else ""
    assert sorted(seen) == list(range(1, 121)) and len(seen) == 120
    back = lea.get("/admin/people/" + lea.get(addresses[-1]).context["pager"].previous)
    assert [row.pk for row in back.context["people"]] == seen[50:100]


def test_the_list_costs_the_same_for_two_and_for_forty_people(lea):
    a_person(1), a_person(2)
    few = cost(lea, "/admin/people/")
    for number in range(3, 41):
        a_person(number)
    assert cost(lea, "/admin/people/") == few


def test_without_the_right_to_personal_data_names_are_masked(client):
    client.force_login(staff("Integration engineer"))
    a_person(7, given_name="Noor", family_name="Demir", work_email="noor@meridian.example")
    body = client.get("/admin/people/").content.decode()
    assert "N••• D•••" in body and "Noor" not in body and "noor@" not in body


def test_a_role_without_people_sees_no_list(client):
    client.force_login(staff("Partner manager"))
    assert client.get("/admin/people/").status_code == 403


def test_an_address_cannot_be_made_to_open_what_was_sealed_for_another_purpose(lea):
    a_person(7)
    stolen = seal("the stored password of a connector")
    assert "stored password" not in lea.get("/admin/people/", {"find": stolen}).content.decode()


def test_a_masked_reader_is_asked_for_the_number_alone(client):
    a_person(7)
    client.force_login(staff("Integration engineer"))
    assert "e-mail or number" not in client.get("/admin/people/").content.decode()


def test_who_is_outside_a_pilot_group_is_a_list_and_a_connector_without_one_is_not_offered(lea):
    academy, workday = a_connector("academy"), a_connector("workday")
    for number, unit in ((1, "Sales"), (2, "Digital"), (3, "Digital")):
        a_person(number, workday, department=unit, unit=unit)
    a_person(4, a_connector("bamboohr"), department="Digital", unit="Digital")
    assert "Outside the pilot group of" not in lea.get("/admin/people/").content.decode()
    workday.pilot = {"units": ["Sales"]}
    workday.save()
    academy.pilot = {"people": ["P-000002"], "units": ["Sales"]}
    academy.save()
    assert "Outside the pilot group of" in lea.get("/admin/people/").content.decode()

    def listed(**asked):
        return [person.pk for person in lea.get("/admin/people/", asked).context["people"]]

    assert listed(outside="academy") == [3, 4] and listed(outside="workday") == [2, 3], "of a source only whom it knows"
    assert listed(outside="academy", unit="Sales") == [] and listed(outside="nobody") == []
    _answer, address = search(lea, "Given3", outside="academy")
    assert "outside=academy" in address


def test_the_list_of_who_is_outside_costs_the_same_for_two_and_for_forty_people(lea):
    workday = a_connector("workday")
    workday.pilot = {"units": ["Sales"]}
    workday.save()
    for number in (1, 2):
        a_person(number)
    few = cost(lea, "/admin/people/?outside=workday")
    for number in range(3, 41):
        a_person(number)
    assert cost(lea, "/admin/people/?outside=workday") == few
