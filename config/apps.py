"""The app, and the swap of Django's admin site for ours."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps

import config.celery  # noqa: F401  without a loaded app, shared_task would fall back to amqp://localhost


class ConfigConfig(AppConfig):
    default = True
    name = "config"
    verbose_name = "Installation"

    def ready(self) -> None:
        from config import checks, history  # noqa: F401  checks register themselves; history feeds the audit trail
        from config.roles import sync_roles  # noqa: F401  sets the roles' permissions after every migrate


class RollcallAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "config.admin_site.RollcallAdminSite"
