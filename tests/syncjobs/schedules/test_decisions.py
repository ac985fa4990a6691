from __future__ import annotations

from datetime import timedelta

import pytest

from config import clock
from syncjobs.schedules.decisions import PauseSchedule, RemoveBlackout, RemoveSchedule, ResumeSchedule, SaveBlackout, SaveSchedule
from syncjobs.schedules.models import Blackout, SyncSchedule
from tests.contracts.decision import DecisionContract
from tests.rows import a_connector


def a_schedule(**given):
    return SyncSchedule.objects.create(connector=a_connector(), cron="0 2 * * *", **given)


class TestSaveANewSchedule(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return SaveSchedule(entitled, SyncSchedule(connector=a_connector(), cron="0 2 * * *"))


class TestChangeASchedule(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return SaveSchedule(entitled, a_schedule())


class TestPauseSchedule(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return PauseSchedule(entitled, a_schedule(), clock.now() + timedelta(days=1))


class TestResumeSchedule(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return ResumeSchedule(entitled, a_schedule(paused_until=clock.now() + timedelta(days=1)))


class TestRemoveSchedule(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return RemoveSchedule(entitled, a_schedule())


class TestSaveBlackout(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        now = clock.now()
        return SaveBlackout(entitled, Blackout(name="Payroll", starts_at=now, ends_at=now + timedelta(days=1)))


class TestRemoveBlackout(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        now = clock.now()
        return RemoveBlackout(entitled, Blackout.objects.create(name="Payroll", starts_at=now, ends_at=now + timedelta(days=1)))
