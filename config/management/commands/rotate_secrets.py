"""manage.py rotate_secrets [--dry-run] [--json]: put every stored secret under the newest field key. Exit 0, or 5.

First put the new key in front of ROLLCALL_FIELD_KEYS and restart web, worker and beat; then run this; then the old key can go.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from config.key_rotation import NEWEST, OLDER, UNREADABLE, rotate
from config.management.answer import AnsweringCommand, Exit


class Command(AnsweringCommand):
    help = "Re-encrypt all secrets with the first key of ROLLCALL_FIELD_KEYS. Exit 5 when a secret opens with no key of the ring."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *_: Any, **options: Any) -> None:
        found = rotate(dry_run=options["dry_run"])
        verb = "would be put" if options["dry_run"] else "put"
        lines = [f"{found[OLDER]} secrets {verb} under the newest key, {found[NEWEST]} were there already."]
        errors = [f"{found[UNREADABLE]} secrets open with no key of the ring; they were left as they are"] if found[UNREADABLE] else []
        self.answer(options, lines, dict(found), errors, Exit.FAILED)
