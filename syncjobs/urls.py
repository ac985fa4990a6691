"""The addresses of runs, plans, people and schedules."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = []

urlpatterns += [path("", include("syncjobs.pages.addresses"))]
