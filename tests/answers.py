"""What a command of Rollcall answers to a script: its exit code and the one line of JSON on standard output."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command


def run_command(*words: str, stdin: str = "", monkeypatch: pytest.MonkeyPatch | None = None) -> tuple[int, str]:
    """(exit code, what stood on standard output)"""
    out = io.StringIO()
    if monkeypatch is not None:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    try:
        call_command(*words, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


def answer(*words: str, **more: Any) -> tuple[int, dict[str, Any]]:
    """(exit code, the object). The shape is the same for every command: {"ok", "data", "errors"} on one line."""
    code, said = run_command(*words, "--json", **more)
    assert said.count("\n") == 1, "one line"
    found: dict[str, Any] = json.loads(said)
    assert set(found) == {"ok", "data", "errors"} and all(isinstance(one, str) for one in found["errors"])
    assert found["ok"] == (code == 0) == (not found["errors"])
    return code, found
