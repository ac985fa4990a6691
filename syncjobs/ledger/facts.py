"""The trail keeps a person's facts by digest; the fact sheets hold them. Both must agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from config.audit.chain import Link, digest
from identity.people.models import FactSheet, number_of


def check_facts(links: Sequence[Link]) -> Iterable[tuple[int, str]]:
    """Entries about people whose facts no sheet holds any more as they were written."""
    wanted = [link for link in links if link.action in ("person.created", "person.changed")]
    people = {number_of(link.object_id) for link in wanted}
    held: dict[int, set[str]] = defaultdict(set)
    for person, values in FactSheet.objects.filter(person_id__any=[one for one in people if one]).values_list("person_id", "values"):
        held[person].add(digest(values))
    for link in wanted:
        if link.digest not in held[number_of(link.object_id) or 0]:
            yield link.seq, "the facts that were recorded here are not in any fact sheet of this person"
