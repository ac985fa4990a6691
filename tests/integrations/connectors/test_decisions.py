from __future__ import annotations

import pytest

from config import clock
from config.sentences import english
from integrations.connectors.decisions import (
    ChangeLimits,
    DisableConnector,
    PauseConnector,
    ResumeConnector,
    RotateCredential,
    SaveConnector,
    UploadFile,
)
from integrations.connectors.models import Credential
from integrations.mapping.new_connector import AddConnector
from tests.contracts.decision import DecisionContract
from tests.rows import a_connector


class TestPauseConnector(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return PauseConnector(entitled, a_connector())


class TestResumeConnector(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return ResumeConnector(entitled, a_connector(state="paused"))


class TestDisableConnector(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return DisableConnector(entitled, a_connector())


class TestSaveConnector(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return SaveConnector(entitled, a_connector(), {"name": "Workday EU", "settings": {"tenant": "eu"}}, {"password": "s3cret"})

    def test_the_preview_names_what_differs_and_never_a_secret(self, decision):
        said = " ".join(english(line) for line in decision.preview().sentences)
        assert "Tenant: – → eu" in said and "“password”" in said and "s3cret" not in said


class TestChangeLimits(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return ChangeLimits(entitled, a_connector(), {"guard": {"deactivate": {"people": 1, "share": 0.01, "most": 5}}})


class TestAddConnector(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return AddConnector(entitled, "moodle", "academy", "Academy", {"base_url": "https://learn.example.com"}, {"token": "t"})


class TestRotateCredential(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        connector = a_connector()
        Credential.objects.create(connector=connector, name="password", value="old", set_at=clock.now())
        return RotateCredential(entitled, connector, "password", "new")

    def test_the_new_secret_takes_the_place_of_the_old_one(self, decision):
        decision.execute()
        assert Credential.objects.get().value == "new"


class TestUploadFile(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return UploadFile(entitled, a_connector("extract", vendor="csv_file"), "/data/files/extract.csv", 12)
