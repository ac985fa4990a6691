"""A person as a plan sees them: what every record says, what survives, and where they stand. A constant number of queries a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.sentences import Sentence
from identity.authority.choose import Choice, Statement, choose
from identity.lifecycle.state import Judgement, judge
from identity.organisation.primary_manager import Primary
from identity.people.models import Link, Person
from integrations.records.models import SourceRecord
from syncjobs.runs.context import Context
from syncjobs.runs.models import Outcome, RecordOutcome, SyncRun

IN_PLAN = (Outcome.STAGED, Outcome.GONE)


@dataclass(slots=True)
class Row:
    """A stored record as the plan needs it."""

    id: int
    connector_id: int
    stream: str
    external_id: str
    version: int
    mapping: int
    values: dict[str, Any]
    is_gone: bool


@dataclass(slots=True)
class Picture:
    """One person before (`person`, None when new) and after (everything else)."""

    person_id: int
    person: Person | None
    choice: Choice
    judgement: Judgement
    lead_connector: int
    new_links: list[tuple[int, str, str]] = field(default_factory=list)  # record, method, evidence
    lines: list[dict[str, Any]] = field(default_factory=list)
    primary: Primary = field(default_factory=lambda: Primary(None, Sentence("")))
    manager_id: int | None = None
    closes_a_line: bool = False  # a manager one of its stored lines waits for is here now
    learners: dict[int, Row] = field(default_factory=dict)  # by target connector

    @property
    def values(self) -> dict[str, Any]:
        return self.choice.values

    @property
    def base_version(self) -> int:
        return self.person.version if self.person else 0

    @property
    def name(self) -> str:
        return display_name(self.values)


def display_name(values: Mapping[str, Any]) -> str:
    """Preferred (else first) name and last name; either may be missing."""
    first = values.get("preferred_name") or values.get("given_name") or ""
    return " ".join(part for part in (first, values.get("family_name") or "") if part)[:300]


def pictures(run: SyncRun, context: Context, people: Sequence[int]) -> list[Picture]:
    """One picture per person of `people` of whom any source record speaks, in their order."""
    joins = dict(Link.objects.filter(person_id__any=people, until=None).values_list("record_id", "person_id"))
    staged = RecordOutcome.objects.filter(run=run, person_id__any=people, outcome__in=IN_PLAN)
    new_links: dict[int, tuple[int, str, str]] = {}
    for record, person, method, detail in staged.values_list("record_id", "person_id", "link_method", "detail"):
        if record and person:
            joins[record] = person
        if record and method:
            new_links[record] = (record, method, detail)
    persons = {person.pk: person for person in Person.objects.filter(pk__any=people)}
    spoken: dict[int, list[Row]] = defaultdict(list)
    learners: dict[int, dict[int, Row]] = defaultdict(dict)
    for row in _rows(list(joins)):
        if context.connectors[row.connector_id].is_target:
            learners[joins[row.id]][row.connector_id] = row
        else:
            spoken[joins[row.id]].append(row)
    return [
        _picture(context, person_id, persons.get(person_id), spoken[person_id], learners.get(person_id, {}), new_links)
        for person_id in people
        if person_id in spoken
    ]


def _rows(ids: Sequence[int]) -> Iterable[Row]:
    columns = ("id", "connector_id", "stream", "external_id", "version", "mapping_version", "values", "gone_at")
    for row in SourceRecord.objects.filter(id__any=ids).order_by("id").values_list(*columns):
        record, connector, stream, external_id, version, mapping, values, gone_at = row
        yield Row(record, connector, stream, external_id, version, mapping, values, gone_at is not None)


def _picture(
    context: Context,
    person_id: int,
    person: Person | None,
    rows: Sequence[Row],
    learners: dict[int, Row],
    new_links: Mapping[int, tuple[int, str, str]],
) -> Picture:
    judged = {row.id: _judged(context, row) for row in rows}
    choice = choose([_statement(context, row, judged[row.id].standing) for row in rows], person.values if person else {})
    lead = choice.lead
    return Picture(
        person_id,
        person,
        choice,
        judged[lead.record_id],
        lead.connector_id,
        new_links=[new_links[row.id] for row in rows if row.id in new_links],
        lines=[
            {**line, "record": row.id, "connector": row.connector_id, "is_lead": row.id == lead.record_id}
            for row in rows
            for line in row.values.get("manager_lines") or ()
        ],
        learners=learners,
    )


def _judged(context: Context, row: Row) -> Judgement:
    policy = context.life_policy(row.connector_id)
    return judge(row.values, context.now, context.zone(row.values.get("time_zone")), policy, is_gone=row.is_gone)


def _statement(context: Context, row: Row, standing: str) -> Statement:
    connector = context.connectors[row.connector_id]
    return Statement(
        record_id=row.id,
        version=row.version,
        mapping=row.mapping,
        connector_id=connector.pk,
        connector_name=connector.name,
        rank=connector.rank,
        standing=standing,
        hired=row.values.get("hire_on") or "",
        values=row.values,
        strengths=context.strengths.get((connector.pk, row.stream), {}),
        is_gone=row.is_gone,
        is_off=connector.is_off,
    )
