"""Do the ledgers add up? Records, people, plans and deliveries are counted against each other.

manage.py verify_ledger          exit 0 when everything adds up, 7 when something does not
manage.py verify_ledger --json
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from syncjobs.ledger.verify import CHECKS, verify_ledger


class Command(BaseCommand):
    help = "Count records, people, plans and deliveries against each other. Exit 0 intact, 7 broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = verify_ledger()
        if options["json"]:
            data = {"checks": len(CHECKS)}
            self.stdout.write(json.dumps({"ok": not findings, "data": data, "errors": [asdict(one) for one in findings]}, indent=2))
        else:
            for one in findings:
                self.stdout.write(f"{one.count} × {one.check} First: {', '.join(map(str, one.examples))}")
            self.stdout.write(f"{len(CHECKS)} checks, {len(findings)} findings.")
        if findings:
            sys.exit(7)
