from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from config.audit.cause import because
from config.audit.models import AuditEntry
from config.audit.record import record

pytestmark = pytest.mark.django_db


def three_entries() -> None:
    with transaction.atomic():
        cause = because("system", "a test")
        for number in range(3):
            record(cause, "thing.changed", "thing", number)


def test_an_intact_trail_answers_in_a_sentence_and_in_json() -> None:
    three_entries()
    text, as_json = StringIO(), StringIO()

    call_command("verify_audit", stdout=text)
    call_command("verify_audit", "--json", stdout=as_json)

    assert "3 entries checked, the trail is intact" in text.getvalue()
    answer = json.loads(as_json.getvalue())
    assert (answer["ok"], answer["data"]["checked"], answer["errors"]) == (True, 3, [])


def test_a_broken_trail_ends_with_seven_and_names_the_entry() -> None:
    three_entries()
    AuditEntry.objects.filter(pk=2).update(action="thing.hidden")
    out = StringIO()

    with pytest.raises(CommandError) as raised:
        call_command("verify_audit", "--json", stdout=out)

    assert raised.value.returncode == 7
    answer = json.loads(out.getvalue())
    assert answer["ok"] is False
    assert answer["data"]["first_broken"] == 2
    assert "entry 2" in answer["errors"][0]


def test_missing_triggers_are_said() -> None:
    out = StringIO()

    call_command("verify_audit", stdout=out)

    assert "triggers" in out.getvalue()
