"""A second admin site for tests that register screens of their own: everything the real one has, and theirs instead of the real ones."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from config.admin_site import RollcallAdminSite


def site_with(screens: dict[type[Any], type[admin.ModelAdmin]]) -> RollcallAdminSite:
    site = RollcallAdminSite(name="admin")
    site._registry.update({model: screen for model, screen in admin.site._registry.items() if model not in screens})
    for model, screen in screens.items():
        site.register(model, screen)
    return site
