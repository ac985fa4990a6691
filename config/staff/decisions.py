"""Closing a login and opening it again. Nobody is deleted: what they decided stays in the trail under their name."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.audit.models import Cause
from config.decisions import Decision, Effect
from config.errors import PlanStale
from config.roles.models import User
from config.sentences import Sentence, sentence


class CloseLogin(Decision):
    """They can no longer sign in, from this moment on, open sessions included."""

    label = gettext_lazy("Deactivate")
    permission = "config.change_user"
    asks_reason = True
    object_type = "user"
    becomes_active = False

    def __init__(self, actor: User | None, login: User) -> None:
        super().__init__(actor)
        self.login = login

    @property
    def object_id(self) -> str:
        return str(self.login.pk)

    @property
    def object_label(self) -> str:
        return str(self.login)

    def refusal(self) -> str:
        if self.actor is not None and self.login.is_superuser and not self.actor.is_superuser:
            return _("Only an administrator closes or opens the login of an administrator.")
        if self.actor == self.login:
            return _("You cannot close your own login.")
        return super().refusal()

    def preview(self) -> Effect:
        name = {"name": str(self.login)}
        gone = sentence("%(name)s can no longer sign in, and is signed out with the next click.", **name)
        return Effect([gone, sentence("What %(name)s decided stays in the trail.", **name)])

    def state(self) -> Any:
        return {"is_active": User.objects.filter(pk=self.login.pk, is_active=True).exists()}

    def carry_out(self, cause: Cause) -> None:
        changed = User.objects.filter(pk=self.login.pk).exclude(is_active=self.becomes_active).update(is_active=self.becomes_active)
        if not changed:
            raise PlanStale


class OpenLogin(CloseLogin):
    """They can sign in again, in the roles they had."""

    label = gettext_lazy("Activate again")
    becomes_active = True

    def preview(self) -> Effect:
        roles = [Sentence(name) for name in self.login.groups.order_by("name").values_list("name", flat=True)] or sentence("no role")
        return Effect([sentence("%(name)s can sign in again as: %(roles)s.", name=str(self.login), roles=roles)])
