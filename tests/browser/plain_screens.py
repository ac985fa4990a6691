"""An address book with plain Django admin screens on our base classes: what the skin must carry, whatever is registered elsewhere."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.urls import path

from config.admin_screens import LABELLED, HistoryScreen, LabelledRows, VersionedScreen
from config.models import Notice, User
from config.urls import urlpatterns as ours
from integrations.models import Connector, ValueMap, ValueMapRow
from tests.config.sites import site_with


class Rows(LabelledRows):
    model = ValueMapRow
    extra = 1


class ValueMaps(admin.ModelAdmin):
    inlines = (Rows,)
    list_display = ("key", "name", "keep_unknown", "version")
    search_fields = ("key", "name")
    search_help_text = "Key or name"


class Staff(UserAdmin):
    formfield_overrides = LABELLED


class Connectors(VersionedScreen):
    list_display = ("name", "vendor", "state", "is_target", "rank", "last_success_at")
    list_filter = ("state", "vendor")
    date_hierarchy = "created_at"


class Notices(HistoryScreen):
    list_display = ("title", "severity", "count", "first_at")
    list_filter = ("severity",)


site = site_with({User: Staff, ValueMap: ValueMaps, Connector: Connectors, Notice: Notices})
urlpatterns = [path("admin/", site.urls), *ours]
