"""The sandbox that belongs to this installation: does it run, and how it forgets what happened in it."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from integrations.management.commands.sandbox import HR_FOLDER
from integrations.sandbox.sandbox import forget

PATIENCE_SECONDS = 10.0


def is_running() -> bool:
    return "vendors" in _asked("GET", "state")


def reset() -> bool:
    """Nothing has happened yet, in a running sandbox or in the files of one that is not. True when one runs."""
    if is_running():
        return bool(_asked("POST", "reset"))
    forget(settings.SANDBOX_DIR, settings.SANDBOX_DIR / HR_FOLDER)
    return False


def _asked(method: str, word: str) -> dict[str, Any]:
    """The answer of its control API on this machine; empty when nobody, or something else, answers there."""
    address = urlsplit(settings.SANDBOX_URL)
    connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port or 8001, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, f"/control/{word}")
        answer = connection.getresponse()
        said = json.loads(answer.read()) if answer.status == 200 else {}
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return said if isinstance(said, dict) else {}
