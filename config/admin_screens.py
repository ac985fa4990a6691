"""What every screen shares: the page frame, and base classes of Django admin screens.

A page of our own is a function `view(request, …) -> HttpResponse` under `@screen("app.permission")` that returns `page(…)`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

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
