"""One run from the shell, worked on until it ends or waits for a person.

manage.py sync workday                 what changed since the last time
manage.py sync workday --full          everything
manage.py sync workday --dry-run       a stored plan, and nothing written
manage.py sync workday --person P-000012
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.sentences import english
from identity.people.models import Person, number_of
from integrations.connectors.models import Connector
from syncjobs.pipeline.drive import drive
from syncjobs.plans.models import Plan
from syncjobs.runs.models import Phase, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode

EXITS = {Phase.SUCCEEDED: 0, Phase.AWAITING: 3, Phase.HELD: 3, Phase.PARTIAL: 4, Phase.FAILED: 5, Phase.CANCELLED: 5}


class Command(BaseCommand):
    help = "Run a connector now. Exit 0 done, 3 held for a decision, 4 some records or deliveries failed, 5 failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("connector", help="the key of a source")
        parser.add_argument("--full", action="store_true", help="read everything, not just what changed")
        parser.add_argument("--dry-run", action="store_true", help="make and store the plan, write nothing")
        parser.add_argument("--person", help="plan just this person again, as in P-000012")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        connector = Connector.objects.filter(key=options["connector"]).first()
        if connector is None:
            raise CommandError(f"there is no connector “{options['connector']}”", returncode=2)
        run = drive(self._started(connector, options))
        self._tell(run, options["json"])
        sys.exit(EXITS.get(Phase(run.phase), 1))

    def _started(self, connector: Connector, options: dict[str, Any]) -> SyncRun:
        if not options["person"]:
            mode = RunMode.FULL if options["full"] else RunMode.DELTA
            return start_run(connector, Trigger.MANUAL, mode, is_dry=options["dry_run"])
        person = Person.objects.filter(pk=number_of(options["person"]) or 0).first()
        if person is None:
            raise CommandError(f"there is no person “{options['person']}”", returncode=2)
        scope = {"people": [person.pk], "reread": True}
        return start_run(connector, Trigger.MANUAL, RunMode.PEOPLE, scope=scope, is_dry=options["dry_run"])

    def _tell(self, run: SyncRun, as_json: bool) -> None:
        plan = Plan.objects.filter(run=run).first()
        changes = plan.counts if plan else {}
        holds = [english(hold) for hold in run.holds.values_list("sentence", flat=True)]
        if as_json:
            data = {"run": run.pk, "phase": run.phase, "counts": run.counts, "plan": changes, "holds": holds}
            errors = [{"code": run.error_code, "detail": english(run.error_detail)}] if run.error_code else []
            self.stdout.write(json.dumps({"ok": run.phase == Phase.SUCCEEDED, "data": data, "errors": errors}, indent=2))
            return
        self.stdout.write(f"run {run.pk}: {run.phase}")
        for target, kinds in changes.items():
            self.stdout.write(f"  {target}: " + ", ".join(f"{n} {kind}" for kind, n in kinds.items()))
        for line in [*holds, english(run.error_detail)]:
            if line:
                self.stdout.write(f"  {line}")
