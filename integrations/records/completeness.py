"""May absence be believed? Only when the fetch proved complete, twice in a row (D11).

Pure but for `mark_missing`, which keeps the count on the rows that were absent and touches no other.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from config.sentences import Sentence, sentence
from integrations.connectors.models import Connector
from integrations.records.models import SourceRecord

TIMES = 2  # complete reads in a row without a record before it counts as gone
BATCH = 5000


@dataclass(frozen=True)
class Proof:
    """Whether a read was complete, and why (not)."""

    is_complete: bool
    why: Sentence


def prove(proof: str, *, is_last: bool, announced: int | None, heard: int, is_full: bool = True) -> Proof:
    """`proof` is what the stream declares: count, last_page or none. `heard` counts distinct records and rejected rows.

    A read of changes proves nothing about who is not in it. It is complete with its last page, up to which the mark then moves.
    """
    if proof == "none" and is_full:
        return Proof(False, sentence("this source cannot prove that an answer was complete"))
    if not is_last:
        return Proof(False, sentence("the last page never came"))
    if proof == "count" and is_full:
        if announced is None:
            return Proof(False, sentence("the source did not say how many there are"))
        if heard < announced:
            return Proof(False, sentence("the source announced %(announced)s and sent %(heard)s", announced=announced, heard=heard))
        return Proof(True, sentence("all %(n)s announced records came", n=announced))
    return Proof(
        True, sentence("the source marked the last page after %(n)s record", "the source marked the last page after %(n)s records", n=heard)
    )


def why_uncounted(proof: Proof, *, nameless: int, is_repeated: bool = False) -> Sentence | None:
    """Why nobody may be counted as absent by this full read; None when whoever is not in it may.

    `nameless`: rows that were set aside and carry no id, so that nobody can tell whose they are. `is_repeated`: it is the answer of the
    last full read once more, which is one witness and not two.
    """
    if not proof.is_complete:
        return proof.why
    if is_repeated:
        return sentence("nothing was written anew since the last full read")
    if nameless:
        return sentence(
            "%(n)s row that was set aside has no id and may be anybody's",
            "%(n)s rows that were set aside have no id and may be anybody's",
            n=nameless,
        )
    return None


class Seen:
    """A set of row ids, one bit each: 1,000,000 ids between 1 and 1,000,000 take 125 kB."""

    def __init__(self) -> None:
        self.bits = bytearray()

    def add_packed(self, packed: bytes) -> int:
        """How many there were, known ones included."""
        ids = array("Q")
        ids.frombytes(bytes(packed))
        for number in ids:
            byte = number >> 3
            if byte >= len(self.bits):
                self.bits.extend(bytes(byte + 4096 - len(self.bits)))
            self.bits[byte] |= 1 << (number & 7)
        return len(ids)

    def __len__(self) -> int:
        return int.from_bytes(self.bits, "little").bit_count()

    def __contains__(self, number: int) -> bool:
        byte = number >> 3
        return byte < len(self.bits) and bool(self.bits[byte] & (1 << (number & 7)))


def pack(ids: Iterable[int]) -> bytes:
    return array("Q", ids).tobytes()


def mark_missing(connector: Connector, stream: str, seen: Seen, now: datetime) -> list[int]:
    """Count one more absence for every live record not in `seen`. Returns the ids that are believed gone from now on."""
    gone: list[int] = []
    last = 0
    while True:
        rows = list(
            SourceRecord.objects.filter(connector=connector, stream=stream, gone_at=None, id__gt=last)
            .order_by("id")
            .values_list("id", "missing_count")[:BATCH]
        )
        if not rows:
            return gone
        last = rows[-1][0]
        absent = [(record_id, count) for record_id, count in rows if record_id not in seen]
        if not absent:
            continue
        leaving = [record_id for record_id, count in absent if count + 1 >= TIMES]
        SourceRecord.objects.filter(id__any=[record_id for record_id, _ in absent]).update(missing_count=F("missing_count") + 1)
        SourceRecord.objects.filter(id__any=leaving).update(gone_at=now, pending=True)
        gone += leaving


def mark_erased(connector: Connector, stream: str, external_ids: Iterable[str], now: datetime) -> list[int]:
    """The source says that it erased these: they are gone at once. What they said before stays, so that history can be explained.

    Returns their row ids.
    """
    known = SourceRecord.objects.filter(connector=connector, stream=stream, external_id__any=list(external_ids), gone_at=None)
    erased = list(known.values_list("id", flat=True))
    SourceRecord.objects.filter(id__any=erased).update(gone_at=now, pending=True)
    return erased
