from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from config.audit.cause import acting_because, because
from config.audit.chain import verify
from config.audit.models import AuditEntry, CauseKind
from config.roles.models import User
from integrations.connectors.models import Connector, Credential

pytestmark = pytest.mark.django_db


def a_connector() -> Connector:
    return Connector.objects.create(key="workday", name="Workday", vendor="workday", settings={"tenant": "meridian"})


def test_a_new_setting_enters_the_trail_with_all_its_fields() -> None:
    connector = a_connector()

    entry = AuditEntry.objects.get(action="connector.added")
    assert (entry.object_type, entry.object_id) == ("connector", str(connector.pk))
    assert entry.detail.before is None
    assert entry.detail.after["settings"] == {"tenant": "meridian"}
    assert entry.cause.kind == CauseKind.SETTING


def test_a_changed_setting_enters_the_trail_with_what_differs_only() -> None:
    connector = a_connector()
    connector.name = "Workday EU"
    connector._history_user = User.objects.create(username="lena", first_name="Lena")
    connector._change_reason = "two tenants now"
    connector.save()

    entry = AuditEntry.objects.get(action="connector.changed")
    assert (entry.detail.before, entry.detail.after) == ({"name": "Workday"}, {"name": "Workday EU"})
    assert (entry.actor, entry.cause.reason) == ("Lena", "two tenants now")


def test_saving_without_a_change_leaves_no_entry() -> None:
    a_connector().save()

    assert AuditEntry.objects.count() == 1


def test_a_removed_setting_keeps_its_last_values() -> None:
    connector = a_connector()
    connector.delete()

    entry = AuditEntry.objects.get(action="connector.removed")
    assert entry.detail.before["name"] == "Workday"
    assert entry.detail.after is None


def test_inside_a_decision_the_change_points_at_the_decision() -> None:
    with transaction.atomic():
        cause = because("decision", "the connector is set up")
        with acting_because(cause):
            a_connector()

    assert AuditEntry.objects.get().cause == cause


def test_a_secret_never_reaches_the_trail() -> None:
    connector = a_connector()
    Credential.objects.create(connector=connector, name="password", value="hunter2-hunter2", set_at=timezone.now())

    assert "hunter2" not in str(list(AuditEntry.objects.values_list("detail__before", "detail__after", "detail__label")))
    assert verify().is_intact
