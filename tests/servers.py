"""Servers and a worker of a test's own, to be stopped, emptied and killed: the ones the session runs on serve others as well."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis
from django.conf import settings
from django.db import connection

from config.supervisor.broker import Broker, choose
from config.supervisor.children import Program
from config.supervisor.programs import programs
from tests.config.test_pulse import eventually
from tests.machine import postgres_programs

START_SECONDS = 60.0
STOP_SECONDS = 40.0


# ── Redis ───────────────────────────────────────────────────────────────────────────────────────────


class PrivateRedis:
    """The broker that `make demo` would start: a unix socket, nothing on disk."""

    def __init__(self, folder: Path) -> None:
        found = choose("", folder)
        assert found.program is not None, found.says
        self.url = found.redis_url
        self._program: Program = found.program
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._program.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        assert eventually(self._answers, START_SECONDS)

    def _answers(self) -> bool:
        try:
            return bool(self._asked().ping())
        except redis.RedisError:
            return False

    def _asked(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def keys(self) -> int:
        return int(self._asked().dbsize())

    def flush(self) -> None:
        self._asked().flushall()

    def shut_down(self) -> None:
        """SHUTDOWN, and wait until the process is gone."""
        assert self._process is not None
        self._asked().shutdown(nosave=True)
        self._process.wait(STOP_SECONDS)

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(STOP_SECONDS)


@contextmanager
def private_redis() -> Iterator[PrivateRedis]:
    with tempfile.TemporaryDirectory(prefix="rollcall-") as folder:
        server = PrivateRedis(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.kill()


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────────────


class PrivatePostgres:
    """A cluster in a folder of its own, run by the system's user postgres where this is root: PostgreSQL refuses root.

    Commits that do not wait for the disk reach it late on purpose (`wal_writer_delay`): after a crash they are gone.
    """

    OPTIONS = "-c listen_addresses=127.0.0.1 -c wal_writer_delay=10s -c wal_writer_flush_after=512MB -c shared_buffers=32MB"

    def __init__(self, folder: Path) -> None:
        programs_folder = postgres_programs()
        assert programs_folder is not None
        self._programs = programs_folder
        self._folder = folder
        self._as_user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        if self._as_user:
            shutil.chown(folder, "postgres", "postgres")
        self._data = folder / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    def make(self) -> None:
        self._run("initdb", "--pgdata", str(self._data), "--username", "rollcall", "--auth", "trust", "--encoding", "UTF8", "--no-sync")
        options = f"-p {self.port} -k {self._folder} {self.OPTIONS}"
        self._control("start", "-o", options, "-l", str(self._folder / "log"))
        with self._asked("postgres") as asked:
            asked.execute("CREATE DATABASE rollcall")

    def restart(self, mode: str) -> None:
        """`fast` ends every connection, `immediate` is a crash and a recovery."""
        self._control("restart", "-m", mode, "-l", str(self._folder / "log"))

    def end_connections(self) -> int:
        """pg_terminate_backend for every connection of Rollcall. Returns how many there were."""
        with self._asked("postgres") as asked:
            rows = asked.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'rollcall'").fetchall()
        return len(rows)

    def stop(self) -> None:
        if (self._data / "postmaster.pid").exists():
            self._control("stop", "-m", "immediate")

    @property
    def url(self) -> str:
        return f"postgres://rollcall@127.0.0.1:{self.port}/rollcall"

    def _asked(self, name: str) -> psycopg.Connection:
        return psycopg.connect(host="127.0.0.1", port=self.port, user="rollcall", dbname=name, autocommit=True)

    def _control(self, verb: str, *arguments: str) -> None:
        self._run("pg_ctl", verb, "--pgdata", str(self._data), "--wait", "--timeout", "60", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the server it starts keeps what it was given open
            stderr=subprocess.DEVNULL,
            check=False,
            **self._as_user,
        )
        log = self._folder / "log"
        assert done.returncode == 0, f"{program} {arguments}: {done.returncode} {log.read_text() if log.exists() else ''}"


@contextmanager
def private_postgres() -> Iterator[PrivatePostgres]:
    with tempfile.TemporaryDirectory(prefix="rollcall-") as folder:
        server = PrivatePostgres(Path(folder))
        try:
            server.make()
            yield server
        finally:
            server.stop()


# ── the worker ──────────────────────────────────────────────────────────────────────────────────────


def address_of_the_database() -> str:
    """DATABASE_URL of the database this process works on now."""
    held = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{held['NAME']}"
    who = quote(str(held["USER"]), safe="") + (f":{quote(str(held['PASSWORD']), safe='')}" if held["PASSWORD"] else "")
    return f"postgres://{who}@{held['HOST']}:{held['PORT'] or 5432}/{held['NAME']}"


@contextmanager
def a_worker(redis_url: str, log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """The worker as an installation on one machine runs it (config/supervisor/programs.py), on the database of this process."""
    worker = next(one for one in programs(Broker(redis_url, ""), 0, with_sandbox=False) if one.name == "worker")
    with log.open("ab") as lines:
        process = subprocess.Popen(
            worker.command,
            cwd=settings.BASE_DIR,
            env=_environment(worker.environment, environment),
            stdin=subprocess.DEVNULL,
            stdout=lines,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
        assert process.poll() is None, f"the worker ended by itself: {log.read_text()[-3000:]}"
    finally:
        _end(process)


def _environment(*given: Mapping[str, str]) -> dict[str, str]:
    own = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": address_of_the_database(),
        "ROLLCALL_DATA_DIR": str(settings.DATA_DIR),
        "ROLLCALL_SANDBOX_HOSTS": ",".join(settings.SANDBOX_HOSTS),
        "ROLLCALL_FILE_FOLDERS": ",".join(settings.FILE_FOLDERS),
        "ROLLCALL_FIELD_KEYS": ",".join(settings.FIELD_KEYS),
    }
    merged = {**os.environ, **own}
    for one in given:
        merged.update(one)
    return merged


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)
