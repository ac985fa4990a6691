"""Who signs in. Roles are Django groups, made by migration (config/roles/catalogue.py)."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A member of staff. Learners are Persons and never sign in here."""

    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Berlin", help_text=_("Times are shown in this zone."))
    language = models.CharField(_("language"), max_length=10, blank=True, help_text=_("Empty follows the browser."))

    class Meta:
        verbose_name = _("staff login")
        verbose_name_plural = _("staff logins")

    def __str__(self) -> str:
        return self.get_full_name() or self.username
