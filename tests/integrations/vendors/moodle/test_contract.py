from __future__ import annotations

import pytest

from tests.contracts.vendor import TargetContract, VendorContract

pytestmark = pytest.mark.servers


class TestContract(VendorContract, TargetContract):
    vendor = "moodle"
