from __future__ import annotations

import pytest

from tests.contracts.vendor import DeltaContract, VendorContract

pytestmark = pytest.mark.servers


class TestContract(VendorContract, DeltaContract):
    vendor = "workday"
