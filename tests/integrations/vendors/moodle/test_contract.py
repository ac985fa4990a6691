from __future__ import annotations

from tests.contracts.vendor import TargetContract, VendorContract


class TestContract(VendorContract, TargetContract):
    vendor = "moodle"
