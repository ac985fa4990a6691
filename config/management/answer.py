"""What every command of Rollcall answers: sentences for people, one JSON object of a stable shape for scripts, an exit code.

Exit codes: 0 ok, 1 unexpected or not healthy, 2 usage or invalid input, 3 held by a guard, 4 partial, 5 failed, 6 findings, 7 trail broken.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Exit(IntEnum):
    OK = 0
    UNEXPECTED = 1
    INVALID = 2
    HELD = 3
    PARTIAL = 4
    FAILED = 5
    FINDINGS = 6
    BROKEN = 7


class AnsweringCommand(BaseCommand):
    """A command with --json. `handle` ends with `answer`, which ends the process with the exit code."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help='print {"ok", "data", "errors"} on one line instead of sentences')

    def answer(
        self,
        options: dict[str, Any],
        sentences: Sequence[str],
        data: Any = None,
        errors: Sequence[str] = (),
        exit_code: Exit = Exit.UNEXPECTED,
    ) -> None:
        """Print, and raise CommandError with `exit_code` when there are errors (they go to stderr)."""
        if options["json"]:
            self.stdout.write(json.dumps({"ok": not errors, "data": data, "errors": list(errors)}, default=str, ensure_ascii=False))
        else:
            for sentence in sentences:
                self.stdout.write(sentence)
        if errors:
            raise CommandError("\n".join(errors), returncode=int(exit_code))
