"""What every vendor must survive, against the sandbox's emulator. A test module binds it in three lines:

    class TestContract(VendorContract, DeltaContract):
        vendor = "bamboohr"

SourceContract is for anything that is read, VendorContract for what is read over HTTP, DeltaContract for streams that know what
changed, TargetContract for what is written. How a vendor is reached in the sandbox stands in how.py.
"""

from tests.contracts.vendor.delta import DeltaContract
from tests.contracts.vendor.source import SourceContract
from tests.contracts.vendor.target import TargetContract
from tests.contracts.vendor.wire import VendorContract

__all__ = ["DeltaContract", "SourceContract", "TargetContract", "VendorContract"]
