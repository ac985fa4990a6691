from __future__ import annotations

import pytest

from config import clock
from config.audit.models import AuditDetail
from config.decisions import Decision
from config.errors import Overtaken
from config.sentences import english
from integrations.connectors.decisions import (
    DisableConnector,
    PauseConnector,
    ResumeConnector,
    RotateCredential,
    SaveConnector,
    TestConnection,
    UploadFile,
    as_seen,
)
from integrations.connectors.models import Connector, ConnectorIssue, Credential
from integrations.mapping.new_connector import AddConnector
from tests.contracts.decision import DecisionContract
from tests.rows import a_connector


def _said(decision: Decision) -> list[str]:
    return [english(line) for line in decision.preview().sentences]


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
        said = " ".join(_said(decision))
        assert "Tenant: nothing → eu" in said and "Password: replaced" in said and "s3cret" not in said

    def test_a_tenant_of_another_name_is_read_anew_and_wants_a_reason(self, decision):
        assert any("reads everything again" in sentence for sentence in _said(decision))
        assert decision.asks_reason

    def test_how_fast_it_is_asked_is_neither(self, entitled):
        decision = SaveConnector(entitled, a_connector(), {"settings": {"page_size": 500}})
        assert _said(decision) == ["Workers a page: 200 → 500"]
        assert not decision.asks_reason

    def test_another_server_is_said(self, entitled):
        academy = a_connector("academy", settings={"base_url": "https://learn.example.com"})
        decision = SaveConnector(entitled, academy, {"settings": {"base_url": "https://elsewhere.example.com"}}, {"token": "typed"})
        said = _said(decision)
        assert said[0] == "Address of the site: https://learn.example.com → https://elsewhere.example.com"
        assert "From the next call on another server is asked." in said and decision.asks_reason
        assert not any("reads everything again" in sentence for sentence in said)

    def test_whoever_was_slower_is_told_and_changes_nothing(self, entitled):
        connector = a_connector()
        seen = as_seen(connector)
        SaveConnector(entitled, Connector.objects.get(), {"name": "First"}, seen=seen).execute()
        with pytest.raises(Overtaken):
            SaveConnector(entitled, connector, {"name": "Second"}, seen=seen).execute()
        assert Connector.objects.get().name == "First"


class TestConnectionTest(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return TestConnection(entitled, a_connector())

    def test_the_trail_says_which_step_failed_and_not_what_was_answered(self, decision):
        cause = decision.execute()
        kept = AuditDetail.objects.get(entry__cause=cause, entry__action=decision.action).after
        assert not decision.asked.ok and kept["state"]["ok"] is False
        assert [step["error"] for step in kept["state"]["steps"] if not step["ok"]] == ["setting_missing"]
        assert ConnectorIssue.objects.filter(connector=decision.connector, closed_at=None).exists()


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
