"""Test a connection as the wizard does: every step, its result and its duration.

manage.py check_vendor workday           a connector by its key
manage.py check_vendor workday --json    for scripts
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from config.errors import RollcallError
from config.management.answer import AnsweringCommand, Exit
from config.sentences import english
from integrations.connectors.decisions import TestConnection
from integrations.connectors.models import Connector
from integrations.vendors.base import Step


class Command(AnsweringCommand):
    help = "Test the connection of a connector. Exit 0 when every step passed, 5 when one failed, 2 when there is no such connector."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("connector", help="the connector's key, as in the list of connectors")

    def handle(self, *args: Any, **options: Any) -> None:
        connector = Connector.objects.filter(key=options["connector"]).first()
        if connector is None:
            known = ", ".join(Connector.objects.order_by("key").values_list("key", flat=True)) or "none yet"
            self.answer(options, [], None, [f"there is no connector “{options['connector']}”; there are: {known}"], Exit.INVALID)
            return
        tested = TestConnection(None, connector)
        tested.execute()
        health = tested.asked
        data = {"steps": [_step(step) for step in health.steps], "facts": health.facts}
        self.answer(
            options, [_line(step) for step in health.steps], data, [_said(step.error) for step in health.steps if step.error], Exit.FAILED
        )


def _line(step: Step) -> str:
    return f"{'ok    ' if step.ok else 'FAILED'}  {english(step.name)}  {english(step.detail)}  ({step.ms} ms)"


def _step(step: Step) -> dict[str, Any]:
    error = step.error
    told = {"code": error.code, "owner": error.owner.value, "next_step": english(error.next_step)} if error else None
    return {"name": english(step.name), "ok": step.ok, "detail": english(step.detail), "ms": step.ms, "error": told}


def _said(error: RollcallError) -> str:
    return f"{english(error.sentence)} {english(error.detail)} {english(error.next_step)}".strip()
