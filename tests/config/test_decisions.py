from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from config.audit.cause import current_cause
from config.audit.models import AuditEntry, Cause
from config.decisions import Decision, Effect
from config.notices.models import Notice
from config.roles.models import User
from config.sentences import sentence
from tests.contracts.decision import DecisionContract

pytestmark = pytest.mark.django_db


class CloseNotice(Decision):
    label = "Close this notice"
    permission = "config.change_notice"
    asks_reason = True
    object_type = "notice"

    def __init__(self, actor: User | None, notice: Notice, made_by: User | None = None) -> None:
        super().__init__(actor)
        self.notice, self.made_by = notice, made_by
        self.seen_cause: Cause | None = None

    @property
    def object_id(self) -> str:
        return str(self.notice.pk)

    @property
    def object_label(self) -> str:
        return self.notice.title

    def author(self) -> User | None:
        return self.made_by

    def state(self) -> Any:
        return {"open": Notice.objects.filter(pk=self.notice.pk, closed_at=None).exists()}

    def preview(self) -> Effect:
        return Effect([sentence("The notice disappears from the list.")], {"notices": 1})

    def carry_out(self, cause: Cause) -> None:
        self.seen_cause = current_cause()
        Notice.objects.filter(pk=self.notice.pk).update(closed_at=timezone.now())


def a_notice() -> Notice:
    now = timezone.now()
    return Notice.objects.create(key="disk", severity="warn", title="The disk is nearly full", first_at=now, last_at=now)


class TestCloseNotice(DecisionContract):
    @pytest.fixture
    def decision(self, entitled: User) -> Decision:
        return CloseNotice(entitled, a_notice())


@pytest.fixture
def boss() -> User:
    return User.objects.create(username="boss", is_superuser=True)


def test_the_entry_carries_the_state_before_and_after(boss: User) -> None:
    cause = CloseNotice(boss, a_notice()).execute("seen")

    entry = AuditEntry.objects.get(cause=cause)
    assert entry.action == "notice.close_notice"
    assert entry.detail.before == {"open": True}
    assert entry.detail.after == {
        "reason": "seen",
        "effect": ["The notice disappears from the list."],
        "counts": {"notices": 1},
        "state": {"open": False},
    }
    assert str(cause) == "Close this notice: The disk is nearly full"


def test_what_is_written_on_the_way_can_point_at_the_decision(boss: User) -> None:
    decision = CloseNotice(boss, a_notice())

    cause = decision.execute("seen")

    assert decision.seen_cause == cause
    assert current_cause() is None


def test_the_second_person_must_be_another_one(boss: User) -> None:
    own = CloseNotice(boss, a_notice(), made_by=boss)

    assert own.refusal() == "Somebody else has to decide this: you made it."
    with pytest.raises(PermissionDenied):
        own.execute("I trust myself")
    assert CloseNotice(boss, a_notice_of("other"), made_by=User.objects.create(username="author")).may()


def a_notice_of(key: str) -> Notice:
    now = timezone.now()
    return Notice.objects.create(key=key, severity="warn", title=key, first_at=now, last_at=now)


def test_a_reason_longer_than_its_field_is_refused_and_nothing_happens(boss: User) -> None:
    decision = CloseNotice(boss, a_notice())
    with pytest.raises(ValidationError, match="at most 500 characters"):
        decision.execute("x" * 501)
    decision.execute("x" * 500)


def test_the_servers_shell_needs_no_permission_and_is_named_rollcall() -> None:
    decision = CloseNotice(None, a_notice())

    assert decision.may()
    assert AuditEntry.objects.get(cause=decision.execute("by the operator")).actor == "Rollcall"
