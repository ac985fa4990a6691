"""All configuration in one file, out and in.

manage.py bundle export company.yaml     everything but secrets, the same file every time
manage.py bundle plan company.yaml       what an import would change
manage.py bundle import company.yaml     everything or nothing; asks unless --yes
manage.py bundle schema                  the JSON Schema of the file
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from config.errors import BundleInvalid
from config.management.answer import AnsweringCommand, Exit
from config.sentences import english
from syncjobs.bundle.export import as_yaml, snapshot
from syncjobs.bundle.plan import Item, carry_out, plan
from syncjobs.bundle.read import read
from syncjobs.bundle.schema import SCHEMA


class Command(AnsweringCommand):
    help = "Export, compare or import the configuration as YAML 1.2. Exit 0, or 2 when the file cannot be used or nobody said yes."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("verb", choices=["export", "plan", "import", "schema"])
        parser.add_argument("file", nargs="?", default="-", help="- is standard input or output")
        parser.add_argument("--yes", action="store_true", help="import without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["verb"] == "schema":
                self.stdout.write(json.dumps(SCHEMA, indent=2))
            elif options["verb"] == "export":
                self._export(options)
            else:
                self._bring_in(options)
        except (OSError, UnicodeDecodeError) as error:
            said = error.strerror if isinstance(error, OSError) else "is not text in UTF-8"
            self.answer(options, [], None, [f"{options['file']}: {said}"], Exit.INVALID)
        except BundleInvalid as error:
            self.answer(options, [], None, [f"{error.sentence} {english(error.detail)} {error.next_step}"], Exit.INVALID)

    def _export(self, options: dict[str, Any]) -> None:
        bundle = snapshot()
        if options["file"] != "-":
            Path(options["file"]).write_text(as_yaml(bundle), encoding="utf-8")
            self.answer(options, [f"wrote {options['file']}"], {"file": options["file"]})
        elif options["json"]:
            self.answer(options, [], bundle)
        else:
            self.stdout.write(as_yaml(bundle), ending="")

    def _bring_in(self, options: dict[str, Any]) -> None:
        name, verb = options["file"], options["verb"]
        bundle = read(sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8"))
        items = plan(bundle)
        if verb == "import":
            refusal = self._refusal(items, options)
            if refusal:
                self.answer(options, [], _rows(items), [refusal], Exit.INVALID)
                return
            carry_out(bundle)
        changed = sum(item.verb != "same" for item in items)
        total = f"{changed} of {len(items)} {'changed' if verb == 'import' else 'would change'}."
        self.answer(options, [*_lines(items), total], _rows(items))

    def _refusal(self, items: list[Item], options: dict[str, Any]) -> str:
        """Why nothing is imported; empty when somebody said yes, or when nothing differs."""
        if options["yes"] or all(item.verb == "same" for item in items):
            return ""
        if options["json"] or not sys.stdin.isatty():
            return "nobody is here to ask: add --yes"
        for line in _lines(items):
            self.stdout.write(line)
        return "" if input("Import? [y/N] ").strip().lower() == "y" else "nothing was imported"


def _lines(items: list[Item]) -> list[str]:
    return [f"{item.verb:<7} {item.kind} {item.key}{': ' + ', '.join(item.lines) if item.lines else ''}{_again(item)}" for item in items]


def _again(item: Item) -> str:
    return f" (plans {item.again} people again)" if item.again else ""


def _rows(items: list[Item]) -> list[dict[str, Any]]:
    return [{"kind": item.kind, "key": item.key, "verb": item.verb, "differs": item.lines, "plans_again": item.again} for item in items]
