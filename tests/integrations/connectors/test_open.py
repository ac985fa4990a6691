"""A connector that is asked: within the vendor's limits, guarded, and in production nowhere near a sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import override_settings

from config.errors import AddressRefused, Unavailable
from integrations.connectors.models import Connector, Credential, RequestLog
from integrations.connectors.open import guard, limit_store, opened
from integrations.sandbox.server import running_sandbox
from integrations.vendors.moodle.vendor import Moodle
from integrations.wire.limits import Limiter
from tests.company import MORNING

pytestmark = pytest.mark.django_db


def academy(url: str) -> Connector:
    made = Connector.objects.create(key="academy", name="Academy", vendor="moodle", is_target=True, settings={"base_url": url})
    Credential.objects.create(connector=made, name="token", value="sandbox-moodle-token", set_at=MORNING)
    return made


def test_a_connector_is_called_within_the_limit_of_its_vendor_which_other_processes_share(tmp_path: Path) -> None:
    connector = academy("https://learn.example.com")
    with override_settings(DATA_DIR=tmp_path, REDIS_URL=""):
        with opened(connector) as vendor:
            limiter = vendor.line.limiter
            assert isinstance(limiter, Limiter)
            for _ in range(3):
                limiter.acquire(urgent=True)
        assert (tmp_path / "limits.sqlite3").exists(), "one file for all processes of this machine"
        with opened(connector, urgent=True) as vendor:
            assert vendor.line.urgent
        assert (vendor.limits.per_second, vendor.limits.burst) == (Moodle.limits.per_second, Moodle.limits.burst)
        assert limit_store() is not None


@pytest.mark.servers
def test_what_was_asked_is_logged_also_when_it_failed() -> None:
    with running_sandbox(100, MORNING.date()) as box, override_settings(SANDBOX_HOSTS=[box.host]):
        connector = academy(f"{box.url}/moodle")
        box.faults.set("moodle", server_error=True)
        with pytest.raises(Unavailable) as raised, opened(connector) as vendor:
            vendor.read_back("users", ["1"])
        assert raised.value.connector == "academy"
    row = RequestLog.objects.get(connector=connector)
    assert row.status == 503 and row.method == "POST"


def test_production_calls_no_sandbox_whatever_list_it_was_given() -> None:
    address = "http://127.0.0.1:8001/moodle"
    with override_settings(SANDBOX_HOSTS=["127.0.0.1:8001"]):
        guard().check_url(address)
        with override_settings(PRODUCTION=True), pytest.raises(AddressRefused):
            guard().check_url(address)
