"""manage.py verify_audit [--from N] [--to N] [--json]: walk the hash chain of the audit trail.

Exit 0: intact. Exit 7: broken; the first broken entry and the reason are named.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.db import connection

from config.audit import triggers
from config.audit.chain import Verdict, verify
from config.audit.checkers import checkers
from config.management.answer import AnsweringCommand, Exit


class Command(AnsweringCommand):
    help = "Prove that the audit trail is what was written. Exit 0 intact, 7 broken. Example: manage.py verify_audit --from 100000 --json"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--from", dest="from_seq", type=int, default=1, help="first entry (default 1)")
        parser.add_argument("--to", type=int, default=None, help="last entry (default: the end, which must be where it was recorded)")

    def handle(self, *_: Any, **options: Any) -> None:
        verdict = verify(options["from_seq"], options["to"], checkers())
        guarded = triggers.are_installed(connection)
        data = {
            "checked": verdict.checked,
            "first_broken": verdict.first_broken,
            "reason": verdict.reason,
            "last_hash": verdict.last_hash,
            "append_only": guarded,
        }
        self.answer(options, _sentences(verdict, guarded), data, _errors(verdict), Exit.BROKEN)


def _sentences(verdict: Verdict, guarded: bool) -> list[str]:
    intact = [f"{verdict.checked} entries checked, the trail is intact. Last hash: {verdict.last_hash}"] if verdict.is_intact else []
    warning = [] if guarded else ["Warning: the triggers that refuse changes to the trail are missing in this database."]
    return intact + warning


def _errors(verdict: Verdict) -> list[str]:
    if verdict.is_intact:
        return []
    return [f"The trail is broken at entry {verdict.first_broken}: {verdict.reason}. {verdict.checked} entries before it are intact."]
