"""Test a connection as the wizard does: every step, its result and its duration.

manage.py check_vendor workday           a connector by its key
manage.py check_vendor workday --json    for scripts: {"ok": …, "data": …, "errors": […]}
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.errors import RollcallError
from config.sentences import english
from integrations.connectors.health import test_connection
from integrations.connectors.models import Connector


class Command(BaseCommand):
    help = "Test the connection of a connector. Exit 0 when every step passed, 5 when one failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("connector", help="the connector's key, as in the list of connectors")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        connector = Connector.objects.filter(key=options["connector"]).first()
        if connector is None:
            known = ", ".join(Connector.objects.values_list("key", flat=True)) or "none yet"
            raise CommandError(f"there is no connector “{options['connector']}”; there are: {known}", returncode=2)
        health = test_connection(connector)
        steps = [{"name": english(step.name), "ok": step.ok, "detail": english(step.detail), "ms": step.ms} for step in health.steps]
        errors = [_said(step.error) for step in health.steps if step.error]
        if options["json"]:
            self.stdout.write(json.dumps({"ok": health.ok, "data": {"steps": steps, "facts": health.facts}, "errors": errors}, indent=2))
        else:
            for step in steps:
                self.stdout.write(f"{'ok    ' if step['ok'] else 'FAILED'}  {step['name']}  {step['detail']}  ({step['ms']} ms)")
            for error in errors:
                self.stderr.write(f"{error['sentence']} {error['detail']}\n{error['next_step']}")
        if not health.ok:
            sys.exit(5)


def _said(error: RollcallError) -> dict[str, str]:
    return {
        "code": error.code,
        "sentence": error.sentence,
        "detail": english(error.detail),
        "owner": error.owner.value,
        "next_step": error.next_step,
    }
