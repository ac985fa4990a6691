"""manage.py healthcheck --component web|worker|beat: for container probes. Exit 0 alive, 1 not.

web asks its own /healthz; worker and beat must have written a heartbeat on this machine within a minute.
"""

from __future__ import annotations

import http.client
import os
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import DatabaseError

from config.health.heartbeat import is_alive
from config.management.answer import AnsweringCommand, Exit

SECONDS = 3.0


class Command(AnsweringCommand):
    help = "Say whether a process of Rollcall on this machine is alive. Example: manage.py healthcheck --component worker"
    requires_system_checks: list[str] = []  # a probe runs every few seconds

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--component", choices=["web", "worker", "beat"], required=True)
        parser.add_argument(
            "--port", type=int, default=int(os.environ.get("PORT", "8000")), help="port of the web process (default: PORT, or 8000)"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        component = options["component"]
        trouble = _web(options["port"]) if component == "web" else _by_heartbeat(component)
        self.answer(
            options, [] if trouble else [f"{component} is alive"], {"component": component}, [trouble] if trouble else [], Exit.UNEXPECTED
        )


def _web(port: int) -> str:
    """Empty, or why not. Says a host of ALLOWED_HOSTS, which the process would refuse to miss."""
    named = next((host for host in settings.ALLOWED_HOSTS if not host.startswith((".", "*"))), "127.0.0.1")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": named})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"web does not answer on port {port}: {type(error).__name__}"
    finally:
        connection.close()
    return "" if status == 200 else f"web answers {status}"


def _by_heartbeat(component: str) -> str:
    try:
        alive = is_alive(component, on_this_machine=True)
    except DatabaseError as error:
        return f"the database does not answer: {type(error).__name__}"
    return "" if alive else f"{component} has not been seen on this machine for a minute"
