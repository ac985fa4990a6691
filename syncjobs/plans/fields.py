"""What the fields of a planned change are called: of an account in a learning system, and of our own facts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from config.sentences import Sentence, sentence
from integrations.canonical import ATTRIBUTES

# Fields of an account that tell nothing personal; every other one is masked for readers without that right.
OPEN_FIELDS: Mapping[str, Sentence] = {
    "suspended": sentence("account"),
    "cohorts": sentence("groups"),
    "department": sentence("business unit"),
    "institution": sentence("company"),
    "city": sentence("location"),
    "country": sentence("country"),
    "timezone": sentence("time zone"),
    "lang": sentence("language"),
    "auth": sentence("sign-in method"),
    "manager": sentence("manager (number)"),
    "standing": sentence("standing"),
}
PERSONAL_FIELDS: Mapping[str, Sentence] = {
    "username": sentence("sign-in name"),
    "email": sentence("e-mail"),
    "firstname": sentence("first name"),
    "lastname": sentence("last name"),
    "middlename": sentence("middle name"),
    "idnumber": sentence("our number there"),
    "phone1": sentence("phone"),
}
FIELDS = {**OPEN_FIELDS, **PERSONAL_FIELDS}
FACTS = {attribute.key: Sentence(attribute.label) for attribute in ATTRIBUTES} | {
    "standing": sentence("standing"),
    "manager": sentence("manager"),
}


@lru_cache(maxsize=4096)
def changed(keys: tuple[str, ...], *, are_facts: bool = False) -> Sentence:
    """Which fields differ, as a reason. The same few combinations come again and again, so each is made once."""
    words = FACTS if are_facts else FIELDS
    return sentence("changed: %(fields)s", fields=[words.get(key) or Sentence(key.replace("_", " ")) for key in keys])
