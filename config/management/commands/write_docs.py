"""manage.py write_docs [--check]: the pages of docs/ that come from the code (errors, permissions, bundle schema)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from config.management.answer import AnsweringCommand, Exit
from config.reference import stale_pages, write_pages


class Command(AnsweringCommand):
    help = "Write the pages of docs/ that come from the code. With --check only say which are stale (exit 6)."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--check", action="store_true", help="write nothing; exit 6 when a page is stale")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["check"]:
            stale = stale_pages()
            errors = [f"{name} is stale: run manage.py write_docs" for name in stale]
            self.answer(options, ["All pages say what the code says."] if not stale else [], {"stale": stale}, errors, Exit.FINDINGS)
            return
        written = write_pages()
        self.answer(options, [f"wrote {name}" for name in written] or ["All pages were up to date."], {"written": written})
