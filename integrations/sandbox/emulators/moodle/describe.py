"""Descriptions of parameters, and the one check that every call goes through before its function sees anything.

Source: docs/vendors/moodle.md §1: unknown keys, missing ones, and values that would look different after cleaning are all
the same `invalidparameter`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from integrations.sandbox.emulators.moodle.failure import invalid_parameter

REQUIRED, OPTIONAL, DEFAULT = "required", "optional", "default"
_ABSENT = object()


@dataclass(frozen=True)
class Site:
    """What the installation allows; part of the emulator's settings."""

    languages: tuple[str, ...] = ("en", "de", "es", "fr", "it", "ja", "nl", "pl", "pt", "pt_br", "zh_cn")
    auths: tuple[str, ...] = ("manual", "saml2", "oidc", "oauth2", "ldap", "email", "nologin")
    extended_usernames: bool = False


@dataclass(frozen=True)
class Value:
    """One value. `type`: text, raw, trimmed, int, bool, alpha, alphanumext, username, email, lang, auth, zone."""

    type: str = "raw"
    need: str = REQUIRED
    default: Any = None


@dataclass(frozen=True)
class Single:
    keys: dict[str, Value | Single | Multiple]
    need: str = REQUIRED
    default: Any = None


@dataclass(frozen=True)
class Multiple:
    of: Value | Single
    need: str = REQUIRED
    default: Any = field(default_factory=list)


Description = Value | Single | Multiple


def checked(description: Description, given: Any, site: Site) -> Any:
    """The parameters in Python's types: int, bool, text, dict, list. Raises the one failure for whatever is wrong."""
    if isinstance(description, Value):
        return _scalar(description, given, site)
    if not isinstance(given, dict):
        raise invalid_parameter("Only arrays accepted.")
    if isinstance(description, Multiple):
        return [checked(description.of, item, site) for item in given.values()]
    unexpected = given.keys() - description.keys.keys()
    if unexpected:
        raise invalid_parameter(f"Unexpected keys ({', '.join(sorted(unexpected))}) detected in parameter array.")
    return _keys(description, given, site)


def _keys(description: Single, given: dict[str, Any], site: Site) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, inner in description.keys.items():
        value = given.get(name, _ABSENT)
        if value is not _ABSENT:
            out[name] = checked(inner, value, site)
        elif inner.need == REQUIRED:
            raise invalid_parameter(f"Missing required key in single structure: {name}")
        elif inner.need == DEFAULT:
            out[name] = inner.default
    return out


def _scalar(description: Value, given: Any, site: Site) -> Any:
    if isinstance(given, dict):
        raise invalid_parameter("Scalar type expected, array or object received.")
    if description.type == "bool":
        if given not in ("0", "1"):
            raise invalid_parameter(f'the value is "{given}", the server was expecting "bool" type')
        return given == "1"
    if description.type == "int":
        if not re.fullmatch(r"0|-?[1-9][0-9]{0,18}", given):
            raise invalid_parameter(f'the value is "{given}", the server was expecting "int" type')
        return int(given)
    cleaned = CLEANING[description.type](given, site)
    if cleaned != given:
        raise invalid_parameter(f'the value is "{given}", the server was expecting "{description.type}" type')
    return cleaned


def _username(text: str, site: Site) -> str:
    lowered = text.lower()
    return lowered.strip() if site.extended_usernames else re.sub(r"[^-._@a-z0-9]", "", lowered)


def _without_tags(text: str, _: Site) -> str:
    return re.sub(r"<[^>]*>", "", text)


@cache  # the list is read from disk each time it is asked for
def _is_zone(name: str) -> bool:
    return name == "99" or name in available_timezones()


def _zone(text: str, _: Site) -> str:
    return text if _is_zone(text) else ""


CLEANING: dict[str, Callable[[str, Site], str]] = {
    "raw": lambda text, _: text,
    "trimmed": lambda text, _: text.strip(),
    "text": _without_tags,
    "alpha": lambda text, _: re.sub(r"[^a-zA-Z]", "", text),
    "alphanumext": lambda text, _: re.sub(r"[^a-zA-Z0-9_-]", "", text),
    "username": _username,
    "lang": lambda text, site: text if text in site.languages else "",
    "auth": lambda text, site: text if text in site.auths else "",
    "zone": _zone,
}
