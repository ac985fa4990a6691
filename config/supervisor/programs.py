"""What a whole Rollcall on one machine consists of."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from config.supervisor.broker import Broker
from config.supervisor.children import Program

PYTHON = sys.executable
CELERY = (PYTHON, "-m", "celery", "-A", "config")
# Files have no fanout; and with one worker on one machine there is nobody to gossip with on Redis either.
ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat")


def programs(broker: Broker, port: int, *, with_sandbox: bool) -> list[Program]:
    """In starting order, though any order works: everybody waits for everybody."""
    environment = {"REDIS_URL": broker.redis_url, "PORT": str(port)}

    def program(name: str, *command: str) -> Program:
        return Program(name, command, environment)

    found = [broker.program] if broker.program else []
    if with_sandbox:
        found.append(program("sandbox", PYTHON, "manage.py", "sandbox"))
    found += [
        program("web", PYTHON, "-m", "gunicorn", "--config", "python:config.gunicorn_settings", "config.wsgi:application"),
        program("worker", *CELERY, "worker", "--pool", "threads", "--concurrency", "4", "--loglevel", "INFO", *ALONE),
        program("beat", *CELERY, "beat", "--loglevel", "INFO"),
    ]
    return found


def preparations() -> Sequence[Sequence[str]]:
    return (PYTHON, "manage.py", "migrate", "--verbosity", "0"), (PYTHON, "manage.py", "demo", "load")


def banner_command() -> Sequence[str]:
    return (PYTHON, "manage.py", "demo", "banner")
