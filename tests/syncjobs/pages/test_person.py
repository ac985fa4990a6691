from __future__ import annotations

import re
from datetime import timedelta

import pytest

from config import clock
from identity.organisation.models import ReportingLine
from identity.people.models import FactSheet, Person
from syncjobs.plans.models import PlannedChange
from syncjobs.runs.models import SyncRun
from tests.cost import cost
from tests.rows import a_case, a_cause, a_connector, a_delivery, a_line, a_person, a_record, join, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea(client):
    client.force_login(staff())
    return client


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_each_fact_names_its_source_and_what_the_others_say(lea):
    person = a_person(1, job_title="Senior Analyst")
    other = a_record(a_connector("bamboohr", rank=20), "b1", {"job_title": "Analyst II", "department": "Digital"})
    join(person, other, evidence="same employee number 10001 as in Workday")
    body = text(lea.get("/admin/people/1/"))
    assert "Bamboohr: Analyst II" in body and "Bamboohr: Digital" not in body
    assert "same employee number 10001 as in Workday" in body


def test_the_paragraph_says_why_there_is_an_account(lea):
    person = a_person(1)
    join(person, a_record(a_connector("academy"), "17", {"username": "person1", "suspended": False}), evidence="created in Academy")
    assert "has one account, in Academy, because Workday says: works here since 1 March 2024." in text(lea.get("/admin/people/1/"))


def test_all_reporting_lines_are_shown_with_the_reason_of_the_primary(lea):
    person, boss, other = a_person(1), a_person(2), a_person(3)
    a_line(person, boss, is_primary=True, why="supervisory lines come first")
    a_line(person, other, "matrix")
    a_line(person, None, "project")
    body = text(lea.get("/admin/people/1/"))
    assert "supervisory lines come first" in body and "Given3 Family3" in body and "not here yet" in body


def test_the_timeline_tells_what_changed_and_what_was_sent(lea):
    person = a_person(1)
    values = {**person.values, "job_title": "Senior Analyst"}
    FactSheet.objects.create(
        person=person,
        version=2,
        standing="on_leave",
        values=values,
        sources=person.sources,
        recorded_at=clock.now(),
        cause=a_cause("Workday, nightly"),
    )
    a_delivery(person, "update")
    a_delivery(person, "create", "dead", error_code="target_refused", error_detail="no")
    body = text(lea.get("/admin/people/1/"))
    for told in (
        "Standing changed",
        "Job title changed",
        "Senior Analyst",
        "Workday, nightly",
        "Academy took the change",
        "Academy did not take the change",
        "First seen",
    ):
        assert told in body, told


def test_the_timeline_goes_on_page_by_page_and_tells_everything_once(lea):
    person = a_person(1)
    for version in range(2, 92):
        FactSheet.objects.create(
            person=person,
            version=version,
            standing="active",
            values={**person.values, "job_title": f"Title {version}"},
            sources={},
            recorded_at=clock.now() + timedelta(seconds=version),
            cause=a_cause(),
        )
    seen, address = [], "/admin/people/1/?kind=facts"
    while address:
        answer = lea.get(address)
        seen += [moment.after for moment in answer.context["moments"]]
        earlier = answer.context["earlier"]
        address = f"/admin/people/1/?kind=facts&earlier={earlier.replace('+', '%2B')}" if earlier else ""
    assert seen == [*(f"Title {version}" for version in range(91, 1, -1)), ""]


def test_a_write_that_did_not_arrive_is_told_with_what_it_was_to_do(lea):
    person = a_person(1)
    a_delivery(person, "create", "cancelled")
    a_delivery(person, "cohorts", "cancelled")
    body = text(lea.get("/admin/people/1/"))
    assert body.count("was given up, or a newer one took its place") == 2
    assert "make the account" in body and "set the groups" in body


def test_the_timeline_can_be_narrowed_to_one_system(lea):
    person = a_person(1)
    a_delivery(person)
    academy = a_connector("academy").pk
    moments = lea.get(f"/admin/people/1/?system={academy}").context["moments"]
    assert [str(moment.title) for moment in moments] == ["Academy took the change"]


def test_a_value_leads_to_the_record_and_mapping_it_came_from(lea):
    a_person(1)
    body = text(lea.get("/admin/people/1/facts/job_title/"))
    assert "Analyst" in body and "version 1 of the record" in body and "Workday, by hand" in body
    assert "Why “Job title” of" in body


def test_since_when_is_told_by_the_clock_and_a_note_of_ours_in_the_readers_language(lea):
    a_person(1)
    said = re.sub(r"<[^>]+>", "", text(lea.get("/admin/people/1/facts/job_title/", headers={"Accept-Language": "de"})))
    assert re.search(r"gilt seit (heute|gestern) \d\d:\d\d", said) and "Standard" in said and "Default" not in said
    said = re.sub(r"<[^>]+>", "", text(lea.get("/admin/people/1/", headers={"Accept-Language": "de"})))
    assert re.search(r"seit (heute|gestern) \d\d:\d\d", said) and "seit vor" not in said and "seit gerade" not in said


def test_a_value_nobody_holds_has_no_page(lea):
    a_person(1)
    assert lea.get("/admin/people/1/facts/phone/").status_code == 404
    assert lea.get("/admin/people/1/facts/nonsense/").status_code == 404


def test_the_page_costs_the_same_with_much_history(lea):
    person = a_person(1)
    join(person, a_record(a_connector("academy"), "17", {"username": "person1"}))
    a_line(person, a_person(2), is_primary=True)
    a_delivery(person), a_case(a_record(a_connector(), "w99", {}), person)
    few = cost(lea, "/admin/people/1/")
    for number in range(3, 12):
        a_line(person, a_person(number))
        a_delivery(person)
        a_case(a_record(a_connector(), f"x{number}", {}), person)
    assert cost(lea, "/admin/people/1/") == few


def test_the_lines_of_every_source_are_counted_where_the_page_says_that_all_are_kept(lea):
    person, bamboo = a_person(1), a_connector("bamboohr")
    join(person, a_record(bamboo, "b1", {}))
    a_line(person, a_person(2), is_primary=True, why="supervisory lines come first")
    a_line(person, a_person(3), "matrix")
    ReportingLine.objects.create(
        person=person,
        record=person.links.get(record__connector=bamboo).record,
        line_type="supervisory",
        manager_key="b4",
        manager=a_person(4),
    )
    body = text(lea.get("/admin/people/1/"))
    assert "All 3 reporting lines are kept" in body and "Both reporting lines" not in body


def test_personal_data_is_masked_for_engineers_everywhere_on_the_page(client):
    client.force_login(staff("Integration engineer"))
    person = a_person(1, given_name="Noor", family_name="Demir", work_email="noor.demir@meridian.example", employee_number="77553311")
    boss = a_person(2, given_name="Yusuf", family_name="Aydin")
    Person.objects.filter(pk=1).update(manager=boss)
    a_line(person, boss, is_primary=True, why="supervisory lines come first")
    for address in ("/admin/people/1/", "/admin/people/1/facts/work_email/", "/admin/people/1/facts/family_name/"):
        body = text(client.get(address))
        for secret in ("Noor", "Demir", "Yusuf", "noor.demir", "77553311"):
            assert secret not in body, (address, secret)


def test_a_sync_is_rehearsed_first_and_leaves_nothing(lea):
    a_person(1)
    before = (SyncRun.objects.count(), PlannedChange.objects.count(), FactSheet.objects.count())
    body = text(lea.get("/admin/people/1/sync/"))
    assert "1 record as last heard from Workday." in body and "Nothing has been written" in body
    assert (SyncRun.objects.count(), PlannedChange.objects.count(), FactSheet.objects.count()) == before


def test_the_rehearsal_shows_the_account_that_would_be_made(lea):
    a_person(1)
    a_connector("academy")
    body = text(lea.get("/admin/people/1/sync/"))
    assert "create" in body and "Academy" in body and "person1@" in body
    assert "Our number there" in body and "Idnumber" not in body, "fields are named as everywhere, not by their keys"


def test_the_button_starts_a_run_for_this_person_alone(lea):
    a_person(1)
    answer = lea.post("/admin/people/1/sync/")
    run = SyncRun.objects.get()
    assert run.scope == {"people": [1], "reread": True}
    assert answer.status_code == 302 and answer["Location"] == f"/admin/runs/{run.pk}/"


def test_an_approver_may_look_but_not_sync(client):
    client.force_login(staff("Approver"))
    a_person(1)
    assert "Sync this person" not in text(client.get("/admin/people/1/"))
    assert client.get("/admin/people/1/sync/").status_code == 403
