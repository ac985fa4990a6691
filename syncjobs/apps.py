"""The app. It is the last one, so when it is ready everything is imported."""

from __future__ import annotations

from django.apps import AppConfig

from config.interpreter import settle


class SyncjobsConfig(AppConfig):
    name = "syncjobs"
    verbose_name = "Work"

    def ready(self) -> None:
        settle()
