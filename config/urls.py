"""The address book. Each app lists its full addresses in its own urls.py; pages of ours come before Django's admin."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from config import help, language, search
from config.parts import views as parts

APPS = ("config.health", "config.trail", "config.system", "integrations", "syncjobs")

urlpatterns: list[URLPattern | URLResolver] = [
    *(path("", include(f"{app}.urls")) for app in APPS),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/find/", search.find, name="find"),
    path("admin/language/", language.set_language, name="language"),
    path("admin/help/", help.help_page, name="help"),
    path("admin/help/<slug:topic>/", help.help_page, name="help-topic"),
    path("admin/system/parts/", parts.parts, name="parts"),
    path("admin/", admin.site.urls),
]

handler400 = "config.failures.not_understood"
handler403 = "config.failures.refused"
handler404 = "config.failures.not_found"
handler500 = "config.failures.broken"
