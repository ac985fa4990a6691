"""Staff and roles: who signs in, as what. Administrators change it; whoever may see logins reads it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Count, Field, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from config.admin_screens import HistoryScreen
from config.audit.cause import because
from config.audit.models import CauseKind
from config.audit.record import record
from config.decision_page import DecisionScreen
from config.roles.models import User
from config.roles.words import purpose, role_name, tables, verbs
from config.sentences import Sentence, sentence
from config.staff.decisions import CloseLogin, OpenLogin
from config.templatetags.rollcall import ago, label

KEPT = ("username", "first_name", "last_name", "email", "is_superuser", "time_zone", "language")  # what the trail remembers of a login


class RoleField(forms.ModelMultipleChoiceField):
    """Roles as boxes, each with what it is for."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> SafeString:
        return format_html('{}<span class="rc-why">{}</span>', role_name(obj.name), purpose(obj))


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("active", _("active")), ("deactivated", _("deactivated"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(is_active=self.value() == "active") if self.value() in ("active", "deactivated") else queryset


class RoleFilter(admin.SimpleListFilter):
    title = gettext_lazy("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        roles = [(str(pk), role_name(name)) for pk, name in Group.objects.order_by("name").values_list("pk", "name")]
        return [*roles, ("administrator", _("administrator")), ("none", _("no role"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.value() or ""
        if asked == "administrator":
            return queryset.filter(is_superuser=True)
        if asked == "none":
            return queryset.filter(groups=None, is_superuser=False)
        return queryset.filter(groups=int(asked)) if asked.isdecimal() and len(asked) < 10 else queryset


@cache
def zones() -> tuple[str, ...]:
    """Zones by place, as people know them; not the old short names and offsets."""
    return ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


@admin.register(User)
class StaffScreen(DecisionScreen, UserAdmin):
    change_list_template = "config/roles/staff.html"
    list_display = ("name", "roles", "state", "signed_in", "zone", "speaks")
    list_filter: ClassVar = (StateFilter, RoleFilter)
    show_facets = admin.ShowFacets.NEVER
    search_fields: ClassVar = ("username", "first_name", "last_name", "email")
    search_help_text = gettext_lazy("Name, sign-in name or e-mail")
    ordering: ClassVar = ("-is_active", "first_name", "username")
    filter_horizontal: ClassVar = ()
    actions = None
    list_per_page = 50
    readonly_fields: ClassVar = ("state", "signed_in", "joined")
    fieldsets: ClassVar = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "password")}),
        (gettext_lazy("Roles"), {"fields": ("groups", "is_superuser")}),
        (gettext_lazy("What they see"), {"fields": ("time_zone", "language")}),
        (gettext_lazy("Signing in"), {"fields": ("state", "signed_in", "joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        (gettext_lazy("Roles"), {"fields": ("groups",)}),
        (gettext_lazy("Signing in"), {"fields": ("usable_password", "password1", "password2")}),
    )
    decisions: ClassVar = {
        "deactivate": lambda actor, login: CloseLogin(actor, login),
        "activate": lambda actor, login: OpenLogin(actor, login),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("groups")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        counted = User.objects.aggregate(
            active=Count("id", filter=Q(is_active=True)),
            administrators=Count("id", filter=Q(is_active=True, is_superuser=True)),
            closed=Count("id", filter=Q(is_active=False)),
        )
        answer: HttpResponse = super().changelist_view(request, {**(extra_context or {}), **counted})
        return answer

    class Media:
        css: ClassVar = {"all": ("rollcall/staff.css",)}

    # ── columns ─────────────────────────────────────────────────────────────────────────────────────

    @admin.display(description=gettext_lazy("name"), ordering="first_name")
    def name(self, user: User) -> SafeString:
        return format_html('{}<span class="rc-why">{}</span>', str(user), user.username)

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, user: User) -> str:
        named = sorted(role_name(group.name) for group in user.groups.all())
        return ", ".join([_("administrator"), *named] if user.is_superuser else named) or "–"

    @admin.display(description=gettext_lazy("state"), ordering="is_active")
    def state(self, user: User) -> SafeString:
        return label(_("active"), "ok", "●") if user.is_active else label(_("deactivated"), "idle", "○")

    @admin.display(description=gettext_lazy("last sign-in"), ordering="last_login")
    def signed_in(self, user: User) -> SafeString | str:
        return ago(user.last_login, _("never"))

    @admin.display(description=gettext_lazy("added"))
    def joined(self, user: User) -> SafeString | str:
        return ago(user.date_joined)

    @admin.display(description=gettext_lazy("time zone"), ordering="time_zone")
    def zone(self, user: User) -> SafeString:
        area, slash, place = user.time_zone.rpartition("/")
        return format_html("{}{}<wbr>{}", area, slash, place)

    @admin.display(description=gettext_lazy("language"), ordering="language")
    def speaks(self, user: User) -> str:
        return str(dict(settings.LANGUAGES).get(user.language, _("as the browser")))

    # ── who may ─────────────────────────────────────────────────────────────────────────────────────
    # Whoever can give roles or set passwords can become anybody: that is for administrators alone, whatever a group says.

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # ── the form ────────────────────────────────────────────────────────────────────────────────────

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without the line about the password for those who may only look."""
        found = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return found
        return [(title, {**options, "fields": [name for name in options["fields"] if name != "password"]}) for title, options in found]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            roles = Group.objects.order_by("name")
            return RoleField(roles, required=False, label=_("Roles"), help_text=_("Somebody may have more than one."))
        if db_field.name == "time_zone":
            return forms.ChoiceField(
                choices=[(zone, zone) for zone in zones()], label=_("Time zone"), help_text=_("Times are shown in this zone.")
            )
        if db_field.name == "language":
            return forms.ChoiceField(choices=[("", _("as the browser")), *settings.LANGUAGES], required=False, label=_("Language"))
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "is_superuser":
            field.label, field.help_text = _("Administrator"), _("May do everything, and change logins and roles.")
        return field

    def _decision_links(self, request: HttpRequest, row: Any) -> list[tuple[Any, str]]:
        """Only the one of the two that would change something."""
        wanted = CloseLogin.label if row.is_active else OpenLogin.label
        return [link for link in super()._decision_links(request, row) if link[0] == wanted]

    # ── the trail ───────────────────────────────────────────────────────────────────────────────────

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        form.before = remembered(User.objects.get(pk=obj.pk)) if change else None
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Sequence[Any], change: bool) -> None:
        super().save_related(request, form, formsets, change)
        after = remembered(User.objects.get(pk=form.instance.pk))
        if after != form.before:
            _note(request, form.instance, "user.changed" if change else "user.added", form.before, after)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        with transaction.atomic():
            earlier = User.objects.filter(pk=id).values_list("password", flat=True).first() if id.isdecimal() else None
            answer: HttpResponse = super().user_change_password(request, id, form_url)
            user = User.objects.filter(pk=id).first() if earlier is not None else None
            if user is not None and user.password != earlier:
                _note(request, user, "user.password_set", None, {"can_sign_in_with_password": user.has_usable_password()})
        return answer


def remembered(user: User) -> dict[str, Any]:
    """What the trail keeps of a login, roles included; never the password."""
    return {name: getattr(user, name) for name in KEPT} | {"roles": sorted(user.groups.values_list("name", flat=True))}


def _label(action: str, name: str) -> Sentence:
    match action:
        case "user.added":
            return sentence("login added: %(name)s", name=name)
        case "user.password_set":
            return sentence("password set: %(name)s", name=name)
    return sentence("login changed: %(name)s", name=name)


def _note(request: HttpRequest, user: User, action: str, before: Any, after: Any) -> None:
    cause = because(CauseKind.SETTING, _label(action, str(user)), actor=request.user)  # type: ignore[arg-type]
    record(cause, action, "user", user.pk, before, after, str(user))


admin.site.unregister(Group)


@admin.register(Group)
class GroupScreen(HistoryScreen):
    """The roles, read only: `migrate` sets them to the catalogue (config/roles/catalogue.py)."""

    change_list_template = "config/roles/roles.html"
    list_display = ("called", "is_for", "members")
    fields = ("called", "is_for", "members", "may", "reaches")
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Group.objects.annotate(people=Count("user"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("config.view_user")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("config.view_user")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fields

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def called(self, group: Group) -> str:
        return role_name(group.name)

    @admin.display(description=gettext_lazy("what it is for"))
    def is_for(self, group: Group) -> str:
        return purpose(group)

    @admin.display(description=gettext_lazy("logins"), ordering="people")
    def members(self, group: Any) -> int:
        return int(group.people)

    @admin.display(description=pgettext_lazy("what a role is allowed to do", "may"))
    def may(self, group: Group) -> SafeString:
        return _lines(verbs(_permissions(group)))

    @admin.display(description=gettext_lazy("tables"))
    def reaches(self, group: Group) -> SafeString:
        return _lines(tables(_permissions(group)))


def _permissions(group: Group) -> QuerySet[Permission]:
    return group.permissions.select_related("content_type")


def _lines(lines: Sequence[str]) -> SafeString:
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines or [_("nothing")]))
