"""Addresses of the outside world's pages, theme by theme, as they stand in the address book (config/urls.py)."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("", include("integrations.mapping.urls"))]
