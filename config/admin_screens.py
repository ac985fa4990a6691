"""What every screen shares: the frame of a page, and base classes of Django admin screens.

A page of our own is a function `view(request, …) -> HttpResponse` under `@screen("app.permission")` that returns `page(…)`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import DateTimeField, Field, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from simple_history.admin import SimpleHistoryAdmin

from config.roles.scopes import scoped_for

View = Callable[..., HttpResponse]


def screen(*permissions: str) -> Callable[[View], View]:
    """Staff only, and holding any of `permissions`; without any named, every member of staff. Never cached, CSRF checked."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if permissions and not any(request.user.has_perm(permission) for permission in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        @wraps(view)
        def behind_sign_in(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return admin.site.admin_view(checked)(request, *args, **kwargs)

        return behind_sign_in

    return decorate


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    title: str = "",
    section: str | None = None,
    status: int = 200,
) -> TemplateResponse:
    """A template that extends rollcall/page.html, with the frame around it.

    `title` is the browser tab and the default headline: no personal data in it. `section` is the key of the menu entry to mark
    (config/navigation.py) when the address alone does not tell.
    """
    if section is not None:
        request.section = section  # type: ignore[attr-defined]
    return TemplateResponse(request, template, admin.site.each_context(request) | {"title": title} | (context or {}), status=status)


class EstimatedPaginator(Paginator):
    """Counts a whole large table from the planner's statistics instead of reading it; a filtered list is counted.

    PostgreSQL only; SQLite counts. Below 10,000 rows the statistics are too coarse to be shown.
    """

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if connection.vendor == "postgresql" and isinstance(rows, QuerySet) and not rows.query.where:
            with connection.cursor() as cursor:
                cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [rows.model._meta.db_table])
                estimate = int(cursor.fetchone()[0])
            if estimate >= 10_000:
                return estimate
        return super().count


class HistoryScreen(admin.ModelAdmin):
    """Rows that were written once: they can be read, filtered and linked to, never added, changed or deleted."""

    paginator = EstimatedPaginator
    show_full_result_count = False
    list_per_page = 50
    actions = None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return scoped_for(request.user, super().get_queryset(request))


class LabelledMoment(AdminSplitDateTime):
    """Django's pair of date and time boxes, each read out by its own name."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for part, label in zip(context["widget"]["subwidgets"], (_("Date"), _("Time")), strict=True):
            part["attrs"]["aria-label"] = label
        return context


LABELLED: dict[type[Field], dict[str, Any]] = {DateTimeField: {"widget": LabelledMoment}}  # for formfield_overrides of a screen


class VersionedScreen(SimpleHistoryAdmin):
    """A setting whose earlier versions are kept, compared and brought back."""

    object_history_list_template = "rollcall/versions.html"
    history_list_per_page = 50
    formfield_overrides = LABELLED


class LabelledRows(admin.TabularInline):
    """Rows inside a form. Django gives the cells no labels of their own; here each field is read out by its column's name."""

    extra = 0
    formfield_overrides = LABELLED

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)

        class Labelled(formset):  # type: ignore[valid-type, misc]
            def add_fields(self, form: Any, index: int | None) -> None:
                super().add_fields(form, index)
                for field in form.fields.values():
                    field.widget.attrs.setdefault("aria-label", str(field.label or ""))

        return Labelled
