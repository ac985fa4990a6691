"""The hash chain: what is hashed, and the walk that proves that nothing was changed.

Every entry's hash covers its own columns and the hash before it, so a changed, removed or inserted row breaks every hash
after it. The values themselves stand beside the chain (AuditDetail) and enter it by digest only: erasing a person's values
leaves the chain whole. A chain does not stop someone who may rewrite all of it; for that the last hash is kept elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

import orjson
from django.db.models import Max

from config.audit.models import AuditDetail, AuditEntry, AuditHead
from config.secrets import MASK, Secret
from config.sentences import sentence

GENESIS = "0" * 64
EXACT = 2**53  # beyond it a float is no longer every integer, and JSON readers disagree
LARGEST = 2**63  # orjson and most readers hold integers in 64 bits
CHUNK = 5_000  # rows held in memory while verifying: about 5 MB


class Link(NamedTuple):
    """One row of the chain, as hashed. `at` is UTC."""

    seq: int
    at: datetime
    actor: str
    action: str
    object_type: str
    object_id: str
    cause_id: int
    digest: str
    previous: str


# A checker is given rows of its object type whose values are not in AuditDetail, and names the broken ones: (seq, reason).
Checker = Callable[[Sequence[Link]], Iterable[tuple[int, str]]]


@dataclass(frozen=True)
class Verdict:
    """`first_broken` is the lowest sequence number at which the trail is not what was written; None = intact."""

    checked: int
    first_broken: int | None = None
    reason: str = ""
    last_hash: str = GENESIS

    @property
    def is_intact(self) -> bool:
        return self.first_broken is None


def plain(value: Any) -> Any:
    """`value` in the part of JSON that every database gives back unchanged.

    PostgreSQL turns 1e16 into an integer and refuses NUL characters; so whole floats become integers, numbers beyond 64 bits
    become text, NUL becomes its picture. Everything that is not JSON (dates, decimals, enums) becomes its text.
    """
    match value:
        case None | bool():
            return value
        case Secret():
            return MASK
        case str():
            return _plain_text(str(value))
        case int():
            return int(value) if -LARGEST <= value < LARGEST else str(value)
        case float():
            return _plain_float(value)
        case Mapping():
            return {_plain_text(str(key)): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=str)
        case datetime():
            return instant(value)
    return _plain_text(str(value))


def _plain_text(text: str) -> str:
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "␀").encode("utf-8", "replace").decode()  # a lone surrogate becomes a question mark


def _plain_float(value: float) -> int | float | str:
    if abs(value) < EXACT:
        return int(value) if value.is_integer() else value
    return repr(value)  # also inf and nan, which JSON does not have


def instant(at: datetime) -> str:
    """UTC with six digits of a second, whatever zone the database answers in. A naive time is taken as UTC."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(values: Any) -> bytes:
    """The one way to write `values` as JSON: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(plain(values), option=orjson.OPT_SORT_KEYS)


def digest(values: Any) -> str:
    """SHA-256 of the canonical JSON, hex."""
    return hashlib.sha256(canonical(values)).hexdigest()


def detail_digest(label: str, before: Any, after: Any) -> str:
    return digest({"label": label, "before": before, "after": after})


def link_hash(link: Link) -> str:
    """The hash of one row: every column but the hash itself. All values are JSON already, so they are written directly."""
    return hashlib.sha256(
        orjson.dumps(
            {
                "action": link.action,
                "actor": link.actor,
                "at": instant(link.at),
                "cause": link.cause_id,
                "digest": link.digest,
                "object_id": link.object_id,
                "object_type": link.object_type,
                "previous": link.previous,
                "seq": link.seq,
            }
        )
    ).hexdigest()


def verify(from_seq: int = 1, to: int | None = None, checkers: Mapping[str, Checker] | None = None) -> Verdict:
    """Walk the chain and say where it breaks first. `to` is included; None = to the end, which must be where the head says.

    `checkers` (by object type) compare values that are kept elsewhere than in AuditDetail.
    """
    newest = AuditEntry.objects.aggregate(last=Max("seq"))["last"] or 0
    head = AuditHead.objects.filter(pk=1).first() or AuditHead()  # read after `newest`: the head may only be further on
    if head.seq < newest:
        return Verdict(0, head.seq + 1, sentence("an entry stands after the recorded end of the chain"))
    last = head.seq if to is None else min(to, head.seq)
    verdict = _walk(from_seq, last, checkers or {})
    if verdict.is_intact and to is None and from_seq <= last and verdict.last_hash != head.hash:
        return Verdict(verdict.checked, last, sentence("the recorded end of the chain has another hash"))
    return verdict


def _walk(from_seq: int, last: int, checkers: Mapping[str, Checker]) -> Verdict:
    previous, expected, checked = _hash_before(from_seq), from_seq, 0
    if previous is None:
        return Verdict(0, from_seq - 1, sentence("the entry before the first one asked for is missing"))
    for rows in _chunks(from_seq, last):
        for link, stored in rows:
            reason = _broken(link, stored, expected, previous)
            if reason:
                return Verdict(checked, min(expected, link.seq), reason)
            previous, expected, checked = stored, expected + 1, checked + 1
        wrong = min(_wrong_values([link for link, _ in rows], checkers), default=None)
        if wrong:
            return Verdict(checked, *wrong)
    if expected <= last:
        return Verdict(checked, expected, sentence("the entry is missing"))
    return Verdict(checked, last_hash=previous)


def _hash_before(seq: int) -> str | None:
    return GENESIS if seq <= 1 else AuditEntry.objects.filter(pk=seq - 1).values_list("hash", flat=True).first()


def _chunks(from_seq: int, last: int) -> Iterator[list[tuple[Link, str]]]:
    columns = (*Link._fields, "hash")
    rows = AuditEntry.objects.filter(seq__gte=from_seq, seq__lte=last).order_by("seq").values_list(*columns).iterator(chunk_size=CHUNK)
    pairs = ((Link(*row[:-1]), row[-1]) for row in rows)
    while chunk := list(islice(pairs, CHUNK)):
        yield chunk


def _broken(link: Link, stored: str, expected: int, previous: str) -> str:
    if link.seq != expected:
        return sentence("the entry is missing")
    if link.previous != previous:
        return sentence("the entry does not follow the one before it")
    if link_hash(link) != stored:
        return sentence("the entry was changed")
    return ""


def _wrong_values(links: Sequence[Link], checkers: Mapping[str, Checker]) -> Iterator[tuple[int, str]]:
    """Entries whose values are still there but no longer the ones that were recorded."""
    details = AuditDetail.objects.filter(entry_id__gte=links[0].seq, entry_id__lte=links[-1].seq).values_list(
        "entry_id", "label", "before", "after"
    )
    with_detail = {seq: detail_digest(label, before, after) for seq, label, before, after in details}
    for link in links:
        if with_detail.get(link.seq, link.digest) != link.digest:
            yield link.seq, sentence("the values of the entry were changed")
    for object_type, checker in checkers.items():
        elsewhere = [link for link in links if link.object_type == object_type and link.seq not in with_detail]
        yield from checker(elsewhere) if elsewhere else ()
