"""The connection test: each step as one line, in the order it was done. Nothing is raised and nothing is stored."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from config.errors import PermissionMissing, RollcallError, SourceFieldMissing
from config.sentences import named, sentence
from integrations.vendors.base import Health, Step
from integrations.vendors.workday.parse import Payload, Reading
from integrations.vendors.workday.reports import Report, date_of
from integrations.vendors.workday.requests import WorkersQuery
from integrations.vendors.workday.service import Clock
from integrations.vendors.workday.workers import SECTIONS, Workers

WORKERS = 10  # a single one may lack an e-mail or a manager by chance
ROWS = 20


SIGN_IN = sentence("Reach Workday and sign in")
READ_WORKER = sentence("Read a worker")
OPEN_REPORT = sentence("Open the report")


def of_service(workers: Workers, facts: dict[str, str]) -> Health:
    """Reach and sign in by asking the time, read a few workers at work, and look for each section."""
    health = Health([], facts)
    service = workers.service
    try:
        clock = service.clock()
    except RollcallError as error:
        return _failed(health, SIGN_IN, error)
    health.steps.append(Step(SIGN_IN, True, ms=clock.ms))
    facts["server time"] = clock.text
    query = WorkersQuery(service.version, clock.on, clock.moment, count=WORKERS, active_only=True)
    try:
        answer = service.page(replace(query, exclude_contingent=workers.choice.exclude_contingent), _reading(workers, clock))
    except RollcallError as error:
        return _failed(health, READ_WORKER, error)
    health.steps.append(Step(READ_WORKER, bool(answer.workers), sentence("%(n)s workers at work are visible", n=answer.total), answer.ms))
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
        return _failed(health, OPEN_REPORT, error)
    if told_at:
        facts["server time"] = told_at.isoformat()
    health.steps.append(Step(OPEN_REPORT, True, sentence("%(n)s rows looked at", n=len(rows)), ms))
    for column in dict.fromkeys((report.id_column, *report.columns)):
        health.steps.append(_column(column, any(column in row for row in rows)))
    return health


def _reading(workers: Workers, clock: Clock) -> Reading:
    return Reading(clock.on, workers.choice.email_usage, workers.choice.prefers_legal)


def _section(key: str, workers: list[Payload]) -> Step:
    words, domain = SECTIONS[key]
    if any(key in payload for payload in workers):
        return Step(sentence("May read %(what)s", what=words), True)
    return Step(
        sentence("May read %(what)s", what=words),
        False,
        sentence("Needs “%(domain)s”", domain=domain),
        error=PermissionMissing(sentence("%(what)s: grant “%(domain)s” (Get)", what=words, domain=domain)),
    )


def _column(column: str, is_there: bool) -> Step:
    if is_there:
        return Step(named("Column %(name)s", column), True)
    detail = sentence("Not in the first %(n)s rows. An alias that changed, or a column without a value in any of them.", n=ROWS)
    return Step(named("Column %(name)s", column), False, detail, error=SourceFieldMissing(column, field=column))


def _failed(health: Health, name: str, error: RollcallError) -> Health:
    health.steps.append(Step(name, False, error.detail, error=error))
    return health
