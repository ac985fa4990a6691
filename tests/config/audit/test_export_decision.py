from __future__ import annotations

import pytest

from config.trail.export import ExportAudit
from config.trail.find import Asked
from tests.contracts.decision import DecisionContract


class TestExportAudit(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return ExportAudit(entitled, Asked.of({"action": "person."}), "csv")
