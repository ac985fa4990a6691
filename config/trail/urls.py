"""The addresses of the trail."""

from __future__ import annotations

from django.urls import path

from config.trail import views

urlpatterns = [
    path("admin/audit/", views.audit, name="audit"),
    path("admin/audit/verify/", views.verify_chain, name="audit-verify"),
    path("admin/audit/export/", views.export, name="audit-export"),
    path("admin/audit/<int:number>/", views.entry, name="audit-entry"),
]
