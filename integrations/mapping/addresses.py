"""E-mail addresses: what is one, and how we write it. Plain Python; matching folds addresses with the same function."""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from config.errors import ValueInvalid
from config.sentences import sentence
from integrations.mapping.text import shown

# The library takes 20 µs an address, and a night has a million. Nearly all of them are plain, at a domain seen before: for these the
# domain's own verdict is remembered and the part before the @ is compared with the plain subset of what the library accepts.
# tests/integrations/mapping/test_addresses.py holds the two against each other.
PLAIN_LOCAL = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*")
LONGEST_LOCAL, LONGEST_PLAIN = 64, 200
DOMAINS_KEPT = 20_000

_domains: dict[str, str] = {}


def email_address(text: str) -> str:
    """The address in lower case, domain normalised. Raises ValueInvalid. Looks at the form only; asks no name server."""
    local, at, domain = text.strip().lower().rpartition("@")
    known = _domains.get(domain)
    if known is not None and len(local) <= LONGEST_LOCAL and len(text) <= LONGEST_PLAIN and PLAIN_LOCAL.fullmatch(local):
        return f"{local}@{known}"
    return _by_library(f"{local}{at}{domain}")


def _by_library(text: str) -> str:
    try:
        found = validate_email(text, check_deliverability=False)
    except (EmailNotValidError, UnicodeError) as error:
        raise ValueInvalid(sentence("“%(text)s” is not an e-mail address: %(error)s", text=shown(text), error=str(error))) from error
    if len(_domains) >= DOMAINS_KEPT:
        _domains.clear()
    _domains[text.rpartition("@")[2]] = found.domain
    return found.normalized.lower()
