"""What a form said, on its way through the preview to the button: sealed, so that a secret typed once stands in no page.

A form of ours is sent, checked and shown as a Decision; the button of that page sends back what the form said, and it is checked again.
The seal is that of stored secrets; it holds for one reader, one object and one hour, and survives a restart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from django.http import HttpRequest, QueryDict

from config.secrets import ring

HOLDS_SECONDS = 3600
NAME = "carried"  # of the hidden field
AGAIN = "again"  # name of the button that leads back to the form instead
NOT_CARRIED = ("csrfmiddlewaretoken", "reason", NAME, AGAIN)


@dataclass(frozen=True, slots=True)
class Sent:
    """`form` as it was typed. `seen` is what the preview was made against, empty when there has been none yet. `is_press`: the button."""

    form: QueryDict
    seen: str = ""
    is_press: bool = False
    is_again: bool = False


def sent(request: HttpRequest, about: str) -> Sent | None:
    """The form of this request, typed or carried; None when what was carried is somebody else's, of another object or too old."""
    if NAME not in request.POST:
        return Sent(request.POST)
    try:
        held = json.loads(ring().decrypt(request.POST[NAME].encode(), ttl=HOLDS_SECONDS))
    except (InvalidToken, ValueError):
        return None
    if not isinstance(held, dict) or (held.get("by"), held.get("about")) != (request.user.pk, about):
        return None  # also a stored secret that somebody took out of the database: it has the same seal
    is_again = AGAIN in request.POST
    return Sent(QueryDict(held["form"]), held["seen"], not is_again, is_again)


def carry(request: HttpRequest, about: str, form: QueryDict, seen: str) -> str:
    """The hidden field's value."""
    kept = form.copy()
    for name in NOT_CARRIED:
        kept.pop(name, None)
    held = {"by": request.user.pk, "about": about, "form": kept.urlencode(), "seen": seen}
    return ring().encrypt(json.dumps(held).encode()).decode()
