"""All configuration in one file, out and in.

manage.py bundle export company.yaml     everything but secrets, the same file every time
manage.py bundle plan company.yaml       what an import would change
manage.py bundle import company.yaml     everything or nothing; asks unless --yes
manage.py bundle schema                  the JSON Schema of the file
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.errors import BundleInvalid
from config.sentences import english
from syncjobs.bundle.export import as_yaml, snapshot
from syncjobs.bundle.plan import Item, carry_out, plan
from syncjobs.bundle.read import read
from syncjobs.bundle.schema import SCHEMA


class Command(BaseCommand):
    help = "Export, compare or import the configuration as YAML 1.2. Exit 0, or 2 when the file cannot be used."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["export", "plan", "import", "schema"])
        parser.add_argument("file", nargs="?", default="-", help="- is standard input or output")
        parser.add_argument("--yes", action="store_true", help="import without asking")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        verb = options["verb"]
        if verb == "schema":
            self.stdout.write(json.dumps(SCHEMA, indent=2))
        elif verb == "export":
            self._export(options["file"])
        else:
            self._bring_in(verb, options)

    def _export(self, name: str) -> None:
        text = as_yaml(snapshot())
        if name == "-":
            self.stdout.write(text, ending="")
        else:
            Path(name).write_text(text, encoding="utf-8")

    def _bring_in(self, verb: str, options: dict[str, Any]) -> None:
        try:
            bundle = read(sys.stdin.read() if options["file"] == "-" else Path(options["file"]).read_text(encoding="utf-8"))
            items = plan(bundle)
            if verb == "import":
                self._ask(items, options)
                carry_out(bundle)
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}", returncode=2) from error
        except BundleInvalid as error:
            if options["json"]:
                self.stdout.write(
                    json.dumps({"ok": False, "data": None, "errors": [{"code": error.code, "detail": english(error.detail)}]}, indent=2)
                )
            raise CommandError(f"{error}\n{error.next_step}", returncode=2) from error
        self._tell(items, verb, options["json"])

    def _ask(self, items: list[Item], options: dict[str, Any]) -> None:
        changing = [item for item in items if item.verb != "same"]
        if not changing or options["yes"]:
            return
        if not sys.stdin.isatty():
            raise CommandError("nobody is here to ask: add --yes", returncode=2)
        self._tell(items, "plan", False)
        if input("Import? [y/N] ").strip().lower() != "y":
            raise CommandError("nothing was imported", returncode=2)

    def _tell(self, items: list[Item], verb: str, as_json: bool) -> None:
        if as_json:
            rows = [{"kind": item.kind, "key": item.key, "verb": item.verb, "differs": item.lines} for item in items]
            self.stdout.write(json.dumps({"ok": True, "data": rows, "errors": []}, indent=2))
            return
        for item in items:
            self.stdout.write(f"{item.verb:<7} {item.kind} {item.key}{': ' + ', '.join(item.lines) if item.lines else ''}")
        changed = sum(item.verb != "same" for item in items)
        self.stdout.write(f"{changed} of {len(items)} {'changed' if verb == 'import' else 'would change'}.")
