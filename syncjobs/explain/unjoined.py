"""Records of a source that belong to nobody yet: set aside, or waiting for an answer. So that whoever looks for somebody finds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from config.errors import by_code
from config.navigation import first_address
from config.say import said
from identity.cases.models import Case, CaseState
from identity.matching.normalise import folded
from identity.people.models import Link
from integrations.canonical import Kind
from integrations.connectors.models import Connector
from integrations.records.models import SourceRecord
from integrations.vendors import vendor_class
from syncjobs.runs.models import Outcome, RecordOutcome

LOOKED_AT = 2000  # of the newest: a source of which more belong to nobody has another trouble than a search
MOST = 20


@dataclass(frozen=True, slots=True)
class Unjoined:
    """One record. `why` in the reader's language; `href` leads to the question, or to the run that set it aside."""

    name: str
    system: str
    external_id: str
    why: str
    href: str


def unjoined(records: QuerySet[SourceRecord], asked: str) -> list[Unjoined]:
    """Those of `records` in whose values every word of `asked` stands. Four queries, whatever is stored; none for an empty search."""
    words = folded(asked).split()
    if not words:
        return []
    streams = [Q(connector=one, stream__in=_of_people(one)) for one in Connector.objects.filter(is_target=False)]
    if not streams:
        return []
    nobodys = records.filter(
        reduce(or_, streams), ~Exists(Link.objects.filter(record=OuterRef("pk"), until=None)), pending=True, gone_at=None
    )
    newest = nobodys.select_related("connector").only("external_id", "values", "connector__name").order_by("-pk")[:LOOKED_AT]
    found = [record for record in newest if all(word in _text(record) for word in words)][:MOST]
    return _told(found) if found else []


def _of_people(source: Connector) -> list[str]:
    return [stream.name for stream in vendor_class(source.vendor).streams if stream.kind == Kind.WORKER]


def _text(record: SourceRecord) -> str:
    values = (value for value in record.values.values() if isinstance(value, str))
    return folded(" ".join([record.external_id, *values]))


def _told(records: Iterable[SourceRecord]) -> list[Unjoined]:
    by_id = {record.pk: record for record in records}
    open_cases = Case.objects.filter(record_id__any=list(by_id), state__in=(CaseState.OPEN, CaseState.DEFERRED))
    cases = {case.record_id: case for case in open_cases}
    parked = RecordOutcome.objects.filter(record_id__any=list(by_id), outcome=Outcome.PARKED).order_by("pk")
    aside = {row.record_id: row for row in parked.only("record_id", "code", "run_id")}
    return [_one(record, cases, aside) for record in by_id.values()]


def _one(record: SourceRecord, cases: Mapping[int, Case], aside: Mapping[Any, RecordOutcome]) -> Unjoined:
    name = " ".join(filter(None, (record.values.get("given_name"), record.values.get("family_name")))) or record.external_id
    why, href = _("It was read and waits for the next run that may apply its plan."), ""
    if record.pk in cases:
        why, href = _("Question: %(question)s") % {"question": said(cases[record.pk].question)}, reverse("case", args=[cases[record.pk].pk])
    elif record.pk in aside:
        why = _(by_code(aside[record.pk].code)().sentence)
        href = first_address(("run-records",), aside[record.pk].run_id)
    return Unjoined(name, record.connector.name, record.external_id, why, href)
