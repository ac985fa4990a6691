"""A stored secret goes only where it was meant to go.

Secrets cannot be read back. Whoever could point a connector at a server of their own, and leave the secret as it is, could read it
there; so a new address wants the secret typed again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from config.errors import SettingInvalid
from config.sentences import sentence
from integrations.vendors.base import Vendor

HOSTS = ("host", "port")  # settings that name a server without being a URL


def refuse_moved_secret(
    vendor: type[Vendor], old: Mapping[str, Any], new: Mapping[str, Any], kept: Collection[str], typed: Collection[str]
) -> None:
    """Raises SettingInvalid at the first kept secret that was not typed again although the connector leads somewhere else now."""
    if servers(vendor, old) == servers(vendor, new):
        return
    for name in sorted(set(kept) - set(typed)):
        raise SettingInvalid(sentence("the address has changed: type this secret again"), field=name)


def servers(vendor: type[Vendor], settings: Mapping[str, Any]) -> list[str]:
    """Scheme, host and port of every address in the settings, in the order of the form; defaults count as they are."""
    found = []
    for item in vendor.settings:
        said = str(settings.get(item.key) or item.default or "").strip().lower()
        if item.kind == "url":
            parts = urlsplit(said)
            found.append(f"{parts.scheme}://{parts.netloc}" if said else "")
        elif item.key in HOSTS:
            found.append(said)
    return found
