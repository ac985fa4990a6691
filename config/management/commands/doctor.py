"""manage.py doctor [--json]: is this installation well, and if not, what to do. Exit 0, or 1 when something fails."""

from __future__ import annotations

from typing import Any

from config.health.diagnosis import Finding, Grade, diagnose
from config.management.answer import AnsweringCommand, Exit


class Command(AnsweringCommand):
    help = "Look at database, migrations, broker, cache, keys, disk, clock, search, trail, worker and beat. Exit 1 when something fails."
    requires_system_checks: list[str] = []  # it must run exactly when something is wrong

    def handle(self, *_: Any, **options: Any) -> None:
        findings = diagnose()
        failing = [f"{one.name}: {one.says}" for one in findings if one.grade == Grade.FAIL]
        self.answer(options, [_line(one) for one in findings], [one.as_dict() for one in findings], failing, Exit.UNEXPECTED)


def _line(finding: Finding) -> str:
    line = f"{finding.grade.value:<5}{finding.name:<16}{finding.says}"
    return f"{line}\n{'':21}→ {finding.next_step}" if finding.next_step else line
