"""Keys that the demo makes for itself. Production is given its keys and never comes here."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path


def key_from_file(path: Path) -> str:
    """The key in `path`, made on first use (32 random bytes, URL-safe base64, readable by the owner only).

    Two processes starting together agree: the file is created exclusively, and the loser reads the winner's.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(descriptor, "w") as file:
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    for _ in range(1000):  # the winner may not have written yet; its write is a few microseconds away
        key = path.read_text()
        if len(key) == 44:
            return key
    raise RuntimeError(f"{path.name} is empty; remove it and start again")
