from __future__ import annotations

from tests.contracts.vendor import SourceContract


class TestContract(SourceContract):
    vendor = "csv_file"
