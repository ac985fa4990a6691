"""The first load of the demo, also when it was broken off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from identity.people.models import Person
from syncjobs.demo import first_night as demo
from syncjobs.demo.company import is_loaded, unread
from syncjobs.demo.staff import make_logins
from syncjobs.guards.models import Hold
from syncjobs.runs.models import SyncRun
from tests.company import Company, meridian

pytestmark = pytest.mark.servers


@pytest.fixture
def company(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    with meridian(tmp_path, size=100) as company:
        monkeypatch.setattr(demo, "sandbox_here", nullcontext)  # it listens already
        yield company


def test_a_load_that_was_broken_off_goes_on_at_the_next_start_and_asks_nothing_twice(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = make_logins()["ada"]
    assert not is_loaded(), "configured, but nothing was read"

    def killed(run: SyncRun) -> SyncRun:
        SyncRun.objects.filter(pk=run.pk).update(lease_token="of a dead process", phase="planning")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(demo, "drive", killed)
        with pytest.raises(KeyboardInterrupt):
            demo.first_night(ada, str)
    assert not is_loaded() and not Person.objects.exists()

    runs = demo.first_night(ada, str)

    assert [run.phase for run in runs] == ["succeeded"] * 3
    assert SyncRun.objects.count() == 3, "the run that was begun was ended, not made a second time"
    assert is_loaded() and not unread().exists() and Person.objects.exists()
    first = Hold.objects.filter(code="first_plan")
    assert first and all(hold.cause is not None and hold.cause.actor == ada and hold.cause.reason == demo.REASON for hold in first)
    assert demo.first_night(ada, str) == [], "a second load finds nothing to do"
