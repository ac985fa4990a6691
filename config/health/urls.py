"""Addresses for probes. Include at the root: path("", include("config.health.urls"))."""

from django.urls import path

from config.health.views import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
