"""What every measurement stands on: a throw-away database, a process of its own, and what this machine is."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.errors import InsufficientPrivilege
from redis import Redis

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """The PostgreSQL server of DATABASE_URL. Every measurement gets a fresh copy of a migrated, empty database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.template = f"rollcall_bench_{os.getpid()}"
        self.made = 0

    def named(self, name: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def run(self, *statements: sql.Composed) -> None:
        with psycopg.connect(self.named("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def fetch(self, question: str) -> str:
        with psycopg.connect(self.named("postgres")) as connection:
            row = connection.execute(question.encode()).fetchone()
            return str(row[0]) if row else ""

    @contextmanager
    def prepared(self, data: Path) -> Iterator[Server]:
        """Migrated once; gone at the end, whatever happens."""
        name = sql.Identifier(self.template)
        self.run(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            self.migrate(self.named(self.template), data)
            yield self
        finally:
            self.run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def migrate(self, url: str, data: Path) -> None:
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]
        subprocess.run(command, cwd=ROOT, env=environment(url, data), check=True)

    @contextmanager
    def database(self) -> Iterator[str]:
        self.made += 1
        name = sql.Identifier(f"{self.template}_{self.made}")
        self.run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(self.template)))
        try:
            yield self.named(f"{self.template}_{self.made}")
        finally:
            self.run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            with suppress(InsufficientPrivilege):  # the next measurement starts a little less even, no more
                self.run(sql.SQL("CHECKPOINT").format())


def environment(url: str, data: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ROLLCALL_")}
    return {
        **kept,
        "DATABASE_URL": url,
        "ROLLCALL_DATA_DIR": str(data),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_LEVEL": "WARNING",
    }


def measured(module: str, *args: str, url: str, data: Path) -> dict[str, Any]:
    """Run `python -m tests.benchmarks.<module>` in its own process; the JSON on its last line."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *args]
    done = subprocess.run(command, cwd=ROOT, env=environment(url, data), stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def hardware(server: Server) -> dict[str, Any]:
    cpu = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**3
    return {
        "cpu": cpu or platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": memory,
        "python": platform.python_version(),
        "postgresql": server.fetch("SHOW server_version"),
        "shared_buffers": server.fetch("SHOW shared_buffers"),
        "redis": redis_version(),
        "load_average_before": round(os.getloadavg()[0], 2),
    }


def redis_version() -> str:
    """Of the broker and doorbell of the measured processes; without one they use files, which is another figure."""
    url = os.environ.get("REDIS_URL", "")
    return str(Redis.from_url(url, socket_timeout=2).info("server")["redis_version"]) if url else "none"


def set_up() -> None:
    """Django in a measuring process."""
    import django

    django.setup()
