"""What another system answered may name anybody: only roles that see personal data read it, wherever it would stand.

Everybody else reads what happened, by the catalogue of errors, what to do next, and every detail that is a sentence of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from config import clock
from config.errors import CredentialRejected, RequestRefused, RollcallError, TargetRefused, ValueTaken
from config.notices.mail import text_of
from config.notices.models import Notice
from config.say import THEIR_WORDS, is_ours, without_answers
from config.sentences import Sentence, english, quoted, sentence
from identity.people.models import Person
from integrations.connectors.health import Health
from integrations.connectors.issues import report
from integrations.connectors.models import Connector, ConnectorIssue
from integrations.outbound.models import Delivery
from integrations.vendors.base import Step
from syncjobs.explain.diagnosis import diagnosis
from syncjobs.runs.models import RecordOutcome, SyncRun
from tests.rows import a_case, a_connector, a_delivery, a_person, a_record, staff
from tests.syncjobs.pages.run_rows import a_change, a_plan, a_run

pytestmark = pytest.mark.django_db

WORDS = "user Ottilie Fremdling is locked"  # nobody we know: no list of names could mask it
MASKED, FULL = ("Integration engineer", "Approver"), ("L&D admin", "Auditor")
NOT_SHOWN = str(THEIR_WORDS)
Show = Callable[[str, str], str]


@pytest.fixture
def show(client: Client) -> Show:
    def get(role: str, address: str) -> str:
        client.force_login(staff(role))
        answer = client.get(address)
        assert answer.status_code == 200, address
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return unescape(content.decode())

    return get


@pytest.fixture
def person() -> Person:
    return a_person(1)


@pytest.fixture
def dead(person: Person) -> Delivery:
    return a_delivery(person, state="dead", error_code="target_refused", error_detail=WORDS, attempts=1)


@pytest.fixture
def failed(dead: Delivery) -> SyncRun:
    run = a_run(phase="failed", stage="fetch", error_code="credential_rejected", error_detail=WORDS)
    Delivery.objects.filter(pk=dead.pk).update(cause=run.cause)
    plan = a_plan(run, {"academy": {"create": 1}}, "applied")
    a_change(plan, dead.subject_id, "create", target=a_connector("academy"), delivery=dead)
    RecordOutcome.objects.create(run=run, outcome="parked", code="value_invalid", field="work_email", detail=WORDS)
    return run


@pytest.mark.parametrize("role", MASKED)
def test_a_failed_run_says_what_happened_and_what_to_do_and_quotes_nobody(show: Show, failed: SyncRun, role: str) -> None:
    body = show(role, f"/admin/runs/{failed.pk}/")
    assert "Ottilie" not in body and "locked" not in body and NOT_SHOWN in body
    error = CredentialRejected()
    assert error.sentence in body and "Open the connector, replace the secret" in body and error.code in body


@pytest.mark.parametrize("role", FULL)
def test_roles_that_see_personal_data_read_the_words_themselves(show: Show, failed: SyncRun, dead: Delivery, role: str) -> None:
    for address in (f"/admin/runs/{failed.pk}/", f"/admin/deliveries/{dead.pk}/", f"/admin/runs/{failed.pk}/records/"):
        body = show(role, address)
        assert WORDS in body and "may name people" not in body, address


@pytest.mark.parametrize("role", ["Integration engineer"])
def test_a_write_that_failed_and_each_of_its_tries(show: Show, dead: Delivery, role: str) -> None:
    body = show(role, f"/admin/deliveries/{dead.pk}/")
    assert "Ottilie" not in body and body.count("may name people") == 2, "the error, and its one try"
    assert TargetRefused().sentence in body and "retry" in body and "target_refused" in body
    listed = show(role, "/admin/deliveries/")
    assert "Ottilie" not in listed and TargetRefused().sentence in listed


@pytest.mark.parametrize("role", MASKED)
@pytest.mark.parametrize("name", ["run-plan-csv", "run-plan-json", "run-records", "run-plan"])
def test_files_of_the_plan_and_lists_of_records(show: Show, failed: SyncRun, role: str, name: str) -> None:
    assert "Ottilie" not in show(role, reverse(name, args=[failed.pk]))


@pytest.mark.parametrize("role", [*MASKED, *FULL])
def test_the_timeline_of_a_person_tells_the_error_and_not_the_answer(show: Show, dead: Delivery, role: str) -> None:
    body = show(role, f"/admin/people/{dead.subject_id}/?kind=deliveries")
    assert "Ottilie" not in body and TargetRefused().sentence.rstrip(".") in body


@pytest.mark.parametrize("role", ["Integration engineer", "L&D admin"])
def test_the_diagnosis_for_support_holds_codes_for_every_reader(show: Show, failed: SyncRun, role: str) -> None:
    report(a_connector(), RequestRefused(WORDS), clock.now())
    body = show(role, reverse("connector-diagnosis", args=[a_connector().pk]))
    assert "Ottilie" not in body and "request_refused" in body and "credential_rejected" in body
    assert "Ottilie" not in str(diagnosis(a_connector()))


def test_troubles_of_a_connector_and_the_steps_of_a_test(show: Show, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    workday = a_connector()
    report(workday, RequestRefused(WORDS), clock.now())
    tab = f"/admin/connectors/{workday.pk}/"
    assert "Ottilie" not in show("Integration engineer", tab) and WORDS in show("L&D admin", tab)
    ConnectorIssue.objects.update(closed_at=clock.now())
    assert "Ottilie" not in show("Integration engineer", tab) and WORDS in show("L&D admin", tab), "what was mended as well"
    error = CredentialRejected(WORDS)
    asked = Health([Step(sentence("Sign-in"), False, error.detail, error=error)])
    monkeypatch.setattr("integrations.connectors.decisions.ask", lambda _connector: asked)
    for role, is_shown in (("Integration engineer", False), ("L&D admin", True)):
        client.force_login(staff(role))
        body = client.post(f"{tab}test/").content.decode()
        assert (WORDS in body) is is_shown and error.sentence in body and "Next:" in body


def test_what_speaks_for_an_account_that_is_there_already(show: Show, person: Person) -> None:
    case = a_case(a_record(a_connector("academy"), "77", {}), person, kind="already_there")
    case.candidates.update(evidence=[["+", WORDS]])
    address = f"/admin/decisions/{case.pk}/"
    assert "Ottilie" not in show("Integration engineer", address) and WORDS in show("L&D admin", address)


def test_a_mail_leaves_the_house_and_quotes_no_other_system() -> None:
    report(a_connector(), CredentialRejected(WORDS), clock.now())
    report(
        a_connector("academy"),
        CredentialRejected(sentence("the server only takes: %(allowed_types)s", allowed_types=["keys"])),
        clock.now(),
    )
    theirs, ours = (text_of(notice) for notice in Notice.objects.order_by("pk"))
    assert "Ottilie" not in theirs and NOT_SHOWN in theirs and "replace the secret" in theirs
    assert "the server only takes: keys" in ours
    assert not mail.outbox


@pytest.mark.parametrize("role", MASKED)
def test_a_sentence_of_ours_is_read_by_everybody(show: Show, role: str) -> None:
    told = sentence("there is no column %(absent)s; the file has %(found)s", absent=["“Vorname”"], found=["Name"])
    run = a_run(phase="failed", stage="fetch", error_code="source_field_missing", error_detail=told)
    lapsed = a_run(phase="cancelled", error_detail=sentence("nobody decided in time; nothing was changed"))
    assert "there is no column “Vorname”; the file has Name" in show(role, f"/admin/runs/{run.pk}/")
    assert "Nobody decided in time; nothing was changed" in show(role, f"/admin/runs/{lapsed.pk}/")


def test_an_answer_inside_a_sentence_of_ours_is_told_apart_from_it() -> None:
    kept = ValueTaken(sentence("%(what)s (%(whose)s)", what=quoted(WORDS), whose=[Sentence("on leave")])).detail
    assert WORDS in english(kept)
    told = without_answers(kept)
    assert "Ottilie" not in told and NOT_SHOWN in told and "on leave" in told
    inner = quoted(sentence("there is no Moodle id to change"))
    assert "there is no Moodle id to change" in without_answers(sentence("%(what)s (%(whose)s)", what=inner, whose="x"))


@pytest.mark.parametrize("error", [CredentialRejected(WORDS), RequestRefused(WORDS)])
def test_what_is_kept_of_an_error_knows_which_words_are_not_ours(error: RollcallError) -> None:
    assert WORDS in english(error.kept) and error.sentence in without_answers(error.kept) and "Ottilie" not in without_answers(error.kept)


@pytest.mark.parametrize(
    ("stored", "ours"),
    [
        (sentence("not approved"), True),
        (sentence("page %(page)s of %(pages)s is empty", page=1, pages=2), True),
        (sentence("%(n)s person waits: %(why)s", "%(n)s people wait: %(why)s", n=2, why="x"), False),
        (WORDS, False),
        (f"{WORDS}␟{{}}", False),
        ("", False),
    ],
)
def test_ours_is_what_the_catalogue_of_sentences_holds(stored: str, ours: bool) -> None:
    assert is_ours(stored) is ours


def test_a_long_answer_is_shortened_and_still_told_apart() -> None:
    kept = sentence("%(what)s (%(whose)s)", what=quoted(f"{WORDS} " * 60), whose="x")
    assert len(kept) <= 500 and "Ottilie" in english(kept) and "Ottilie" not in without_answers(kept)


def test_connectors_know_their_words_also_in_german(client: Client, failed: SyncRun) -> None:
    client.force_login(staff("Integration engineer"))
    body = client.get(f"/admin/runs/{failed.pk}/", headers={"accept-language": "de"}).content.decode()
    assert "Die eigenen Worte des anderen Systems" in body and "Ottilie" not in body
    assert Connector.objects.exists()
