"""The connection test: each step as one line, in the order it was done. Nothing is raised and nothing is stored."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from config.errors import PermissionMissing, RollcallError, SourceFieldMissing
from integrations.vendors.base import Health, Step
from integrations.vendors.workday.parse import Payload, Reading
from integrations.vendors.workday.reports import Report, date_of
from integrations.vendors.workday.requests import WorkersQuery
from integrations.vendors.workday.service import Clock
from integrations.vendors.workday.workers import SECTIONS, Workers

WORKERS = 10  # a single one may lack an e-mail or a manager by chance
ROWS = 20


def of_service(workers: Workers, facts: dict[str, str]) -> Health:
    """Reach and sign in by asking the time, read a few workers at work, and look for each section."""
    health = Health([], facts)
    service = workers.service
    try:
        clock = service.clock()
    except RollcallError as error:
        return _failed(health, "Reach Workday and sign in", error)
    health.steps.append(Step("Reach Workday and sign in", True, ms=clock.ms))
    facts["server time"] = clock.text
    query = WorkersQuery(service.version, clock.on, clock.moment, count=WORKERS, active_only=True)
    try:
        answer = service.page(replace(query, exclude_contingent=workers.choice.exclude_contingent), _reading(workers, clock))
    except RollcallError as error:
        return _failed(health, "Read a worker", error)
    health.steps.append(Step("Read a worker", bool(answer.workers), f"{answer.total} workers at work are visible", answer.ms))
    facts["workers at work"] = str(answer.total)
    health.steps += [_section(key, answer.workers) for key in SECTIONS]
    return health


def of_report(report: Report, facts: dict[str, str]) -> Health:
    """Open the report and look at its first rows."""
    health = Health([], facts)
    try:
        with report.open() as response:
            ms, told_at = response.elapsed_ms, date_of(response)
            rows = list(islice(report.rows(response), ROWS))
    except RollcallError as error:
        return _failed(health, "Open the report", error)
    if told_at:
        facts["server time"] = told_at.isoformat()
    health.steps.append(Step("Open the report", True, f"{len(rows)} rows looked at", ms))
    for column in dict.fromkeys((report.id_column, *report.columns)):
        health.steps.append(_column(column, any(column in row for row in rows)))
    return health


def _reading(workers: Workers, clock: Clock) -> Reading:
    return Reading(clock.on, workers.choice.email_usage, workers.choice.prefers_legal)


def _section(key: str, workers: list[Payload]) -> Step:
    words, domain = SECTIONS[key]
    if any(key in payload for payload in workers):
        return Step(f"May read {words}", True)
    return Step(f"May read {words}", False, f"Needs “{domain}”", error=PermissionMissing(f"{words}: grant “{domain}” (Get)"))


def _column(column: str, is_there: bool) -> Step:
    if is_there:
        return Step(f"Column {column}", True)
    detail = f"Not in the first {ROWS} rows. An alias that changed, or a column without a value in any of them."
    return Step(f"Column {column}", False, detail, error=SourceFieldMissing(column, field=column))


def _failed(health: Health, name: str, error: RollcallError) -> Health:
    health.steps.append(Step(name, False, error.detail, error=error))
    return health
