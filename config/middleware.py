"""Pages speak the language, and show times in the zone, of whoever reads them."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import timezone, translation
from django_structlog.middlewares import RequestMiddleware

from config import clock


class UserZoneMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(clock.zone(getattr(request.user, "time_zone", None))):
            return self.get_response(request)


class UserLanguageMiddleware:
    """The language kept with the login comes before the cookie and the browser, which LocaleMiddleware has read by now."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = getattr(request.user, "language", "")
        if language not in dict(settings.LANGUAGES):
            return self.get_response(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response


class RequestLogMiddleware(RequestMiddleware):
    """One line at the beginning and one at the end of each request, without the query: filters and searches may be about people."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"


class NoNulMiddleware:
    """PostgreSQL holds no NUL in a text and says so with an error; nobody types one, so the request is refused instead."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            return HttpResponseBadRequest("a NUL stands in this address\n", content_type="text/plain")
        return self.get_response(request)
