"""Settings changes enter the audit trail: what simple-history sees of a connector, schedule or rule becomes an entry.

Writes in bulk do not pass here; whoever writes in bulk records by itself (config/audit/record.py).
"""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.dispatch import receiver
from simple_history.signals import post_create_historical_record, pre_create_historical_record

from config import clock
from config.audit.cause import because, current_cause
from config.audit.models import CauseKind
from config.audit.record import record
from config.roles.models import User
from config.say import neutral
from config.secrets import EncryptedTextField
from config.sentences import Sentence, sentence

VERBS = {"+": "added", "~": "changed", "-": "removed"}


LONGEST_REASON = 100  # of simple-history's own column; the trail keeps all of it


@receiver(pre_create_historical_record, dispatch_uid="rollcall.history.cause")
def say_because(history_instance: Any, **_: Any) -> None:
    """The history says who, when and why as the trail does: also where a command acts and no request knows the user."""
    history_instance.history_date = clock.now()
    cause = current_cause()
    if cause is not None:
        history_instance.history_user_id = history_instance.history_user_id or cause.actor_id
        history_instance.history_change_reason = history_instance.history_change_reason or cause.reason[:LONGEST_REASON] or None


@receiver(post_create_historical_record, dispatch_uid="rollcall.history")
def settings_changed(
    instance: models.Model,
    history_instance: Any,
    history_user: User | None = None,
    history_change_reason: str | None = None,
    **_: Any,
) -> None:
    """One entry per saved change, with the fields that differ. A save that changed nothing leaves none."""
    verb = VERBS[history_instance.history_type]
    before, after = _difference(history_instance, verb)
    if verb == "changed" and before == after:
        return
    name = instance._meta.model_name or ""
    with transaction.atomic():
        cause = current_cause() or because(CauseKind.SETTING, _label(instance, verb), history_change_reason or "", history_user)
        record(cause, f"{name}.{verb}", name, str(instance.pk), before, after, str(instance))


def _label(instance: models.Model, verb: str) -> Sentence:
    kind, name = neutral(instance._meta.verbose_name or ""), str(instance)
    match verb:
        case "added":
            return sentence("%(kind)s added: %(name)s", kind=kind, name=name)
        case "removed":
            return sentence("%(kind)s removed: %(name)s", kind=kind, name=name)
    return sentence("%(kind)s changed: %(name)s", kind=kind, name=name)


def _difference(row: Any, verb: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The fields before and after; all of them for what was added or removed. Ciphertext never."""
    new = _values(row)
    if verb == "added":
        return None, new
    if verb == "removed":
        return new, None
    earlier = row.prev_record
    old = _values(earlier) if earlier else {}
    differing = [key for key in new if old.get(key) != new[key]]
    return {key: old.get(key) for key in differing}, {key: new[key] for key in differing}


def _values(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row.tracked_fields if not isinstance(field, EncryptedTextField)}
