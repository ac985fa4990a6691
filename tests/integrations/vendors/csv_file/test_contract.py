from __future__ import annotations

import pytest

from tests.contracts.vendor import SourceContract

pytestmark = pytest.mark.servers


class TestContract(SourceContract):
    vendor = "csv_file"
