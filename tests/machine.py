"""What this machine has that some tests cannot do without."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

from config.supervisor.broker import SERVERS

POSTGRES_FOLDER = Path("/usr/lib/postgresql")  # where Debian keeps the programs of each version, out of PATH


def chromium_path() -> str:
    """The browser of the browser tests: ROLLCALL_CHROMIUM, or the first Chromium or Chrome on PATH; empty when there is none."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return os.environ.get("ROLLCALL_CHROMIUM") or next((path for path in found if path), "")


def has_redis_server() -> bool:
    return any(shutil.which(name) for name in SERVERS)


def postgres_programs() -> Path | None:
    """The folder with initdb and pg_ctl of the newest version here. Root may not run them: there has to be a user postgres then."""
    if os.getuid() == 0 and "postgres" not in {user.pw_name for user in pwd.getpwall()}:
        return None
    folders = sorted(POSTGRES_FOLDER.glob("*/bin"), key=lambda one: [int(part) for part in one.parent.name.split(".")], reverse=True)
    on_path = shutil.which("initdb")
    folders += [Path(on_path).resolve().parent] if on_path else []
    return next((one for one in folders if (one / "initdb").exists() and (one / "pg_ctl").exists()), None)
