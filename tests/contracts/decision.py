"""What every Decision must survive. A test module binds it in a few lines:

    class TestPauseConnector(DecisionContract):
        @pytest.fixture
        def decision(self, entitled): return PauseConnector(entitled, make_connector())

The actor of `decision` must be `entitled`; `reason` is what is given as the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from config.audit.chain import verify
from config.audit.models import AuditEntry, Cause, CauseKind
from config.decisions import Decision, Effect
from config.reference import all_permissions
from config.roles.models import User
from config.say import neutral
from config.sentences import Sentence, english

WRITES = ("INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE")


def row_counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.django_db
class DecisionContract:
    """Inherit, give `decision`; permission, preview, reason, trail and roll-back are tested."""

    reason = "because the test says so"

    @pytest.fixture
    def entitled(self) -> User:
        return User.objects.create(username="entitled", is_superuser=True)

    @pytest.fixture
    def decision(self, entitled: User) -> Iterator[Decision]:
        raise AssertionError("bind a decision")

    def test_it_has_a_label_and_a_permission_that_exists(self, decision: Decision) -> None:
        assert str(decision.label)
        assert decision.permission in all_permissions()

    def test_it_names_what_it_is_about(self, decision: Decision) -> None:
        assert decision.object_type and decision.object_id
        assert len(decision.object_type) <= 40 and len(decision.object_id) <= 64 and len(decision.action) <= 60

    def test_the_preview_says_something_and_writes_nothing(self, decision: Decision) -> None:
        with CaptureQueriesContext(connection) as queries:
            effect = decision.preview()

        assert isinstance(effect, Effect)
        assert effect.sentences and all(str(sentence) for sentence in effect.sentences)
        assert effect.danger >= 0 and all(count >= 0 for count in effect.counts.values())
        assert [query["sql"] for query in queries if query["sql"].lstrip().startswith(WRITES)] == []

    def test_without_the_permission_it_is_refused_and_nothing_happens(self, decision: Decision) -> None:
        decision.actor = User.objects.create(username="stranger", is_staff=True)
        before = row_counts()

        assert not decision.may() and decision.refusal()
        with pytest.raises(PermissionDenied):
            decision.execute(self.reason)

        assert row_counts() == before

    def test_the_permission_alone_is_enough(self, decision: Decision) -> None:
        app, codename = decision.permission.split(".")
        holder = User.objects.create(username="holder", is_staff=True)
        holder.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
        decision.actor = holder

        assert decision.may()

    def test_a_login_that_was_switched_off_decides_nothing(self, decision: Decision) -> None:
        decision.actor = User.objects.create(username="gone", is_superuser=True, is_active=False)

        assert not decision.may()

    def test_a_reason_is_asked_where_it_says_so(self, decision: Decision) -> None:
        before = row_counts()

        if decision.asks_reason:
            with pytest.raises(ValidationError):
                decision.execute("   ")
            assert row_counts() == before
        else:
            assert decision.execute("").reason == ""

    def test_executing_leaves_one_cause_and_one_entry_in_an_intact_trail(self, decision: Decision) -> None:
        causes = set(Cause.objects.values_list("pk", flat=True))

        cause = decision.execute(self.reason)

        decided = Cause.objects.exclude(pk__in=causes).filter(kind=CauseKind.DECISION)
        assert cause in decided and str(cause).startswith(str(decision.label))
        assert (cause.actor, cause.reason) == (decision.actor, self.reason)
        entry = AuditEntry.objects.get(cause=cause, action=decision.action)
        assert (entry.object_type, entry.object_id, entry.actor) == (decision.object_type, decision.object_id, str(decision.actor))
        assert entry.detail.after["reason"] == self.reason
        assert entry.detail.after["effect"]
        assert verify().is_intact

    def test_what_is_kept_of_it_is_in_no_language(self, decision: Decision) -> None:
        with translation.override("en"):
            sentences = decision.preview().sentences
            wanted = neutral(decision.label), [english(line) for line in sentences]

        with translation.override("de"):
            cause = decision.execute(self.reason)

        kept = AuditEntry.objects.get(cause=cause, action=decision.action).detail.after["effect"]
        assert all(isinstance(line, Sentence) for line in sentences)
        assert (english(cause.label).partition(": ")[0], [english(line) for line in kept]) == wanted

    def test_a_failure_on_the_way_leaves_nothing(self, decision: Decision) -> None:
        before = row_counts()
        carry_out = decision.carry_out

        def fail_at_the_end(cause: Cause) -> None:
            carry_out(cause)
            raise RuntimeError("the power went")

        with patch.object(decision, "carry_out", fail_at_the_end), pytest.raises(RuntimeError):
            decision.execute(self.reason)

        assert row_counts() == before
