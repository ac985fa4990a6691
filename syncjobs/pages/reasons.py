"""Why something is planned or left out, in words that name nobody.

For headings of groups, and for readers who may not see a person's dates and numbers.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import vocabulary
from config.parts.shapes import Text
from config.roles.masking import Sight
from config.say import said

REASONS: dict[str, Text] = {
    "first_seen": gettext_lazy("seen for the first time"),
    "linked": gettext_lazy("another record of the same person was joined"),
    "calendar": gettext_lazy("the date of the next change moved"),
    "facts": gettext_lazy("facts changed"),
    "employed": gettext_lazy("employed, has no account yet"),
    "on_leave": gettext_lazy("on leave, which keeps access"),
    "pre_boarding": gettext_lazy("starts soon: the account is made and closed until then"),
    "starts_later": gettext_lazy("starts later"),
    "no_start_date": gettext_lazy("hired, without a start date yet"),
    "rehired": gettext_lazy("back again: the same account is opened"),
    "returns": gettext_lazy("returns: the account is opened"),
    "gone": gettext_lazy("not in the source any more"),
    "left": gettext_lazy("the last day has passed"),
    "left_urgent": gettext_lazy("left at once, for an urgent reason"),
    "our_id": gettext_lazy("the account there carries our number"),
    "already_there": gettext_lazy("somebody may be there already; waits for a decision"),
    "target_changed": gettext_lazy("a target is new, or is told something else now"),
    "manager_arrived": gettext_lazy("the manager's own record has arrived"),
    "replan": gettext_lazy("somebody asked to plan again"),
}


def group_reason(code: str, reason: str) -> str:
    """Words for all changes of one reason code. `reason` is one of their sentences; only lists of changed fields are taken from it."""
    if code.startswith("standing:"):
        standing = vocabulary.word("standing", code.removeprefix("standing:")).label
        return _("the standing becomes: %(standing)s") % {"standing": standing}
    if code.startswith(("changed:", "waits:", "emptied:", "taken:")):
        return said(reason)
    return str(REASONS.get(code, code.replace("_", " ")))


def person_reason(code: str, reason: str, sight: Sight) -> str:
    """The sentence of one change; it may hold a date or a number, so only for readers who see those."""
    return said(reason) if sight.is_full else group_reason(code, reason)
