"""What a role may do, in words."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.roles.catalogue import ROLES

VERBS = {"view": gettext_lazy("see"), "add": gettext_lazy("add"), "change": gettext_lazy("change"), "delete": gettext_lazy("remove")}


def role_name(name: str) -> str:
    """What a role is called; a group an installation made itself by its own name."""
    return _(name)


def purpose(group: Group) -> str:
    """Why the role exists, for one of the catalogue; a group an installation made itself says so."""
    return next((_(role.purpose) for role in ROLES if role.name == group.name), _("A group of this installation's own."))


def verbs(permissions: Iterable[Permission]) -> list[str]:
    """What Rollcall adds to Django's four verbs, a sentence each."""
    return sorted(_(permission.name) for permission in permissions if not _is_plain(permission))


def tables(permissions: Iterable[Permission]) -> list[str]:
    """“see, add: Connectors, Secrets”: which tables, together where the verbs are the same. Earlier versions go with their table."""
    held: dict[str, set[str]] = {}
    for permission in permissions:
        if _is_plain(permission) and not permission.content_type.model.startswith("historical"):
            held.setdefault(_things(permission), set()).add(permission.codename.partition("_")[0])
    together: dict[str, list[str]] = {}
    for things in sorted(held):
        together.setdefault(", ".join(str(word) for verb, word in VERBS.items() if verb in held[things]), []).append(things)
    return [f"{said}: {', '.join(things)}" for said, things in sorted(together.items(), reverse=True)]


def _is_plain(permission: Permission) -> bool:
    verb, _sep, model = permission.codename.partition("_")
    return verb in VERBS and model == permission.content_type.model


def _things(permission: Permission) -> str:
    model = permission.content_type.model_class()
    return str(capfirst(model._meta.verbose_name_plural)) if model else permission.content_type.model
