"""The addresses of the installation's own pages."""

from __future__ import annotations

from django.urls import path

from config.system import views

urlpatterns = [
    path("admin/system/", views.system, name="system"),
    path("admin/system/sandbox/", views.sandbox, name="sandbox"),
]
