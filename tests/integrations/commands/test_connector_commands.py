"""check_vendor and set_secret: a connector is brought to work from the shell alone."""

from __future__ import annotations

import pytest

from config import clock
from config.audit.models import AuditDetail, AuditEntry
from integrations.connectors.models import Connector, Credential
from integrations.sandbox.server import running_sandbox
from tests.answers import answer, run_command
from tests.rows import a_connector

pytestmark = [pytest.mark.django_db, pytest.mark.servers]


@pytest.fixture
def academy(settings):
    with running_sandbox(100, clock.today(), now=clock.now, vendors=("moodle",)) as box:
        settings.SANDBOX_HOSTS = [box.host]
        yield a_connector("academy", settings={"base_url": box.address("moodle"), "auth": "oidc"})


def set_secret(monkeypatch: pytest.MonkeyPatch, value: str, name: str = "token") -> tuple[int, dict]:
    return answer("set_secret", "academy", name, stdin=f"{value}\n", monkeypatch=monkeypatch)


def test_a_connection_is_five_until_its_secret_is_right_and_then_zero(academy: Connector, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = answer("check_vendor", "academy")
    assert code == 5 and said["errors"] and not all(step["ok"] for step in said["data"]["steps"])
    set_secret(monkeypatch, "wrong")
    code, said = answer("check_vendor", "academy")
    failed = next(step for step in said["data"]["steps"] if not step["ok"])
    assert code == 5 and failed["error"]["owner"] == "it" and failed["error"]["next_step"]
    assert set_secret(monkeypatch, "moodle-demo-token")[0] == 0
    code, said = answer("check_vendor", "academy")
    assert code == 0 and said["errors"] == [] and len(said["data"]["steps"]) > 2
    assert run_command("check_vendor", "academy")[1].startswith("ok ")


def test_a_connector_that_is_none_is_two() -> None:
    assert answer("check_vendor", "nowhere")[0] == 2


def test_a_secret_from_the_shell_is_encrypted_audited_and_shown_nowhere(academy: Connector, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = set_secret(monkeypatch, "moodle-demo-token")
    assert code == 0 and "moodle-demo-token" not in str(said)
    assert Credential.objects.get(connector=academy, name="token").value == "moodle-demo-token"
    assert AuditEntry.objects.filter(action="connector.rotate_credential").count() == 1
    assert "moodle-demo-token" not in str(list(AuditDetail.objects.values_list("before", "after")))


@pytest.mark.parametrize(("name", "value"), [("base_url", "x"), ("nonsense", "x"), ("token", ""), ("token", "  ")])
def test_what_is_no_secret_or_empty_is_two(academy: Connector, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert set_secret(monkeypatch, value, name)[0] == 2 and not Credential.objects.exists()
