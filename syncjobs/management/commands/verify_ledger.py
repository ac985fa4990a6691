"""Do the ledgers add up? Records, people, plans and deliveries are counted against each other.

manage.py verify_ledger          exit 0 when everything adds up, 7 when something does not
manage.py verify_ledger --json
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from config.management.answer import AnsweringCommand, Exit
from syncjobs.ledger.verify import CHECKS, Finding, verify_ledger


class Command(AnsweringCommand):
    help = "Count records, people, plans and deliveries against each other. Exit 0 intact, 7 broken."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = verify_ledger()
        data = {"checks": len(CHECKS), "findings": [asdict(one) for one in findings]}
        self.answer(options, [f"{len(CHECKS)} checks, {len(findings)} findings."], data, [_line(one) for one in findings], Exit.BROKEN)


def _line(finding: Finding) -> str:
    return f"{finding.count} × {finding.check} First: {', '.join(map(str, finding.examples))}"
