"""What an address asks a list for and cannot mean: the field is named, and nothing passes for an answer."""

from __future__ import annotations

import pytest
from django.test import Client

from integrations.connectors.models import RequestLog
from syncjobs.runs.models import SyncRun
from tests.rows import a_case, a_connector, a_delivery, a_person, a_record, staff
from tests.syncjobs.pages.run_rows import a_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(staff("administrator"))
    return client


@pytest.fixture
def rows() -> dict[str, int]:
    """One of each, which every list here would show without filters."""
    person = a_person(1)
    run = a_run(phase="failed")
    a_delivery(person)
    a_case(a_record(a_connector(), "9", {}), person)
    return {"person": person.pk, "run": run.pk, "connector": a_connector().pk}


@pytest.mark.parametrize(
    ("address", "query", "field", "listed"),
    [
        ("/admin/runs/", "phase=broken", "State", "lines"),
        ("/admin/runs/", "trigger=ghost", "Started by", "lines"),
        ("/admin/runs/", "connector=gone", "Connector", "lines"),
        ("/admin/deliveries/", "state=lost", "State", "deliveries"),
        ("/admin/deliveries/", "connector=academy", "System", "deliveries"),
        ("/admin/deliveries/", "connector=999999", "System", "deliveries"),
        ("/admin/deliveries/", "operation=explode", "What", "deliveries"),
        ("/admin/deliveries/", "person=Noor", "Person number", "deliveries"),
        ("/admin/decisions/", "kind=riddle", "About", "cases"),
        ("/admin/decisions/", "state=whatever", "State", "cases"),
        ("/admin/people/", "standing=dancing", "Standing", "people"),
        ("/admin/people/", "outside=nobody", "Pilot group", "people"),
        ("/admin/people/{person}/", "kind=gossip", "What", "moments"),
        ("/admin/people/{person}/", "system=academy", "System", "moments"),
        ("/admin/runs/{run}/records/", "outcome=eaten", "What became of them", "rows"),
        ("/admin/connectors/{connector}/requests/", "only=slow", "Answers", "requests"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_named_and_nothing_is_shown(
    reader: Client, rows: dict[str, int], address: str, query: str, field: str, listed: str
) -> None:
    answer = reader.get(f"{address.format(**rows)}?{query}")
    body = answer.content.decode()
    assert answer.status_code == 400 and not answer.context[listed]
    assert f"“{query.partition('=')[2]}” " in body and f"“{field}”" in body and "nothing is shown" in body
    assert "nichts" in reader.get(f"{address.format(**rows)}?{query}", headers={"accept-language": "de"}).content.decode()


def test_calls_made_during_a_run_that_there_is_not(reader: Client, rows: dict[str, int]) -> None:
    answer = reader.get(f"/admin/connectors/{rows['connector']}/requests/?run=no")
    assert answer.status_code == 400 and "There is no run “no”" in answer.content.decode()
    assert not RequestLog.objects.exists() and not answer.context["requests"]


@pytest.mark.parametrize("query", ["phase=failed", "phase=", "connector=workday&trigger="])
def test_what_can_be_meant_is_shown_without_a_word(reader: Client, rows: dict[str, int], query: str) -> None:
    answer = reader.get(f"/admin/runs/?{query}")
    assert answer.status_code == 200 and answer.context["lines"] and "nothing is shown" not in answer.content.decode()


def test_questions_that_are_open_may_be_asked_for_by_that_word(reader: Client, rows: dict[str, int]) -> None:
    answer = reader.get("/admin/decisions/?state=open")
    assert answer.status_code == 200 and len(answer.context["cases"]) == 1


def test_a_unit_that_is_not_offered_is_asked_for_all_the_same_and_stands_in_the_field(reader: Client, rows: dict[str, int]) -> None:
    answer = reader.get("/admin/people/?unit=Glass+Works")
    assert answer.status_code == 200 and not answer.context["people"]
    assert '<option value="Glass Works" selected>' in answer.content.decode()


@pytest.mark.parametrize("query", ["mode=everything", "dry=yes", "mode=full&dry=true"])
def test_a_run_is_not_begun_in_another_way_than_it_was_asked_for(reader: Client, rows: dict[str, int], query: str) -> None:
    address = f"/admin/runs/start/?connector=workday&{query}"
    before = SyncRun.objects.count()
    assert reader.get(address).status_code == 400 and reader.post(address, {"reason": "x"}).status_code == 400
    assert SyncRun.objects.count() == before
