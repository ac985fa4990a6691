"""What Workday's refusals mean. A fault comes with HTTP 500 whatever is wrong, so the words decide, and the first two kinds
must never be tried again: wrong passwords lock the integration user out. Source: docs/vendors/workday.md §4.
"""

from __future__ import annotations

from collections.abc import Sequence

from config.errors import CredentialRejected, PermissionMissing, RateLimited, RequestRefused, RollcallError, Unavailable
from integrations.wire.redact import Redactor
from integrations.wire.response import Response, explain_status
from integrations.wire.soap import Fault, find_fault

THROTTLE_WORDS = ("throttl", "too many requests", "too many concurrent", "rate limit")  # nobody publishes the text; more by setting
NO_RIGHT = ("not authorized", "not authorised")
LENGTH = 300  # characters of Workday's own words that are kept


def explain(response: Response, throttle_words: Sequence[str]) -> RollcallError | None:
    """An error of the catalogue, or None for a good answer."""
    if response.is_good:
        return None
    fault = find_fault(response)
    return explain_fault(fault, throttle_words, response.redactor) if fault else explain_status(response)


def explain_fault(fault: Fault, throttle_words: Sequence[str], redactor: Redactor) -> RollcallError:
    words = in_words(fault)
    detail, text = redactor.text(words)[:LENGTH], words.lower()
    if is_sign_in(fault):
        return CredentialRejected(detail)
    if any(word in text for word in NO_RIGHT):
        return PermissionMissing(detail)
    if any(word in text for word in (*THROTTLE_WORDS, *throttle_words)):
        return RateLimited(detail)
    if fault.code.startswith("Client"):
        return RequestRefused(detail)
    return Unavailable(detail)


def is_sign_in(fault: Fault) -> bool:
    return fault.code.endswith("authenticationError") or "invalid username or password" in fault.message.lower()


def in_words(fault: Fault) -> str:
    """Message, detail and place, as far as Workday gave them: “Validation error occurred. Invalid ID value. (Xpath …)”."""
    parts = [fault.message, *fault.details.get("Message", []), *fault.details.get("Detail_Message", [])]
    places = [f"({place})" for place in fault.details.get("Xpath", [])]
    return " ".join(dict.fromkeys(part for part in parts + places if part))
