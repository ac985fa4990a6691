"""Which vendors there are: key → where its class lives. Nothing is imported before it is asked for.

Adding one is a folder, a line here and a three-line test: README.md in this folder.
"""

from __future__ import annotations

from importlib import import_module

from config.errors import NotSupported
from config.sentences import sentence
from integrations.vendors.base import Vendor

VENDORS: dict[str, str] = {
    "workday": "integrations.vendors.workday.vendor.Workday",
    "bamboohr": "integrations.vendors.bamboohr.vendor.BambooHR",
    "csv_file": "integrations.vendors.csv_file.vendor.CsvFile",
    "moodle": "integrations.vendors.moodle.vendor.Moodle",
}


def vendor_class(key: str) -> type[Vendor]:
    """The class behind a connector's vendor key. Raises NotSupported for a key this version does not know."""
    if key not in VENDORS:
        raise NotSupported(sentence("There is no vendor “%(key)s” in this version; it knows %(vendors)s", key=key, vendors=list(VENDORS)))
    module, _, name = VENDORS[key].rpartition(".")
    found: type[Vendor] = getattr(import_module(module), name)
    return found


def all_vendors() -> dict[str, type[Vendor]]:
    """Every vendor by key, in the order of the list above (the order of the menus)."""
    return {key: vendor_class(key) for key in VENDORS}
