"""The words people see for states, in one table: sign, word, colour. Screens, API, filters and documents use these and no others.

Keys are what the tables store; a test compares them with every model's choices. A state is never shown by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

TONES = ("ok", "warn", "bad", "info", "hold", "idle")


@dataclass(frozen=True, slots=True)
class Word:
    """One state: how it is stored, and the sign, word and tone it is shown with."""

    key: str
    label: str | Promise
    sign: str
    tone: str


CONNECTOR = (
    Word("new", pgettext_lazy("connector", "new"), "○", "info"),
    Word("on time", _("on time"), "●", "ok"),
    Word("late", _("late"), "!", "warn"),  # one interval missed
    Word("down", _("down"), "×", "bad"),  # two missed, or the last run failed and nothing newer succeeded
    Word("action needed", _("action needed"), "!", "bad"),
    Word("paused", _("paused"), "‖", "idle"),
    Word("disabled", _("disabled"), "○", "idle"),
)
RUN = (
    Word("queued", _("queued"), "○", "idle"),
    Word("planning", _("planning"), "◔", "info"),
    Word("awaiting approval", _("awaiting approval"), "■", "hold"),
    Word("held", _("held"), "■", "hold"),
    Word("applying", _("applying"), "◑", "info"),
    Word("succeeded", _("succeeded"), "●", "ok"),
    Word("partial", _("partial"), "!", "warn"),
    Word("failed", _("failed"), "×", "bad"),
    Word("cancelled", _("cancelled"), "–", "idle"),
)
STAGE = (
    Word("fetch", _("fetch"), "", "info"),
    Word("ingest", _("ingest"), "", "info"),
    Word("translate", _("translate"), "", "info"),
    Word("resolve", _("resolve"), "", "info"),
    Word("choose", _("choose"), "", "info"),
    Word("plan", _("plan"), "", "info"),
    Word("guard", _("guard"), "", "info"),
    Word("apply", _("apply"), "", "info"),
    Word("deliver", _("deliver"), "", "info"),
    Word("verify", _("verify"), "", "info"),
)
CHANGE = (
    Word("create", _("create"), "+", "ok"),
    Word("update", _("update"), "~", "info"),
    Word("deactivate", _("deactivate"), "−", "bad"),
    Word("reactivate", _("reactivate"), "↺", "ok"),
    Word("link", _("link"), "=", "info"),
    Word("unlink", _("unlink"), "≠", "warn"),
    Word("merge", _("merge"), "→", "hold"),
    Word("skip", _("skip"), "·", "idle"),
)
CHANGE_STATE = (
    Word("planned", _("planned"), "○", "info"),
    Word("refused", _("not approved"), "–", "idle"),
    Word("applied", _("applied"), "●", "ok"),
    Word("stale", _("changed meanwhile"), "!", "warn"),
    Word("waits", _("waits for its hour"), "◔", "info"),
)
PLAN = (
    Word("building", _("being made"), "◔", "info"),
    Word("ready", _("ready"), "○", "info"),
    Word("held", _("waits for a decision"), "■", "hold"),
    Word("applied", _("applied"), "●", "ok"),
    Word("lapsed", _("lapsed"), "–", "idle"),
    Word("rejected", _("rejected"), "–", "idle"),
)
HOLD = (
    Word("open", _("waits for a decision"), "■", "hold"),
    Word("released", _("approved"), "●", "ok"),
    Word("refused", _("not approved"), "–", "idle"),
    Word("lapsed", _("lapsed"), "–", "idle"),
)
OUTCOME = (
    Word("staged", _("in the plan"), "●", "ok"),
    Word("parked", _("set aside"), "!", "warn"),
    Word("case", _("waits for a decision"), "?", "warn"),
    Word("gone", _("no longer in the source"), "−", "bad"),
)
CASE = (
    Word("open", _("open"), "?", "warn"),
    Word("suggested", _("suggested"), "?", "info"),
    Word("deferred", _("deferred"), "‖", "idle"),
    Word("linked", _("same person"), "●", "ok"),
    Word("merged", _("merged"), "→", "ok"),
    Word("kept_separate", _("kept separate"), "≠", "ok"),
    Word("reopened", _("reopened"), "↺", "warn"),
    Word("closed", _("no longer in question"), "–", "idle"),
)
CASE_KIND = (
    Word("duplicate", _("possible duplicate"), "?", "warn"),
    Word("number_reused", _("number used by someone else before"), "?", "warn"),
    Word("shared_email", _("e-mail used by two people"), "?", "warn"),
    Word("already_there", _("already in the learning system"), "?", "warn"),
    Word("manager_tie", _("more than one manager could be primary"), "?", "warn"),
)
LINK = (
    Word("linked", _("linked"), "●", "ok"),
    Word("candidate", _("candidate"), "?", "warn"),
    Word("orphan", _("orphan"), "○", "bad"),
)
STANDING = (
    Word("before", _("starts soon"), "○", "info"),
    Word("active", _("active"), "●", "ok"),
    Word("on_leave", _("on leave"), "‖", "warn"),
    Word("left", _("left"), "–", "idle"),
)
DELIVERY = (
    Word("pending", _("pending"), "○", "idle"),
    Word("sending", _("sending"), "◔", "info"),
    Word("retrying", _("retrying"), "↻", "warn"),  # pending, after at least one try
    Word("delivered", _("delivered"), "●", "ok"),
    Word("dead", _("dead"), "×", "bad"),
    Word("cancelled", _("cancelled"), "–", "idle"),
    Word("held", _("held"), "■", "hold"),
)
MAPPING = (
    Word("draft", _("draft"), "○", "info"),
    Word("published", _("published"), "●", "ok"),
    Word("retired", _("retired"), "–", "idle"),
)
NOTICE = (
    Word("bad", _("needs action"), "!", "bad"),
    Word("warn", _("needs a look"), "!", "warn"),
    Word("info", _("for information"), "i", "info"),
)

TABLES: dict[str, dict[str, Word]] = {
    name: {word.key: word for word in words}
    for name, words in {
        "connector": CONNECTOR,
        "run": RUN,
        "stage": STAGE,
        "change": CHANGE,
        "change_state": CHANGE_STATE,
        "plan": PLAN,
        "hold": HOLD,
        "outcome": OUTCOME,
        "case": CASE,
        "case_kind": CASE_KIND,
        "link": LINK,
        "standing": STANDING,
        "delivery": DELIVERY,
        "mapping": MAPPING,
        "notice": NOTICE,
    }.items()
}


def word(table: str, key: str) -> Word:
    """The word for a stored state. A key the table does not know (newer data, older code) is shown as it is, in grey.

    Raises KeyError for an unknown table: that is a mistake in a template.
    """
    return TABLES[table].get(key) or Word(key, key.replace("_", " "), "·", "idle")
