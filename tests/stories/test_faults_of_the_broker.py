"""Redis emptied and taken away from a real worker in the middle of its work: the end is that of a history nobody disturbed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings

from config import bell
from tests.config.test_pulse import eventually
from tests.disturbed import Fault, history, must_be_equal, pages_read, waits_for_approval, written
from tests.servers import PrivateRedis, a_worker, private_redis

pytestmark = [pytest.mark.redis_server, pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateRedis]:
    """A broker of our own, which this process rings too."""
    with private_redis() as server:
        with override_settings(REDIS_URL=server.url, CELERY_BROKER_URL=server.url.replace("unix://", "redis+socket://")):
            monkeypatch.setattr(bell, "_silent_until", 0.0)
            yield server


def heard(folder: Path) -> int:
    """How many rings the worker has answered."""
    return (folder / "worker.log").read_text().count("syncjobs.work_urgent")


def test_a_broker_emptied_stopped_and_started_again_in_the_middle_changes_nothing(tmp_path: Path, broker: PrivateRedis) -> None:
    calm = history(tmp_path / "calm", broker.url)
    call_command("flush", verbosity=0, interactive=False)

    disturbed = history(
        tmp_path / "disturbed",
        broker.url,
        first=[
            Fault(pages_read(2), broker.flush),
            Fault(pages_read(4), broker.shut_down),  # and the run goes on without it
            Fault(waits_for_approval, broker.start),
            Fault(written(1), broker.flush),
            Fault(written(100), broker.shut_down),
        ],
        second=[Fault(lambda run: run.stage != "fetch", broker.start)],
    )

    must_be_equal(disturbed, calm)
    assert disturbed["ledger"] == [] and disturbed["trail"] is True


@pytest.mark.parametrize("fault", ["emptied", "started again"])
def test_the_bell_is_heard_again_afterwards(tmp_path: Path, broker: PrivateRedis, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    def rings() -> bool:
        before = heard(tmp_path)
        return bell.send("urgent") and eventually(lambda: heard(tmp_path) > before, 2.0)

    with a_worker(broker.url, tmp_path / "worker.log"):
        assert eventually(rings, 60)
        if fault == "emptied":
            broker.flush()
        else:
            broker.shut_down()
            assert bell.send("urgent") is False
            broker.start()
            monkeypatch.setattr(bell, "_silent_until", 0.0)
        assert eventually(rings, 60)
