from __future__ import annotations

from tests.contracts.vendor import DeltaContract, VendorContract


class TestContract(VendorContract, DeltaContract):
    vendor = "workday"
