"""manage.py prune [--dry-run] [--json]: remove what is only kept for a while, now. Workers do it once a day by themselves.

manage.py prune --dry-run     says how much would go
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from config.health.heartbeat import real_now
from config.management.answer import AnsweringCommand
from syncjobs.ledger.prune import kept, prune
from syncjobs.ledger.retention import by_hand


class Command(AnsweringCommand):
    help = "Remove old calls of the request log, tries of writes that arrived, and lists of finished runs. Nothing about people goes."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *_: Any, **options: Any) -> None:
        now = real_now()
        found = prune(now, dry_run=options["dry_run"])
        if not options["dry_run"]:
            by_hand(found, now)
        verb = "would go" if options["dry_run"] else "gone"
        lines = [f"{found[one.name]:>9} {verb}: {one.says}, older than {one.days} days" for one in kept()]
        self.answer(options, lines, found)
