"""The site: menu by task, find box, and what the frame of every page needs to know."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from config.navigation import navigation
from config.roles.sign_in import SignInForm
from config.roles.words import role_name


class RollcallAdminSite(AdminSite):
    site_header = "Rollcall"
    site_title = "Rollcall"
    index_title = ""
    login_form = SignInForm
    enable_nav_sidebar = False  # the menu by task stands in the frame (rollcall/navigation.html); Django's list of tables does not

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        if context["has_permission"]:
            groups = navigation(request)
            context |= {
                "navigation": groups,
                "help_topic": next((link.key for group in groups for link in group.links if link.is_current), ""),
                "user_role": role_of(request.user),
                "user_initials": initials(str(request.user)),
                "time_zone_name": timezone.get_current_timezone_name(),
            }
        return context | {"is_sandbox": not settings.PRODUCTION}


def role_of(user: Any) -> str:
    """What this member of staff is, in words: the names of their groups, or that they may do everything."""
    if user.is_superuser:
        return _("administrator")
    return ", ".join(sorted(role_name(name) for name in user.groups.values_list("name", flat=True)))


def initials(name: str) -> str:
    """Two letters for the round mark beside the name: first and last word, or the first two of a single one."""
    words = name.split()
    return (words[0][0] + words[-1][0] if len(words) > 1 else name[:2]).upper()
