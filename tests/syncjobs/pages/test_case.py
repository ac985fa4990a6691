from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache

from config import clock
from config.sentences import english
from identity.cases.models import Case, Verdict
from identity.organisation.models import PrimaryChoice
from identity.people.models import Link, Replan
from tests.cost import cost
from tests.rows import a_case, a_connector, a_delivery, a_line, a_person, a_record, staff
from tests.syncjobs.pages.run_rows import a_held_run, a_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea(client):
    client.force_login(staff())
    return client


@pytest.fixture
def duplicate():
    person = a_person(1, given_name="Sofia", job_title="Editor")
    kept = a_record(a_connector("bamboohr"), "b9", {"given_name": "Stellan", "family_name": "Family1", "job_title": "Editor"})
    return a_case(kept, person)


def address(case: Case) -> str:
    return f"/admin/decisions/{case.pk}/"


def test_the_sides_stand_beside_each_other_with_equal_rows_folded(lea, duplicate):
    answer = lea.get(address(duplicate))
    rows = {str(row.label): row for row in answer.context["sides"].rows}
    assert rows["First name"].cells == ("Stellan", "Sofia") and not rows["First name"].is_equal
    assert rows["Job title"].is_equal and rows["Last name"].is_equal
    assert [str(column.label) for column in answer.context["sides"].columns] == ["Bamboohr: in question", "Workday"]


def test_evidence_and_consequences_stand_before_the_button(lea, duplicate):
    body = lea.get(address(duplicate)).content.decode()
    assert "same work e-mail" in body and "different employee numbers" in body
    assert "The record is joined to Sofia Family1." in body and "becomes a person of its own" in body
    assert 'value="same:1"' in body and 'value="new"' in body


def test_same_person_joins_the_record_and_goes_on_to_the_next_question(lea, duplicate):
    following = a_case(a_record(a_connector("bamboohr"), "b10", {}), a_person(2))
    answer = lea.post(address(duplicate), {"answer": "same:1", "reason": "spoke to her"})
    assert answer["Location"] == address(following)
    assert Link.objects.filter(record=duplicate.record, person=1, method="decision").exists()
    assert Case.objects.get(pk=duplicate.pk).state == "linked"


def test_after_the_last_question_the_list_is_shown(lea, duplicate):
    answer = lea.post(address(duplicate), {"answer": "new", "reason": "two people"})
    assert answer["Location"] == "/admin/decisions/"
    assert Verdict.objects.get(record=duplicate.record).person is None


def test_without_a_reason_nothing_happens_and_the_page_says_so(lea, duplicate):
    answer = lea.post(address(duplicate), {"answer": "same:1", "reason": "  "})
    assert answer.status_code == 400 and "Please give a reason" in answer.content.decode()
    assert Case.objects.get(pk=duplicate.pk).state == "open"


@pytest.mark.parametrize("answer", ["", "same:2", "same:99", "manager:1", "merge"])
def test_an_answer_that_is_none_of_the_buttons_is_refused(lea, duplicate, answer):
    a_person(2)
    assert lea.post(address(duplicate), {"answer": answer, "reason": "x"}).status_code == 400
    assert Case.objects.get(pk=duplicate.pk).state == "open"


def test_two_people_answering_at_once_is_told_to_the_second(lea, duplicate):
    lea.post(address(duplicate), {"answer": "same:1", "reason": "first"})
    answer = lea.post(address(duplicate), {"answer": "new", "reason": "second"}, follow=True)
    assert "Somebody answered this question in the meantime; that answer stands." in answer.content.decode()
    assert Verdict.objects.get(record=duplicate.record).person_id == 1


def test_later_puts_the_question_away_until_a_day(lea, duplicate):
    day = clock.today() + timedelta(days=3)
    lea.post(address(duplicate) + "later/", {"until": day.isoformat(), "reason": "HR looks into it"})
    case = Case.objects.get(pk=duplicate.pk)
    assert (case.state, case.deferred_until) == ("deferred", day)
    assert not lea.get("/admin/decisions/").context["cases"]


@pytest.mark.parametrize("until", ["", "yesterday", "2020-01-01", "2026-02-31"])
def test_a_day_that_is_past_or_none_is_refused(lea, duplicate, until):
    answer = lea.post(address(duplicate) + "later/", {"until": until, "reason": "x"})
    assert answer.status_code == 400 and "Choose a day after today" in answer.content.decode()
    answer = lea.post(address(duplicate) + "later/", {"until": "9999-12-31", "reason": "x"})
    assert answer.status_code == 400 and "Choose a day within a year" in answer.content.decode()


def test_an_account_that_is_there_is_compared_with_what_we_would_write(lea):
    person = a_person(1, given_name="Jane", family_name="Doe", username="jane.doe", work_email="jane.doe@meridian.example")
    held = {"username": "jane.doe", "firstname": "Jane", "lastname": "Roe", "idnumber": "10001", "email": "jane.doe@meridian.example"}
    case = a_case(a_record(a_connector("academy"), "4", held), person, kind="already_there")
    answer = lea.get(address(case))
    rows = {str(row.label): row for row in answer.context["sides"].rows}
    assert rows["Last name"].cells == ("Roe", "Doe") and not rows["Last name"].is_equal
    assert rows["Our person number"].cells == ("10001", "P-000001")
    assert rows["Work e-mail"].is_equal
    assert "stays as it is and is never touched" in answer.content.decode()


def test_somebody_else_with_the_same_name_says_what_blocks_and_who_acts_before_and_after_the_answer(lea):
    person = a_person(1, given_name="Marco", family_name="Rossi", username="marco.rossi", work_email="marco.rossi@meridian.example")
    theirs = a_record(a_connector("academy"), "7", {"username": "marco.rossi", "firstname": "Marco Antonio"}, login_key="marco.rossi")
    case = a_case(theirs, person, kind="already_there")
    body = lea.get(address(case)).content.decode()
    assert "no account can be made yet" in body and "Whoever keeps the source" in body and "account of their own" not in body

    answer = lea.post(address(case), {"answer": "new", "reason": "another Marco"}, follow=True)
    assert "somebody else has the name in Academy" in answer.content.decode()
    answered = Case.objects.get(pk=case.pk)
    assert answered.cause is not None and english(answered.cause.label).startswith("Somebody else:"), "the trail says what the button said"
    a_delivery(person, "create", "dead", error_code="value_taken")
    page = lea.get(f"/admin/people/{person.pk}/").content.decode()
    assert "Give this person another one at the source" in page


def test_between_two_managers_one_is_chosen_and_the_answer_is_kept(lea):
    person, first, second = a_person(1), a_person(2), a_person(3)
    a_line(person, first), a_line(person, second), a_line(person, a_person(4), "matrix")
    kept = Link.objects.get(person=person).record
    case = a_case(kept, person, kind="manager_tie", question="Which of 2 managers is the primary one?")
    body = lea.get(address(case)).content.decode()
    assert 'value="manager:2"' in body and 'value="manager:3"' in body and 'value="manager:4"' not in body
    lea.post(address(case), {"answer": "manager:3", "reason": "line manager"})
    assert PrimaryChoice.objects.get(person=person).manager == second
    assert Replan.objects.filter(person=person, is_urgent=True).exists()
    assert Case.objects.get(pk=case.pk).state == "linked"


def test_an_auditor_reads_questions_and_answers_none(client, duplicate):
    client.force_login(staff("Auditor"))
    body = client.get(address(duplicate)).content.decode()
    assert "answers none" in body and 'name="answer"' not in body
    assert client.post(address(duplicate), {"answer": "new", "reason": "x"}).status_code == 403
    assert Case.objects.get(pk=duplicate.pk).state == "open"


def test_the_list_says_first_how_many_plans_and_questions_wait(lea, duplicate):
    a_held_run()
    assert "1 plan was stopped. 1 question waits;" in lea.get("/admin/decisions/").content.decode()


def test_whoever_may_not_see_questions_is_told_so_and_is_shown_no_number_of_them(client, duplicate):
    cache.clear()
    client.force_login(staff("Approver"))
    a_run()
    body = client.get("/admin/decisions/").content.decode()
    assert "questions about people are for others" in body and "No plan waits for a decision" in body
    assert "Nothing to decide" not in body and "No question waits" not in body
    home = client.get("/admin/")
    entry = next(link for group in home.context["navigation"] for link in group.links if link.key == "decisions")
    kpi = next(one for one in home.context["kpis"] if str(one.label) == "Waiting for a decision")
    assert (entry.count, kpi.value) == ("", "0"), "the number would lead to a page that shows nothing"


def test_engineers_see_questions_without_names(client):
    client.force_login(staff("Integration engineer"))
    person = a_person(1, given_name="Noor", family_name="Demir", work_email="noor@meridian.example")
    kept = a_record(a_connector("bamboohr"), "b9", {"given_name": "Noor", "family_name": "Demir"})
    case = a_case(kept, person, question="Is this Noor Demir?")
    for page in ("/admin/decisions/", address(case)):
        body = client.get(page).content.decode()
        assert "Noor" not in body and "noor@" not in body and "N•••" in body


def test_the_queue_and_the_case_cost_the_same_with_more_of_everything(lea):
    case = a_case(a_record(a_connector("bamboohr"), "b0", {"given_name": "A"}), a_person(1))
    few = cost(lea, "/admin/decisions/"), cost(lea, address(case))
    for number in range(2, 8):
        person = a_person(number)
        a_case(a_record(a_connector("bamboohr"), f"b{number}", {}), person)
        case.candidates.create(person=person, evidence=[["+", "same work e-mail"]])
    many = cost(lea, "/admin/decisions/"), cost(lea, address(case))
    assert many == few
