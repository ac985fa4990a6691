"""Which code runs, on what."""

from __future__ import annotations

import platform
import tomllib
from functools import cache

import celery
import django
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from config.system.lines import Line


@cache
def rollcall_version() -> str:
    """As pyproject.toml says, which lies beside the code in every installation."""
    return str(tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def versions() -> list[Line]:
    return [
        Line("Rollcall", rollcall_version()),
        Line("Django", django.get_version()),
        Line("Celery", celery.__version__),
        Line("Python", platform.python_version()),
        Line(connection.display_name, ".".join(map(str, connection.get_database_version()))),
        Line(_("Environment"), settings.ROLLCALL_ENV),
    ]
