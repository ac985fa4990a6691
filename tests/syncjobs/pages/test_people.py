from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.core.cache import cache

from config.secrets import seal
from identity.people.models import Person
from integrations.connectors.models import Connector
from syncjobs.plans.pilot import in_pilot
from tests.cost import cost
from tests.rows import a_connector, a_person, a_record, join, staff

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


def test_an_address_that_was_cut_shows_nobody_and_says_so(lea):
    a_person(7)
    answer = lea.get("/admin/people/?find=gAAAAAB")
    assert answer.status_code == 400 and "Given7" not in answer.content.decode()
    assert "cannot be read from this address any more" in answer.content.decode()


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


# ── who is outside a pilot group ────────────────────────────────────────────────────────────────────


def pilot(key="academy", **group):
    connector = a_connector(key)
    connector.pilot = group
    connector.save()
    return connector


def outside_of(reader, key, **more):
    answer = reader.get("/admin/people/", {"outside": key, **more})
    assert answer.status_code == 200
    return [row.pk for row in answer.context["people"]]


def test_the_filter_is_offered_only_where_there_is_a_pilot_group(lea):
    academy = a_connector("academy", name="Academy")
    a_person(1)
    assert "pilot group" not in lea.get("/admin/people/").content.decode()
    pilot("academy", locations=["Berlin"])
    assert f'<option value="{academy.key}">Outside the pilot group of Academy</option>' in lea.get("/admin/people/").content.decode()
    Connector.objects.filter(pk=academy.pk).update(state="disabled")
    assert "pilot group" not in lea.get("/admin/people/").content.decode()


GROUPS = [
    {"locations": ["Berlin"]},
    {"units": ["Digital"]},
    {"units": ["R&D “Zürich”"]},
    {"people": ["P-000002", "10004"]},
    {"people": ["P-000002"], "units": ["Sales"], "locations": ["Tokyo"]},
    {"units": ["Nobody is here"]},
]


@pytest.mark.parametrize("group", GROUPS)
def test_the_list_says_of_everybody_what_the_rule_of_a_plan_says(lea, group):
    """Also of somebody without a location, a department or a path of units."""
    bare = a_person(3)
    bare.values = {"employee_number": "10003"}
    bare.save()
    people = [
        bare,
        a_person(1, location="Berlin"),
        a_person(2, location="Tokyo", department="Sales"),
        a_person(4, location="Rome", department="Legal", unit="Digital"),
        a_person(5, location="Rome", department="Legal", unit_path=["Meridian", "R&D “Zürich”"]),
        a_person(6, location="Rome", department="Legal", unit_path=[]),
    ]
    academy = pilot("academy", **group)
    assert sorted(outside_of(lea, "academy")) == sorted(one.pk for one in people if not in_pilot(one.pk, one.values, academy))


def test_who_has_left_is_outside_unless_they_have_an_account_there_to_lose(lea):
    with_account, without, here = a_person(1, location="Rome"), a_person(2, location="Rome"), a_person(3, location="Rome")
    academy = pilot("academy", locations=["Berlin"])
    for person in (with_account, here):
        join(person, a_record(academy, f"u{person.pk}", {}))
    Person.objects.filter(pk__in=[with_account.pk, without.pk]).update(standing="left")
    assert sorted(outside_of(lea, "academy")) == [without.pk, here.pk]


def test_the_group_of_a_source_is_about_those_it_leads(lea):
    a_person(1, location="Rome")
    a_person(2, location="Rome", source=a_connector("bamboohr"))
    a_person(3, location="Berlin")
    pilot("workday", locations=["Berlin"])
    assert outside_of(lea, "workday") == [1]
    answer = lea.get("/admin/people/?outside=bamboohr")
    assert answer.status_code == 400 and not answer.context["people"], "nobody is outside a group that there is not"


def test_it_goes_along_with_the_search_and_the_other_filters_and_stays_on_the_next_page(lea):
    for number in range(1, 61):
        a_person(number, location="Rome" if number <= 55 else "Berlin", department="Sales" if number % 2 else "Digital")
    pilot("academy", locations=["Berlin"])
    assert len(outside_of(lea, "academy", unit="Sales")) == 28
    answer, address = search(lea, "Given7", outside="academy")
    assert "outside=academy" in address and [row.pk for row in answer.context["people"]] == [7]
    first = lea.get("/admin/people/?outside=academy")
    assert "50 of 55 people" in first.content.decode()
    assert len(lea.get("/admin/people/" + first.context["pager"].next).context["people"]) == 5


def test_it_keeps_to_what_a_reader_may_see(client):
    client.force_login(staff("Integration engineer"))
    a_person(7, given_name="Noor", family_name="Demir", location="Rome")
    pilot("academy", locations=["Berlin"])
    body = client.get("/admin/people/?outside=academy").content.decode()
    assert "N••• D•••" in body and "Noor" not in body
    partner = staff("Partner manager")
    client.force_login(partner)
    assert client.get("/admin/people/?outside=academy").status_code == 403


def test_who_is_outside_costs_the_same_for_two_and_for_forty_people(lea):
    pilot("academy", locations=["Berlin"])
    a_person(1, location="Rome"), a_person(2, location="Rome")
    few = cost(lea, "/admin/people/?outside=academy")
    for number in range(3, 41):
        a_person(number, location="Rome")
    assert cost(lea, "/admin/people/?outside=academy") == few == cost(lea, "/admin/people/")


def test_the_limits_of_a_connector_lead_to_who_is_outside_its_group(lea, client):
    academy = a_connector("academy")
    limits = f"/admin/connectors/{academy.pk}/limits/"
    assert "outside=academy" not in lea.get(limits).content.decode()
    pilot("academy", locations=["Berlin"])
    assert '<a href="/admin/people/?outside=academy">' in lea.get(limits).content.decode()
