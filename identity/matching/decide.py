"""Whose record is it? Link, NewPerson or AskSomeone: a value that says why, from values. Reads no table.

First version, deterministic: exact strong keys decide, e-mail and name are evidence only. Whatever is ambiguous becomes a
case, never a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from config.sentences import Sentence, named, sentence
from identity.matching.normalise import same_name

FIRST = sentence("first record of this person")


class Facing(NamedTuple):
    """The record in question."""

    record_id: int
    connector_id: int
    connector_name: str
    strong_key: str
    email_key: str
    given: str
    family: str
    kind: str = "worker"


@dataclass(frozen=True, slots=True)
class Known:
    """Another record, already joined to a person."""

    record_id: int
    connector_id: int
    connector_name: str
    person_id: int
    strong_key: str
    email_key: str
    given: str
    family: str
    is_live: bool = True  # its employment has not ended and the source still has it
    worker_type: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    person_id: int
    method: str
    evidence: Sentence


@dataclass(frozen=True, slots=True)
class NewPerson:
    evidence: Sentence = FIRST
    method: str = "first"


@dataclass(frozen=True, slots=True)
class AskSomeone:
    kind: str
    question: Sentence
    candidates: tuple[tuple[int, tuple[tuple[str, Sentence], ...]], ...] = field(default=())


Decision = Link | NewPerson | AskSomeone


def decide(record: Facing, same_number: Sequence[Known], same_email: Sequence[Known], ruled_out: frozenset[int] = frozenset()) -> Decision:
    """`same_number` and `same_email` are joined records that share that key; `ruled_out` are persons a human said it is not."""
    by_number = {known.person_id: known for known in same_number if known.person_id not in ruled_out}
    by_email = {known.person_id: known for known in same_email if known.person_id not in ruled_out}
    if len(by_number) > 1:
        question = sentence("This employee number belongs to more than one person here. Whose record is it?")
        return _ask("duplicate", question, record, by_number, by_email)
    if by_number:
        return _by_number(record, next(iter(by_number.values())), same_number, by_number, by_email)
    if by_email:
        kind = "shared_email" if _different_people(record, by_email) else "duplicate"
        question = sentence("Two records use the same e-mail. Is it the same person?")
        return _ask(kind, question, record, by_number, by_email)
    return NewPerson()


def _by_number(
    record: Facing, known: Known, same_number: Sequence[Known], by_number: dict[int, Known], by_email: dict[int, Known]
) -> Decision:
    if not same_name(record.given, record.family, known.given, known.family):
        question = sentence("This employee number was used by somebody with another name. Is it the same person?")
        return _ask("number_reused", question, record, by_number, by_email)
    others = set(by_email) - {known.person_id}
    if others:
        question = sentence("The employee number says one person, the e-mail another. Whose record is it?")
        return _ask("duplicate", question, record, by_number, by_email)
    twin = next((one for one in same_number if one.connector_id == record.connector_id and one.is_live), None)
    if twin is not None:
        question = named("%(name)s has two current records with this employee number. Is it the same person?", record.connector_name)
        return _ask("duplicate", question, record, by_number, by_email)
    number = record.strong_key.split(":", 1)[-1]
    same = sentence("same employee number %(number)s as in %(system)s", number=number, system=known.connector_name)
    return Link(known.person_id, "strong_key", same)


def _different_people(record: Facing, by_email: dict[int, Known]) -> bool:
    return not any(same_name(record.given, record.family, known.given, known.family) for known in by_email.values())


def _ask(kind: str, question: Sentence, record: Facing, by_number: dict[int, Known], by_email: dict[int, Known]) -> AskSomeone:
    candidates = []
    for person_id in sorted(set(by_number) | set(by_email)):
        known = by_number.get(person_id) or by_email[person_id]
        candidates.append((person_id, tuple(evidence(record, known))))
    return AskSomeone(kind, question, tuple(candidates))


SAME_NUMBER = sentence("same employee number")
SAME_EMAIL = sentence("same work e-mail")


def evidence(record: Facing, known: Known) -> list[tuple[str, Sentence]]:
    """What speaks for (+) and against (-), strongest first."""
    lines: list[tuple[str, Sentence]] = []
    if record.strong_key and known.strong_key:
        lines.append(("+", SAME_NUMBER) if record.strong_key == known.strong_key else ("-", sentence("different employee numbers")))
    if record.email_key and known.email_key:
        lines.append(("+", SAME_EMAIL) if record.email_key == known.email_key else ("-", sentence("different work e-mails")))
    fits = same_name(record.given, record.family, known.given, known.family)
    lines.append(("+", sentence("the names share a word")) if fits else ("-", sentence("the names have nothing in common")))
    if not known.is_live:
        lines.append(("+", sentence("the other record has ended")))
    return lines
