"""Which key of the ring each stored secret is under, and moving all of them to the newest.

Works on every EncryptedTextField of every model, on the ciphertext: nothing is shown, nothing is logged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Cast

from config.audit.cause import because
from config.audit.models import CauseKind
from config.audit.record import record
from config.secrets import EncryptedTextField, open_sealed
from config.sentences import sentence

NEWEST, OLDER, UNREADABLE = "newest key", "older key", "no key fits"


@dataclass(frozen=True)
class Stored:
    """One secret at rest. `place` = "app.Model.field"."""

    place: str
    model: type[models.Model]
    field: str
    pk: Any
    token: str

    @property
    def under(self) -> str:
        for position, key in enumerate(settings.FIELD_KEYS):
            try:
                Fernet(key.encode()).decrypt(self.token.encode())
            except InvalidToken:
                continue
            return OLDER if position else NEWEST
        return UNREADABLE


def stored_secrets() -> Iterator[Stored]:
    """Every secret of the installation, as ciphertext."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                rows = _raw(model, field.name).exclude(raw=None).order_by("pk").values_list("pk", "raw")
                for pk, token in rows.iterator():
                    yield Stored(f"{model._meta.label}.{field.name}", model, field.name, pk, token)


def _raw(model: type[models.Model], field: str) -> models.QuerySet[Any]:
    return model._default_manager.annotate(raw=Cast(field, models.TextField()))


def count_by_key() -> dict[str, Counter[str]]:
    """{place: {newest key: n, older key: n, no key fits: n}}"""
    counts: dict[str, Counter[str]] = {}
    for stored in stored_secrets():
        counts.setdefault(stored.place, Counter())[stored.under] += 1
    return counts


def rotate(*, dry_run: bool = False) -> Counter[str]:
    """Put every readable secret under the newest key; the counts are of what was found before.

    A secret that somebody replaces in the same moment is left alone: theirs is under the newest key already.
    """
    found: Counter[str] = Counter()
    with transaction.atomic():
        for stored in list(stored_secrets()):
            under = stored.under
            found[under] += 1
            if under == OLDER and not dry_run:
                _raw(stored.model, stored.field).filter(pk=stored.pk, raw=stored.token).update(**{stored.field: open_sealed(stored.token)})
        if found[OLDER] and not dry_run:
            cause = because(CauseKind.SYSTEM, sentence("Secrets were put under the newest field key"))
            record(cause, "secrets.rotated", "installation", "field_keys", after=dict(found))
    return found
