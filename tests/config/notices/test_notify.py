from __future__ import annotations

import threading
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection, transaction

from config.notices import mail as notice_mail
from config.notices.mail import recipients, send_waiting
from config.notices.models import Notice
from config.notices.notify import close, notify
from config.roles.catalogue import APPROVER, AUDITOR, IT, LND, Role
from config.roles.models import User
from config.sentences import sentence


def member(role: Role, name: str, **fields: object) -> User:
    user = User.objects.create(username=name, email=f"{name}@example.com", **fields)
    user.groups.add(Group.objects.get(name=role.name))
    return user


class BrokenConnection:
    """A mail server that refuses everything."""

    def __init__(self, **_: object) -> None:
        pass

    def send_messages(self, _: object) -> int:
        raise ConnectionRefusedError("no mail server here")


@pytest.fixture(autouse=True)
def mail_works_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice_mail, "_quiet_until", 0.0)


@pytest.fixture
def staff(db: None) -> None:
    member(IT, "ines")
    member(LND, "lars")
    member(AUDITOR, "anna")
    member(IT, "gone", is_active=False)


def held(**changes: Any) -> Notice:
    said = {"body": "31 people would be deactivated", "next_step": "Open the run.", "link": "/admin/runs/7/", "owner": "lnd"} | changes
    return notify("run.held:workday", "bad", "Workday: the run is held", **said)


@pytest.mark.django_db(transaction=True)
def test_a_new_situation_is_mailed_once_to_the_role_that_owns_it(staff: None) -> None:
    for _ in range(3):
        held()

    assert Notice.objects.get().count == 3
    assert len(mail.outbox) == 1
    message = mail.outbox[0]
    assert message.bcc == ["lars@example.com"]
    assert message.subject == "[Rollcall] Workday: the run is held"
    assert "Next step: Open the run." in message.body
    assert "http://127.0.0.1:8000/admin/runs/7/" in message.body


@pytest.mark.django_db
def test_a_plan_that_waits_is_told_to_those_who_decide_and_those_whose_people_they_are(staff: None) -> None:
    member(APPROVER, "ada", language="de")
    assert recipients("approver") == {"de": ["ada@example.com"], "en": ["lars@example.com"]}


@pytest.mark.django_db(transaction=True)
def test_the_newest_words_and_severity_stand(staff: None) -> None:
    held()

    notice = notify("run.held:workday", "warn", "Workday: 5 people wait", owner="lnd")

    assert (notice.title, notice.severity, notice.count) == ("Workday: 5 people wait", "warn", 2)
    assert notice.last_at > notice.first_at


@pytest.mark.django_db(transaction=True)
def test_what_comes_back_after_it_was_over_is_a_new_notice_with_a_new_mail(staff: None) -> None:
    held()
    assert close("run.held:workday") == 1
    held()

    assert Notice.objects.count() == 2
    assert len(mail.outbox) == 2


@pytest.mark.django_db
def test_closing_what_is_not_open_is_no_mistake() -> None:
    assert close("never.seen") == 0


@pytest.mark.django_db(transaction=True)
def test_nothing_is_mailed_for_a_transaction_that_was_rolled_back(staff: None) -> None:
    with transaction.atomic():
        held()
        assert mail.outbox == []
        transaction.set_rollback(True)

    assert mail.outbox == []
    assert not Notice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_is_down_raises_nothing_and_the_mail_is_sent_later(staff: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(notice_mail, "get_connection", BrokenConnection)
        notice = held()
    notice.refresh_from_db()
    assert notice.mailed_at is None

    assert send_waiting() == 0  # this process leaves mail alone for a minute
    monkeypatch.setattr(notice_mail, "_quiet_until", 0.0)
    assert send_waiting() == 1
    assert send_waiting() == 0

    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_after_one_failure_the_mail_server_is_left_alone_for_a_while(staff: None, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    class Counting(BrokenConnection):
        def send_messages(self, _: object) -> int:
            tried.append(1)
            raise TimeoutError

    monkeypatch.setattr(notice_mail, "get_connection", Counting)
    for number in range(5):
        notify(f"thing:{number}", "bad", "something", owner="it")

    assert len(tried) == 1


@pytest.mark.django_db(transaction=True)
def test_a_title_with_a_line_break_cannot_forge_a_mail_header(staff: None) -> None:
    notify("odd", "warn", "a\nBcc: victim@example.com", owner="it")

    assert mail.outbox[0].subject == "[Rollcall] a Bcc: victim@example.com"


def test_a_notice_without_owner_goes_to_it_and_to_learning(staff: None) -> None:
    assert recipients("") == {"en": ["ines@example.com", "lars@example.com"]}
    assert recipients("it") == {"en": ["ines@example.com"]}
    assert recipients("source") == {"en": ["lars@example.com"]}


@pytest.mark.django_db(transaction=True)
def test_with_nobody_to_mail_the_notice_still_stands_on_the_screen() -> None:
    held()

    assert Notice.objects.get().mailed_at is None
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_the_same_situation_seen_by_four_at_once_is_one_notice_and_one_mail(staff: None) -> None:
    errors: list[BaseException] = []

    def see() -> None:
        try:
            held()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    seers = [threading.Thread(target=see) for _ in range(4)]
    for seer in seers:
        seer.start()
    for seer in seers:
        seer.join(30)

    assert errors == []
    assert Notice.objects.get().count == 4
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_everybody_is_written_to_in_their_own_language(staff: None) -> None:
    member(LND, "petra", language="de")

    notify(
        "run.late:workday",
        "warn",
        sentence("%(name)s is late: a scheduled run is missing", name="Workday"),
        next_step=sentence("Open the connector: the last run says what stopped it. Check that worker and beat are running."),
        owner="lnd",
    )

    german, english = mail.outbox
    assert (german.bcc, english.bcc) == (["petra@example.com"], ["lars@example.com"])
    assert german.subject == "[Rollcall] Workday ist verspätet: ein geplanter Lauf fehlt"
    assert "Nächster Schritt: Öffnen Sie die Anbindung" in german.body
    assert english.subject == "[Rollcall] Workday is late: a scheduled run is missing"
    assert "Next step: Open the connector" in english.body
