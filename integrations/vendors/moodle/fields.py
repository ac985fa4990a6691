"""The fields of a Moodle account: which there are, what fits into them, and what they are made from. Source: docs/vendors/moodle.md §2."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.errors import TargetRefused
from config.sentences import sentence
from integrations.vendors.base import MappingRow

REQUIRED = ("username", "firstname", "lastname", "email")
PROFILE = "profile_field_"  # as Moodle's own upload of users names its custom fields

# Characters that fit, from the columns of Moodle's user table: a longer value fails the whole call with a database error.
LONGEST: dict[str, int] = {
    "username": 100,
    "firstname": 100,
    "lastname": 100,
    "email": 100,
    "idnumber": 255,
    "institution": 255,
    "department": 255,
    "phone1": 20,
    "phone2": 20,
    "address": 255,
    "city": 120,
    "country": 2,
    "lang": 30,
    "timezone": 100,
    "middlename": 255,
    "alternatename": 255,
    "description": 10_000,
    "auth": 20,
}

USERNAME = re.compile(r"[-._@a-z0-9]+")  # unless the site allows extended characters
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
COUNTRY = re.compile(r"[A-Z]{2}")

# What may be stored of an account that is read; pictures, descriptions, addresses and preferences are not.
READ: tuple[str, ...] = (
    "id",
    "username",
    "firstname",
    "lastname",
    "fullname",
    "email",
    "phone1",
    "department",
    "institution",
    "idnumber",
    "auth",
    "suspended",
    "confirmed",
    "lang",
    "timezone",
    "city",
    "country",
    "firstaccess",
    "lastaccess",
    "customfields",
)

# Outward: target is Moodle's field, source a path over our attributes. The language is not here: which one can be written depends on
# the packs of the site (form.py, beside), and a wish that the site cannot hold would be a difference for ever.
MAPPING: tuple[MappingRow, ...] = (
    MappingRow("username", "username || work_email || personal_email", ("trim", "lower"), required=True),
    MappingRow("email", "work_email || personal_email", ("email",), required=True),
    MappingRow("firstname", "preferred_name || given_name", ("trim",), required=True),
    MappingRow("lastname", "family_name", ("trim",), required=True),
    MappingRow("idnumber", "public_id", required=True),
    MappingRow("department", "department", ("trim",), null_policy="clear"),
    MappingRow("institution", "company", ("trim",), null_policy="clear"),
    MappingRow("city", "location", ("trim",), null_policy="clear"),
    MappingRow("country", "country", ("upper",), null_policy="clear"),
    MappingRow("timezone", "time_zone"),
    MappingRow("phone1", "phone", ("trim",), null_policy="clear"),
)


@dataclass(frozen=True)
class Rules:
    """What the site allows. `languages` are its installed packs, in Moodle's words (de, pt_br)."""

    extended_usernames: bool = False
    languages: frozenset[str] = frozenset({"en"})


@dataclass(slots=True)
class Account:
    """Values as Moodle takes them, and what was left out on the way."""

    fields: dict[str, Any]
    warnings: list[str] = field(default_factory=list)


def account(values: Mapping[str, Any], rules: Rules, *, is_new: bool) -> Account:
    """The call's fields for these values. Raises TargetRefused, naming the field that would fail the call.

    For a new account empty values are left out; in an update they empty the field, which the required ones refuse.
    """
    made = Account({})
    profile: list[dict[str, str]] = []
    for name, value in values.items():
        text = "" if value is None else str(value).strip()
        if name.startswith(PROFILE):
            if text or not is_new:
                profile.append({"type": name.removeprefix(PROFILE), "value": text})
        elif name == "lang":
            _language(text, rules, made)
        elif text:
            made.fields[name] = fitting(name, text, rules)
        elif not is_new:
            made.fields[name] = emptied(name)
    missing = [name for name in REQUIRED if is_new and name not in made.fields]
    if missing:
        raise TargetRefused(sentence("%(missing)s is empty", missing=missing[0]), field=missing[0])
    if profile:
        made.fields["customfields"] = profile
    return made


def fitting(name: str, text: str, rules: Rules) -> str:
    """The value as Moodle takes it. Raises TargetRefused for one that does not fit."""
    if name not in LONGEST:
        raise TargetRefused(
            sentence("Moodle has no field “%(name)s”; custom profile fields are written %(profile)sshortname", name=name, profile=PROFILE),
            field=name,
        )
    if name == "username":
        text = text.lower()
        if not rules.extended_usernames and not USERNAME.fullmatch(text):
            raise TargetRefused(sentence("username may hold small letters, digits and - . _ @ only"), field=name)
    if name == "email" and not EMAIL.fullmatch(text):
        raise TargetRefused(sentence("email is not an address"), field=name)
    if name == "country":
        text = text.upper()
        if not COUNTRY.fullmatch(text):
            raise TargetRefused(sentence("country must be a code of two letters"), field=name)
    if len(text) > LONGEST[name]:
        raise TargetRefused(
            sentence("%(name)s has %(text)s characters, %(longest)s fit", name=name, text=len(text), longest=LONGEST[name]), field=name
        )
    return text


def emptied(name: str) -> str:
    if name in REQUIRED or name == "auth":
        raise TargetRefused(sentence("%(name)s cannot be emptied", name=name), field=name)
    if name not in LONGEST:
        raise TargetRefused(sentence("Moodle has no field “%(name)s”", name=name), field=name)
    return "" if name != "timezone" else "99"  # 99: the site's own


def _language(text: str, rules: Rules, made: Account) -> None:
    """A language that is not installed would fail the call. It is left out with a warning: nobody should lack an account for it."""
    found = pack_for(text, rules.languages)
    if found:
        made.fields["lang"] = found
    elif text:
        made.warnings.append(sentence("lang: “%(language)s” is not installed on this site; the language was left as it is", language=text))


def pack_for(language: str, installed: Collection[str]) -> str:
    """The installed pack for a language such as pt-BR: pt_br, else pt, else none ("")."""
    wanted = language.lower().replace("-", "_")
    return next((pack for pack in (wanted, wanted.partition("_")[0]) if pack and pack in installed), "")
