"""A case as a comparison: the record in question beside what we know of each candidate, fact by fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from config import clock
from config.parts.shapes import Column, CompareRow
from config.roles.masking import Sight
from config.templatetags.rollcall import lasting
from identity.cases.models import Candidate, Case, CaseKind
from identity.organisation.models import ReportingLine
from identity.people.models import Link, Person, public_id
from integrations.canonical import ATTRIBUTES, LINE_TYPES
from integrations.mapping.models import FieldMapping, MappingState
from integrations.records.models import SourceRecord
from syncjobs.explain.values import APART, label, line_word, unit_names, words
from syncjobs.plans.picture import display_name

CANDIDATE_RECORDS = 6  # sides shown at most: more columns than that nobody compares


@dataclass(slots=True)
class Sides:
    """What the comparison shows. `managers`: between whom to choose, for a manager tie."""

    candidates: list[Candidate]
    columns: list[Column]
    rows: list[CompareRow]
    managers: list[Person] = field(default_factory=list)


def sides_of(case: Case, sight: Sight) -> Sides:
    candidates = list(case.candidates.select_related("person").order_by("pk"))
    if case.kind == CaseKind.MANAGER_TIE:
        return _managers(case, candidates, sight)
    if case.record.connector.is_target:
        return _account(case, candidates, sight)
    return _records(case, candidates, sight)


def _age(record: SourceRecord) -> str:
    return _("heard %(span)s ago") % {"span": lasting(clock.now() - record.changed_at)}


def _records(case: Case, candidates: Sequence[Candidate], sight: Sight) -> Sides:
    """The record in question, then every record of each candidate."""
    people = [candidate.person_id for candidate in candidates]
    links = Link.objects.filter(person__in=people, until=None, record__connector__is_target=False)
    known = list(links.select_related("record__connector", "person").order_by("person_id", "record__connector__rank")[:CANDIDATE_RECORDS])
    columns = [Column("asked", _("%(system)s: in question") % {"system": case.record.connector.name}, _age(case.record))]
    several = len(people) > 1
    for link in known:
        name = f"{sight.name(link.person.display_name)} · " if several else ""
        columns.append(Column(str(link.pk), f"{name}{link.record.connector.name}", _age(link.record)))
    sheets = [case.record.values, *(link.record.values for link in known)]
    units = unit_names(sheets)
    rows = [
        _row(
            label(attribute.key),
            [words(attribute.key, values.get(attribute.key), sight, units) for values in sheets],
            sheets,
            attribute.key,
        )
        for attribute in ATTRIBUTES
        if attribute.key not in APART and any(values.get(attribute.key) not in (None, "", []) for values in sheets)
    ]
    return Sides(list(candidates), columns, _differing_first(rows))


def _row(name: str, shown: Sequence[str], sheets: Sequence[Mapping[str, Any]], key: str) -> CompareRow:
    """One fact across the sides. Equal only when every side holds the same; what is masked is compared unmasked."""
    values = [values.get(key) for values in sheets]
    is_equal = all(value == values[0] for value in values)
    result = _("the same") if is_equal else _("differs") if all(value not in (None, "", []) for value in values) else _("not everywhere")
    return CompareRow(name, tuple(text or None for text in shown), result=result, is_equal=is_equal)


def _differing_first(rows: Sequence[CompareRow]) -> list[CompareRow]:
    return sorted(rows, key=lambda row: row.is_equal)


def _account(case: Case, candidates: Sequence[Candidate], sight: Sight) -> Sides:
    """The account that is there already, beside what ours would hold for each candidate, by the target's own mapping."""
    target, held = case.record.connector, case.record.values
    mapped = FieldMapping.objects.filter(mapping__connector=target, mapping__state=MappingState.PUBLISHED).order_by("position")
    named = {row.target: _source_label(row.source) for row in mapped}
    ours = [_told(candidate.person, named, mapped) for candidate in candidates]
    columns = [Column("asked", _("%(system)s: the account there") % {"system": target.name}, _age(case.record))]
    columns += [
        Column(str(one.pk), sight.name(one.person.display_name) or one.person.public_id, _("as we would write it")) for one in candidates
    ]
    rows = []
    for key, name in named.items():
        values = [held.get(key), *(one.get(key) for one in ours)]
        if not any(values):
            continue
        shown = [_masked(value, sight) for value in values]
        rows.append(_row(name, shown, [{key: _plain(value)} for value in values], key))
    return Sides(list(candidates), columns, _differing_first(rows))


def _source_label(source: str) -> str:
    """What a target's field is called: by the first attribute that fills it."""
    key = source.split("||")[0].strip()
    return {"public_id": _("Our person number")}.get(key) or label(key)


def _told(person: Person, named: Mapping[str, str], rows: Any) -> dict[str, Any]:
    """The value of each field, by the first attribute of its mapping row that says something."""
    values = {**person.values, "public_id": public_id(person.pk), "display_name": display_name(person.values)}
    return {row.target: next((values[key] for part in row.source.split("||") if values.get(key := part.strip())), None) for row in rows}


def _plain(value: Any) -> str:
    return str(value or "").strip().lower()


def _masked(value: Any, sight: Sight) -> str:
    return str(sight.value(str(value)) if value not in (None, "") else "")


def _managers(case: Case, candidates: Sequence[Candidate], sight: Sight) -> Sides:
    """The managers between whom to choose, side by side."""
    person = candidates[0].person if candidates else None
    lines = list(
        ReportingLine.objects.filter(record=case.record, person=person, manager__isnull=False).select_related("manager").order_by("pk")
    )
    strongest = _tied(lines)
    managers = list({line.manager_id: line.manager for line in strongest if line.manager}.values())
    columns = [Column(str(one.pk), sight.name(one.display_name) or one.public_id) for one in managers]
    kinds = {line.manager_id: line_word(line.line_type) for line in strongest}
    unit_of = {line.manager_id: line.unit for line in strongest}
    units = unit_names([{"unit": unit} for unit in unit_of.values()])
    facts: list[tuple[str, list[str]]] = [
        (_("Reporting line"), [kinds[one.pk] for one in managers]),
        (_("Through the unit"), [units.get(unit_of[one.pk], "") for one in managers]),
        (_("Job title"), [one.job_title for one in managers]),
        (_("Business unit"), [one.department for one in managers]),
        (_("Location"), [one.location for one in managers]),
        (_("Primary until now"), [_("yes") if person and person.manager_id == one.pk else _("no") for one in managers]),
    ]
    rows = [_row(name, shown, [{"x": text} for text in shown], "x") for name, shown in facts if any(shown)]
    return Sides(list(candidates), columns, rows, managers)


def _tied(lines: Sequence[ReportingLine]) -> list[ReportingLine]:
    """The lines of the strongest type that names more than one manager."""
    rank = {name: place for place, name in enumerate(LINE_TYPES)}
    best = min((rank.get(line.line_type, len(rank)) for line in lines), default=0)
    return [line for line in lines if rank.get(line.line_type, len(rank)) == best]
