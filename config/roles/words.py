"""What a role may do, in words: one line a kind of thing, then what Rollcall adds."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.roles.catalogue import ROLES

VERBS = {"view": gettext_lazy("see"), "add": gettext_lazy("add"), "change": gettext_lazy("change"), "delete": gettext_lazy("remove")}


def purpose(group: Group) -> str:
    """Why the role exists, for one of the catalogue; a group an installation made itself says so."""
    return next((_(role.purpose) for role in ROLES if role.name == group.name), _("A group of this installation's own."))


def in_words(permissions: Iterable[Permission]) -> list[str]:
    """“Connectors: see, add”, by name; then the permissions with a sentence of their own."""
    plain: dict[str, list[str]] = {}
    special = []
    for permission in permissions:
        verb, _sep, model = permission.codename.partition("_")
        if verb in VERBS and model == permission.content_type.model:
            plain.setdefault(things(permission), []).append(verb)
        else:
            special.append(_(permission.name))
    lines = [f"{thing}: {', '.join(str(VERBS[verb]) for verb in VERBS if verb in verbs)}" for thing, verbs in sorted(plain.items())]
    return lines + sorted(special)


def things(permission: Permission) -> str:
    model = permission.content_type.model_class()
    return str(capfirst(model._meta.verbose_name_plural)) if model else permission.content_type.model
