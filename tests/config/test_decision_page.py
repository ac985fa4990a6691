"""The page of a Decision: preview without effect, a reason where one is asked for, and words for whatever goes wrong."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.test import RequestFactory

from config.audit.models import Cause
from config.decision_page import decide
from config.decisions import Decision, Effect
from config.errors import PlanStale
from config.roles.models import User

pytestmark = pytest.mark.django_db


class SendFlowers(Decision):
    label = "Send flowers"
    permission = "config.view_user"
    asks_reason = True
    object_type = "bouquet"
    sent: ClassVar[list[str]] = []
    fails = False
    danger = 0

    @property
    def object_id(self) -> str:
        return "1"

    @property
    def object_label(self) -> str:
        return "Jane Doe"

    def preview(self) -> Effect:
        return Effect(["One bouquet is sent."], {"roses": 1200}, self.danger)

    def carry_out(self, cause: Cause) -> None:
        if self.fails:
            raise PlanStale
        self.sent.append(cause.reason)


@pytest.fixture(autouse=True)
def _nothing_sent_yet():
    SendFlowers.sent.clear()


@pytest.fixture
def boss():
    return User.objects.create(username="boss", is_staff=True, is_superuser=True)


def ask(user: User, decision: Decision, **form: str) -> tuple[Any, list[str]]:
    request = RequestFactory().post("/admin/x/", form) if form else RequestFactory().get("/admin/x/")
    request.user = user
    SessionMiddleware(lambda _request: None).process_request(request)
    MessageMiddleware(lambda _request: None).process_request(request)
    answer = decide(request, decision, back="/admin/back/")
    return (answer.render() if hasattr(answer, "render") else answer), [str(message) for message in get_messages(request)]


def test_looking_shows_what_would_happen_and_does_nothing(boss):
    answer, _said = ask(boss, SendFlowers(boss))
    page = answer.content.decode()
    assert "One bouquet is sent." in page
    assert "1,200" in page
    assert not SendFlowers.sent


def test_deciding_carries_out_says_so_and_goes_back(boss):
    answer, said = ask(boss, SendFlowers(boss), reason="her birthday")
    assert SendFlowers.sent == ["her birthday"]
    assert answer["Location"] == "/admin/back/"
    assert said == ["Done: Send flowers · Jane Doe"]


def test_a_missing_reason_comes_back_tied_to_the_field(boss):
    answer, _said = ask(boss, SendFlowers(boss), reason=" ")
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'aria-describedby="decide-error"' in page
    assert "Please give a reason" in page
    assert not SendFlowers.sent


def test_who_may_not_sees_why_and_gets_no_button():
    plain = User.objects.create(username="plain", is_staff=True)
    answer, _said = ask(plain, SendFlowers(plain), reason="please")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Your role does not allow this." in page
    assert "rc-decide" not in page
    assert not SendFlowers.sent


def test_what_cannot_be_done_any_more_is_said_with_the_next_step(boss):
    decision = SendFlowers(boss)
    decision.fails = True
    answer, said = ask(boss, decision, reason="her birthday")
    assert answer["Location"] == "/admin/back/"
    assert said == [f"{PlanStale()} {PlanStale.next_step}"]


def test_a_dangerous_decision_says_for_how_many(boss):
    decision = SendFlowers(boss)
    decision.danger = 212
    page = ask(boss, decision)[0].content.decode()
    assert "212 people would lose something" in page
    assert "rc-stop" in page


def test_the_browser_tab_does_not_name_the_person(boss):
    page = ask(boss, SendFlowers(boss))[0].content.decode()
    assert "<title>Send flowers · Rollcall</title>" in page
