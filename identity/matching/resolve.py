"""Decide whose records these are, a page at a time, set-based: a constant number of queries whatever the page holds.

Writes nothing but reserved person numbers: the caller stores what is decided (RecordOutcome) and apply carries it out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from config.sentences import Sentence, sentence
from identity.cases.models import Verdict
from identity.matching.decide import AskSomeone, Decision, Facing, Known, Link, NewPerson, decide
from identity.people import numbers
from identity.people.models import Link as LinkRow
from integrations.records.models import SourceRecord


@dataclass(slots=True)
class Resolved:
    """Whose record it is. `person_id` is None while somebody has to answer."""

    record_id: int
    person_id: int | None
    is_new_person: bool
    method: str  # empty: the link exists already
    evidence: Sentence
    question: AskSomeone | None = None


# Joins decided earlier in the same run and not yet applied: record ids → {record id: person id}.
StagedJoins = Callable[[list[int]], Mapping[int, int]]
NOTHING = Sentence("")
STILL_HERE = frozenset({"active", "leave", "pending"})


def resolve(records: Sequence[Facing], names: Mapping[int, str], staged: StagedJoins) -> list[Resolved]:
    """Whose records these are, in their order. `names`: connector id → name, for the evidence."""
    linked = dict(
        LinkRow.objects.filter(record_id__any=[record.record_id for record in records], until=None).values_list("record_id", "person_id")
    )
    verdicts = dict(Verdict.objects.filter(record_id__any=[record.record_id for record in records]).values_list("record_id", "person_id"))
    open_records = [record for record in records if record.record_id not in linked]
    known = _known(open_records, names, staged) if open_records else []
    by_number, by_email = _indexed(known)
    answers: list[Resolved] = []
    for record in records:
        person_id = linked.get(record.record_id)
        if person_id is not None:
            answers.append(Resolved(record.record_id, person_id, False, "", NOTHING))
            continue
        decision = _decided(record, verdicts, by_number, by_email)
        answers.append(_answer(record, decision))
        _remember(record, answers[-1], decision, by_number, by_email)
    _number(answers)
    return answers


DECIDED_SAME = sentence("decided: the same person")


def _decided(
    record: Facing, verdicts: Mapping[int, int | None], by_number: Mapping[str, list[Known]], by_email: Mapping[str, list[Known]]
) -> Decision:
    if record.record_id in verdicts:
        person_id = verdicts[record.record_id]
        return NewPerson(sentence("decided: a new person"), "decision") if person_id is None else Link(person_id, "decision", DECIDED_SAME)
    number = [one for one in by_number.get(record.strong_key, ()) if one.record_id != record.record_id] if record.strong_key else []
    email = [one for one in by_email.get(record.email_key, ()) if one.record_id != record.record_id] if record.email_key else []
    return decide(record, number, email)


def _answer(record: Facing, decision: Decision) -> Resolved:
    if isinstance(decision, Link):
        return Resolved(record.record_id, decision.person_id, False, decision.method, decision.evidence)
    if isinstance(decision, NewPerson):
        return Resolved(record.record_id, None, True, decision.method, decision.evidence)
    return Resolved(record.record_id, None, False, "", NOTHING, decision)


def _remember(
    record: Facing, answer: Resolved, decision: Decision, by_number: dict[str, list[Known]], by_email: dict[str, list[Known]]
) -> None:
    """Later records of the same page must see this one. A new person's number is not known yet: the record's own id stands in, negative."""
    if isinstance(decision, AskSomeone):
        return
    person_id = answer.person_id if answer.person_id is not None else -record.record_id
    answer.person_id = person_id
    known = Known(
        record.record_id,
        record.connector_id,
        record.connector_name,
        person_id,
        record.strong_key,
        record.email_key,
        record.given,
        record.family,
    )
    if record.strong_key:
        by_number.setdefault(record.strong_key, []).append(known)
    if record.email_key:
        by_email.setdefault(record.email_key, []).append(known)


def _number(answers: list[Resolved]) -> None:
    """Give the new persons of this page their numbers, in the page's order, and put them where the stand-ins are."""
    fresh = [answer for answer in answers if answer.is_new_person]
    given = {-answer.record_id: number for answer, number in zip(fresh, numbers.reserve(len(fresh)), strict=True)}
    for answer in answers:
        if answer.person_id is not None and answer.person_id < 0:
            answer.person_id = given[answer.person_id]
        if answer.question is not None:
            candidates = tuple((given.get(person, person), lines) for person, lines in answer.question.candidates)
            answer.question = AskSomeone(answer.question.kind, answer.question.question, candidates)


def _known(records: Sequence[Facing], names: Mapping[int, str], staged: StagedJoins) -> list[Known]:
    """Joined records that share a number or an e-mail with one of these, alive or ended. A constant number of queries.

    Ids first: on a first load nearly everything found is the page itself, joined to nobody, and its values need not be read.
    """
    found = _sharing(records)
    if not found:
        return []
    joins = {
        **staged(found),
        **dict(LinkRow.objects.filter(record_id__any=found, until=None).values_list("record_id", "person_id")),
    }
    if not joins:
        return []
    columns = ("id", "connector_id", "strong_key", "email_key", "values", "gone_at")
    rows = SourceRecord.objects.filter(id__any=list(joins)).order_by("id").values_list(*columns)
    return [
        Known(
            record_id,
            connector_id,
            names.get(connector_id, ""),
            joins[record_id],
            strong_key,
            email_key,
            values.get("given_name") or "",
            values.get("family_name") or "",
            gone_at is None and (values.get("status") or "active") in STILL_HERE,
            values.get("worker_type") or "",
        )
        for record_id, connector_id, strong_key, email_key, values, gone_at in rows
    ]


def _sharing(records: Sequence[Facing]) -> list[int]:
    """Ids of the source records with one of these numbers or e-mails, these records among them.

    The indexes leave empty keys out; saying so again is what lets the database use them for a long list of keys.
    """
    strong = {record.strong_key for record in records if record.strong_key}
    emails = {record.email_key for record in records if record.email_key}
    sources = SourceRecord.objects.filter(connector__is_target=False)
    found: set[int] = set()
    if strong:
        found.update(sources.filter(strong_key__any=strong).exclude(strong_key="").values_list("id", flat=True))
    if emails:
        found.update(sources.filter(email_key__any=emails).exclude(email_key="").values_list("id", flat=True))
    return list(found)


def _indexed(known: Iterable[Known]) -> tuple[dict[str, list[Known]], dict[str, list[Known]]]:
    by_number: dict[str, list[Known]] = defaultdict(list)
    by_email: dict[str, list[Known]] = defaultdict(list)
    for one in known:
        if one.strong_key:
            by_number[one.strong_key].append(one)
        if one.email_key:
            by_email[one.email_key].append(one)
    return by_number, by_email
