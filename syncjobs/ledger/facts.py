"""The trail keeps a person's facts by digest; the fact sheets hold them. Both must agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from config.audit.chain import Link, digest
from config.audit.models import AuditEntry
from config.audit.record import Entry
from identity.people.models import FactSheet, number_of, public_id

ERASED = "person.erased"


def erasure(person: int) -> Entry:
    """The entry that says from now on: this person's facts are gone because somebody removed them, and not by tampering."""
    return Entry(ERASED, "person", public_id(person), digest=digest(None))


def check_facts(links: Sequence[Link]) -> Iterable[tuple[int, str]]:
    """Entries about people whose facts no sheet holds any more as they were written, unless a later entry says that they were erased."""
    wanted = [link for link in links if link.action in ("person.created", "person.changed")]
    people = {number_of(link.object_id) for link in wanted}
    held: dict[int, set[str]] = defaultdict(set)
    for person, values in FactSheet.objects.filter(person_id__any=[one for one in people if one]).values_list("person_id", "values"):
        held[person].add(digest(values))
    missing = [link for link in wanted if link.digest not in held[number_of(link.object_id) or 0]]
    erased = _erased({link.object_id for link in missing if not held[number_of(link.object_id) or 0]}) if missing else {}
    for link in missing:
        if erased.get(link.object_id, 0) < link.seq:
            yield link.seq, "the facts that were recorded here are not in any fact sheet of this person"


def _erased(people: Collection[str]) -> dict[str, int]:
    """Of these, who was erased, and at which entry last. An erased person has no sheet left: who has one is not asked about."""
    rows = AuditEntry.objects.filter(object_type="person", object_id__any=list(people), action=ERASED)
    return dict(rows.order_by("seq").values_list("object_id", "seq"))
