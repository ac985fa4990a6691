"""What a person does here, as an object: who may, what it would change, and the act with its reason in the trail.

Admin button, bulk action and API build the same Decision. `preview` reads and never writes; `execute` checks again, writes the
Cause, carries out and records, all in one transaction.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from config.audit.cause import acting_because, because
from config.audit.models import Cause, CauseKind
from config.audit.record import record
from config.audit.words import kind_word
from config.errors import Overtaken
from config.roles.models import User
from config.say import neutral
from config.sentences import Sentence, sentence

LONGEST_REASON = 500  # characters; the fields of the pages say the same


@dataclass(frozen=True)
class Effect:
    """What would happen, in sentences for the screen (|said) and the trail. `danger` = how many people would lose something."""

    sentences: Sequence[Sentence]
    counts: Mapping[str, int] = field(default_factory=dict)
    danger: int = 0


class Decision(ABC):
    """One human verb. Subclasses take what it is about in __init__ (after `actor`) and say preview and carry_out."""

    label: str | Promise
    permission: ClassVar[str]  # "app.codename" of config/roles/catalogue.py
    done: ClassVar[str | Promise] = ""  # what the page says afterwards; without it, “Done:” and the label
    asks_reason: bool = False  # of the class; one that knows only when it sees what changes says it for itself
    object_type: ClassVar[str]
    afterwards: ClassVar[str | Promise] = ""  # what is wise to do next; said when it is done

    def __init__(self, actor: User | None) -> None:
        """`actor` is None for a command on the server's shell, which needs no permission of ours."""
        self.actor = actor

    @property
    @abstractmethod
    def object_id(self) -> str:
        """Which one of `object_type` it is about, as the trail names it."""

    @property
    def object_label(self) -> str:
        """The same in words. May be personal: it stands beside the chain and can be erased."""
        return ""

    @abstractmethod
    def preview(self) -> Effect:
        """What would change, for whom. Reads only."""

    @abstractmethod
    def carry_out(self, cause: Cause) -> None:
        """Do it, inside the transaction. Raises Overtaken when somebody else was first."""

    def author(self) -> User | None:
        """Whoever made what is decided here, where a second person must decide it; None where anybody may."""
        return None

    def state(self) -> Any:
        """What the trail keeps as before and after, where a small value says it."""
        return None

    @property
    def action(self) -> str:
        """The trail's word: `run.approve_plan` for ApprovePlan of a run."""
        return f"{self.object_type}.{re.sub(r'(?<!^)(?=[A-Z])', '_', type(self).__name__).lower()}"

    def refusal(self) -> str:
        """Why this actor may not, in words; empty when they may."""
        if self.actor is None:
            return ""
        if not (self.actor.is_active and self.actor.has_perm(self.permission)):
            return _("Your role does not allow this.")
        if self.author() == self.actor:
            return _("Somebody else has to decide this: you made it.")
        return ""

    def may(self) -> bool:
        return not self.refusal()

    def over(self) -> str:
        """Why there is nothing left to decide, whoever asks; empty while there is. `carry_out` asks again under its lock."""
        return ""

    def _about(self) -> str:
        number = sentence("%(kind)s %(number)s", kind=kind_word(self.object_type), number=self.object_id)
        return self.object_label or number

    def execute(self, reason: str = "") -> Cause:
        """Do it or nothing. Raises PermissionDenied, Overtaken, ValidationError (no reason, or too long a one) or what carry_out raises."""
        if refusal := self.refusal():
            raise PermissionDenied(refusal)
        if over := self.over():
            raise Overtaken(over)
        reason = reason.strip()
        if self.asks_reason and not reason:
            raise ValidationError(_("Please give a reason: it stays in the audit trail."), code="reason_missing")
        if len(reason) > LONGEST_REASON:
            raise ValidationError(_("A reason has at most %(n)s characters.") % {"n": LONGEST_REASON}, code="reason_too_long")
        with transaction.atomic():
            return self._execute(reason)

    def _execute(self, reason: str) -> Cause:
        effect, before = self.preview(), self.state()
        cause = because(
            CauseKind.DECISION, sentence("%(act)s: %(about)s", act=neutral(self.label), about=self._about()), reason, self.actor
        )
        with acting_because(cause):
            self.carry_out(cause)
        after = {"reason": reason, "effect": list(effect.sentences), "counts": dict(effect.counts), "state": self.state()}
        record(cause, self.action, self.object_type, self.object_id, before, after, self.object_label)
        return cause
