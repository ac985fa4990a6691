"""Make the groups of this installation equal to the catalogue. Runs after every migrate, because the permissions of upper
packages do not exist yet when this package's migrations run."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models.signals import post_migrate

from config.roles.catalogue import APPS, ROLES, SPECIAL, Role


def sync_roles() -> None:
    """Create what is missing, set every role's permissions to the catalogue's. Doing it twice changes nothing."""
    with transaction.atomic():
        _make_special_permissions()
        known = _permissions()
        through = Group.permissions.through
        for role in ROLES:
            group, _ = Group.objects.get_or_create(name=role.name)
            wanted = {known[name] for name in granted(role, known)}
            held = set(through.objects.filter(group=group).values_list("permission_id", flat=True))
            through.objects.filter(group=group, permission_id__in=held - wanted).delete()
            through.objects.bulk_create([through(group=group, permission_id=pk) for pk in sorted(wanted - held)])


def granted(role: Role, known: Any) -> set[str]:
    """Those of the `known` "app.codename" that the role's patterns name."""
    return {name for name in known if any(fnmatchcase(name, pattern) for pattern in role.permissions)}


def _permissions() -> dict[str, int]:
    rows = Permission.objects.filter(content_type__app_label__in=APPS).values_list("content_type__app_label", "codename", "pk")
    return {f"{app}.{codename}": pk for app, codename, pk in rows}


def _make_special_permissions() -> None:
    existing = set(Permission.objects.values_list("content_type__app_label", "codename"))
    types = {(row.app_label, row.model): row for row in ContentType.objects.filter(app_label__in=APPS)}
    missing = []
    for name, (model, sentence) in SPECIAL.items():
        app, codename = name.split(".")
        if (app, codename) not in existing and (app, model) in types:
            missing.append(Permission(codename=codename, name=sentence, content_type=types[app, model]))
    Permission.objects.bulk_create(missing)


def _after_migrate(sender: AppConfig, **_: Any) -> None:
    """Once, after the last app: by then Django has made the permissions of all of them."""
    with_models = [config for config in apps.get_app_configs() if config.models_module is not None]
    if sender == with_models[-1] and apps.is_installed("django.contrib.auth"):
        sync_roles()


post_migrate.connect(_after_migrate, dispatch_uid="rollcall.sync_roles")
