"""python -m config.supervisor: a whole Rollcall on this machine, in one terminal. `make demo` ends here.

One lock per data folder, a broker of its own if none is configured, every program started again when it ends, all of them gone
when this one goes, by whatever signal. For one machine: in production each process is a service of its own (docs/operating.md).
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

from django.conf import settings

from config.supervisor.broker import choose
from config.supervisor.children import say
from config.supervisor.lock import AlreadyRunningError, only_one
from config.supervisor.programs import banner_command, preparations, programs
from config.supervisor.supervise import Supervisor

PORT_PATIENCE_SECONDS = 10.0  # processes of a Rollcall that was killed end within this time


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    public_url = settings.PUBLIC_URL  # read first: with the settings comes the port that this folder remembers
    port = int(os.environ.get("PORT", "8000"))
    os.environ.setdefault("ROLLCALL_PUBLIC_URL", public_url)
    for folder in (settings.DATA_DIR, settings.STATIC_ROOT):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with only_one(settings.DATA_DIR):
            return _run(port)
    except AlreadyRunningError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _run(port: int) -> int:
    if not _becomes_free(port):
        sys.stderr.write(f"Port {port} is used by another program. Choose another one: PORT=8010 make demo\n")
        return 1
    if not settings.PRODUCTION and not (_sandbox_has_room() and _prepared()):
        return 1
    if not settings.PRODUCTION:
        remember(port)
    broker = choose(settings.REDIS_URL, settings.DATA_DIR)
    say("rollcall", broker.says)
    found = programs(broker, port, with_sandbox=not settings.PRODUCTION)
    return Supervisor(found, lambda: _answers(port), _show_banner).run()


def remember(port: int) -> None:
    """Keep where this demo answers, so that the next start and every command find it without being told again (config/settings.py)."""
    lines = f"PORT={port}\nROLLCALL_SANDBOX_URL={settings.SANDBOX_URL}\n"
    (settings.DATA_DIR / "addresses.env").write_text(lines)


def _sandbox_has_room() -> bool:
    """The invented systems have an address of their own; the connectors of the demo remember it."""
    wanted = urlsplit(settings.SANDBOX_URL).port
    if wanted is None or _becomes_free(wanted):
        return True
    sys.stderr.write(
        f"Port {wanted}, where the sandbox answers, is used by another program. End that program; or, before the first start, choose "
        "another one: ROLLCALL_SANDBOX_URL=http://127.0.0.1:8011 make demo\n"
    )
    return False


def _prepared() -> bool:
    """The database is up to date and the demo company is there. Both change nothing the second time."""
    return all(subprocess.run(command, check=False).returncode == 0 for command in preparations())  # noqa: S603  our own commands


def _becomes_free(port: int) -> bool:
    ends = time.monotonic() + PORT_PATIENCE_SECONDS
    while _listens(port):
        if time.monotonic() > ends:
            return False
        time.sleep(0.2)
    return True


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1.0)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _show_banner() -> None:
    """Address, logins and what to try first, in the words of the demo; without prefix, so that it can be copied."""
    shown = subprocess.run(banner_command(), capture_output=True, text=True, check=False)  # noqa: S603  our own command
    sys.stdout.write(shown.stdout or f"Rollcall answers on {os.environ['ROLLCALL_PUBLIC_URL']}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
