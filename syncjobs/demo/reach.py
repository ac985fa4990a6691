"""What there is because of the demo: the rows it made, and everything that came from them. Reads only.

A person belongs to the demo when only its systems ever spoke of them. Whoever a connector of somebody else speaks of as well, or a human
answer about one of its records, stays, and loses only what the demo said.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from config.roles.models import User
from identity.cases.models import Case, Verdict
from identity.people.models import Link, Person
from integrations.connectors.models import Connector
from integrations.mapping.models import FieldMapping, ValueMap, ValueMapRow
from integrations.outbound.models import Delivery
from integrations.records.models import SourceRecord
from syncjobs.demo.company import names_of
from syncjobs.demo.models import PieceKind, marked
from syncjobs.plans.models import Plan
from syncjobs.runs.models import SyncRun


@dataclass(frozen=True, slots=True)
class Reach:
    """Numbers of rows. `shared`: people whom the demo's records speak of, and somebody else's too."""

    connectors: list[int]
    people: list[int]
    shared: list[int]
    logins: list[int]
    value_maps: list[int]
    value_rows: list[int]

    @property
    def is_empty(self) -> bool:
        return not (self.connectors or self.logins or self.value_maps)

    def runs(self) -> QuerySet[SyncRun]:
        return SyncRun.objects.filter(connector__in=self.connectors)

    def records(self) -> QuerySet[SourceRecord]:
        return SourceRecord.objects.filter(connector__in=self.connectors)

    def deliveries(self) -> QuerySet[Delivery]:
        """To the demo's systems, and those about its people to any: nobody invented may arrive in a real system later."""
        return Delivery.objects.filter(Q(connector__in=self.connectors) | Q(subject_id__any=self.people))

    def cases(self) -> QuerySet[Case]:
        return Case.objects.filter(record__connector__in=self.connectors)

    def counts(self) -> dict[str, int]:
        accounts = self.records().filter(connector__is_target=True).count()
        return {
            "connectors": len(self.connectors),
            "records": self.records().count() - accounts,
            "people": len(self.people),
            "accounts": accounts,
            "runs": self.runs().count(),
            "plans": Plan.objects.filter(run__connector__in=self.connectors).count(),
            "deliveries": self.deliveries().count(),
            "cases": self.cases().count(),
            "logins": len(self.logins),
            "value maps": len(self.value_maps),
        }


def reach() -> Reach:
    connectors = list(Connector.objects.filter(pk__in=marked(PieceKind.CONNECTOR)).values_list("pk", flat=True))
    people, shared = _people(connectors)
    rows = _value_rows()
    return Reach(
        connectors,
        people,
        shared,
        list(User.objects.filter(pk__in=marked(PieceKind.LOGIN)).values_list("pk", flat=True)),
        _value_maps(connectors, rows),
        rows,
    )


def _people(connectors: list[int]) -> tuple[list[int], list[int]]:
    of_demo = Link.objects.filter(person=OuterRef("pk"), record__connector__in=connectors)
    elsewhere = Link.objects.filter(person=OuterRef("pk"), record__connector__is_target=False).exclude(record__connector__in=connectors)
    answered = Verdict.objects.filter(person=OuterRef("pk")).exclude(record__connector__in=connectors)
    found = Person.objects.filter(Exists(of_demo)).annotate(is_shared=Exists(elsewhere) | Exists(answered)).values_list("pk", "is_shared")
    people: list[int] = []
    shared: list[int] = []
    for person, is_shared in found.order_by("pk"):
        (shared if is_shared else people).append(person)
    return people, shared


def _value_rows() -> list[int]:
    """Names that stand as the demo wrote them. A name somebody has corrected or added is theirs."""
    found: list[int] = []
    for value_map in ValueMap.objects.filter(pk__in=marked(PieceKind.VALUE_MAP)):
        ours = {(row.source, row.target) for row in names_of(value_map)}
        undated = ValueMapRow.objects.filter(value_map=value_map, valid_from=None, valid_until=None)
        found += [pk for pk, source, target in undated.values_list("pk", "source", "target") if (source, target) in ours]
    return found


def _value_maps(connectors: list[int], rows: list[int]) -> list[int]:
    """Maps of the demo in which nobody else has put a name and into which no other connector's mapping looks."""
    own = ValueMapRow.objects.filter(value_map=OuterRef("pk")).exclude(pk__in=rows)
    found = ValueMap.objects.filter(~Exists(own), pk__in=marked(PieceKind.VALUE_MAP))
    used = FieldMapping.objects.exclude(mapping__connector__in=connectors).values_list("transforms", flat=True)
    wanted = {spec.partition(":")[2].strip() for transforms in used for spec in transforms}
    return [pk for pk, key in found.values_list("pk", "key") if key not in wanted]
