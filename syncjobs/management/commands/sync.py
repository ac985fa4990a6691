"""One run from the shell, worked on until it ends or waits for a person.

manage.py sync workday                 what changed since the last time
manage.py sync workday --full          everything
manage.py sync workday --dry-run       a stored plan, and nothing written
manage.py sync workday --person P-000012
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from config.errors import by_code
from config.management.answer import AnsweringCommand, Exit
from config.sentences import english
from identity.people.models import Link, number_of
from integrations.connectors.models import Connector, ConnectorState
from syncjobs.pipeline.drive import drive
from syncjobs.plans.models import Plan
from syncjobs.runs.models import WAITING, Phase, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode

EXITS = {
    Phase.AWAITING: Exit.HELD,
    Phase.HELD: Exit.HELD,
    Phase.PARTIAL: Exit.PARTIAL,
    Phase.FAILED: Exit.FAILED,
    Phase.CANCELLED: Exit.FAILED,
}


class Command(AnsweringCommand):
    help = "Run a connector now. Exit 0 done, 2 usage, 3 held for a decision, 4 some records or writes failed, 5 failed."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("connector", help="the key of a source")
        parser.add_argument("--full", action="store_true", help="read everything, not just what changed")
        parser.add_argument("--dry-run", action="store_true", help="make and store the plan, write nothing")
        parser.add_argument("--person", help="read and plan just this person again, as in P-000012")

    def handle(self, *args: Any, **options: Any) -> None:
        connector = Connector.objects.filter(key=options["connector"]).first()
        person = number_of(options["person"]) if options["person"] else None
        wrong = _unusable(connector, options, person)
        if connector is None or wrong:
            self.answer(options, [], None, [wrong], Exit.INVALID)
            return
        mode = RunMode.PEOPLE if person else RunMode.FULL if options["full"] else RunMode.DELTA
        scope = {"people": [person], "reread": True} if person else None
        run = drive(start_run(connector, Trigger.MANUAL, mode, scope=scope, is_dry=options["dry_run"]))
        self.answer(options, _sentences(run), _data(run), _errors(run), EXITS.get(Phase(run.phase), Exit.UNEXPECTED))


def _unusable(connector: Connector | None, options: dict[str, Any], person: int | None) -> str:
    """Why this cannot be run; empty when it can."""
    if connector is None:
        known = ", ".join(Connector.objects.filter(is_target=False).order_by("rank").values_list("key", flat=True)) or "none yet"
        return f"there is no connector “{options['connector']}”; sources are: {known}"
    if connector.is_target:
        return f"“{connector.key}” receives accounts; a run belongs to a source"
    if connector.state != ConnectorState.ACTIVE:
        return f"“{connector.key}” is {connector.get_state_display()}; resume it first"
    if options["person"] and not Link.objects.filter(person=person, record__connector=connector, until=None).exists():
        return f"“{connector.key}” does not speak of “{options['person']}”"
    return ""


def _plan(run: SyncRun) -> dict[str, dict[str, int]]:
    plan = Plan.objects.filter(run=run).first()
    return plan.counts if plan else {}


def _data(run: SyncRun) -> dict[str, Any]:
    holds = [english(hold) for hold in run.holds.order_by("pk").values_list("sentence", flat=True)]
    failed = run.error_code if run.phase == Phase.FAILED else ""
    return {"run": run.pk, "phase": run.phase, "counts": run.counts, "plan": _plan(run), "holds": holds, "error_code": failed}


def _sentences(run: SyncRun) -> list[str]:
    lines = [f"  {target}: " + ", ".join(f"{n} {kind}" for kind, n in kinds.items()) for target, kinds in _plan(run).items()]
    return [f"run {run.pk}: {run.phase}", *lines]


def _errors(run: SyncRun) -> list[str]:
    """What keeps this run from having succeeded, one sentence each."""
    if run.phase == Phase.SUCCEEDED:
        return []
    if run.phase in WAITING:
        return [english(hold) for hold in run.holds.filter(state="open").order_by("pk").values_list("sentence", flat=True)]
    if run.phase == Phase.PARTIAL:
        counted = ((run.counts.get("parked", 0), "records were set aside"), (run.counts.get("dead", 0), "writes did not arrive"))
        return [f"{n} {what}" for n, what in counted if n]
    if run.phase == Phase.FAILED:
        error = by_code(run.error_code)
        return [f"{error().sentence} {english(run.error_detail)} {error.next_step}".strip()]
    return [english(run.error_detail) or f"the run is {run.phase}"]
