from __future__ import annotations

import json
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from config.audit.models import AuditEntry
from config.key_rotation import NEWEST, OLDER, UNREADABLE, count_by_key
from integrations.connectors.models import Connector, Credential

pytestmark = pytest.mark.django_db

OLD, NEW, STRANGE = (Fernet.generate_key().decode() for _ in range(3))
PLACE = "integrations.Credential.value"


@pytest.fixture
def three_secrets() -> None:
    connector = Connector.objects.create(key="workday", name="Workday", vendor="workday")
    with override_settings(FIELD_KEYS=[OLD]):
        for name in ("password", "token", "key"):
            Credential.objects.create(connector=connector, name=name, value=f"the {name}", set_at=timezone.now())


def run(name: str, *arguments: str) -> dict[str, object]:
    out = StringIO()
    call_command(name, "--json", *arguments, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.usefixtures("three_secrets")
def test_rotating_puts_every_secret_under_the_newest_key_so_that_the_old_one_can_go() -> None:
    with override_settings(FIELD_KEYS=[NEW, OLD]):
        assert run("secrets_status")["data"] == {PLACE: {OLDER: 3}}
        assert run("rotate_secrets")["data"] == {OLDER: 3}
        assert run("secrets_status")["data"] == {PLACE: {NEWEST: 3}}
    with override_settings(FIELD_KEYS=[NEW]):
        assert sorted(Credential.objects.values_list("value", flat=True)) == ["the key", "the password", "the token"]


@pytest.mark.usefixtures("three_secrets")
def test_rotating_is_in_the_trail_and_shows_nothing() -> None:
    with override_settings(FIELD_KEYS=[NEW, OLD]):
        run("rotate_secrets")

    entry = AuditEntry.objects.get(action="secrets.rotated")
    assert entry.detail.after == {OLDER: 3}


@pytest.mark.usefixtures("three_secrets")
def test_a_second_rotation_finds_nothing_to_do() -> None:
    with override_settings(FIELD_KEYS=[NEW, OLD]):
        run("rotate_secrets")
        before = set(Credential.objects.values_list("pk", "set_at"))
        assert run("rotate_secrets")["data"] == {NEWEST: 3}

    assert AuditEntry.objects.filter(action="secrets.rotated").count() == 1
    assert set(Credential.objects.values_list("pk", "set_at")) == before


@pytest.mark.usefixtures("three_secrets")
def test_a_dry_run_changes_nothing() -> None:
    with override_settings(FIELD_KEYS=[NEW, OLD]):
        run("rotate_secrets", "--dry-run")
        assert count_by_key()[PLACE] == {OLDER: 3}


@pytest.mark.usefixtures("three_secrets")
@pytest.mark.parametrize("command", ["secrets_status", "rotate_secrets"])
def test_a_secret_that_no_key_opens_is_counted_left_alone_and_ends_with_five(command: str) -> None:
    with override_settings(FIELD_KEYS=[STRANGE]):
        with pytest.raises(CommandError) as raised:
            call_command(command, stdout=StringIO())
        assert count_by_key()[PLACE] == {UNREADABLE: 3}

    assert raised.value.returncode == 5


def test_an_installation_without_secrets_says_so() -> None:
    out = StringIO()

    call_command("secrets_status", stdout=out)

    assert out.getvalue() == "No secrets are stored.\n"
