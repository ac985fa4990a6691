"""Accounts because of which none could be made: they have the name, the address or the number. Whose are they?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from config import clock
from config.errors import AlreadyExists, RollcallError, ValueTaken
from config.sentences import Sentence, quoted, sentence
from identity.cases.models import CaseKind, Verdict
from identity.people.models import Link, public_id
from integrations.connectors.models import Connector
from integrations.outbound.claim import Finished
from integrations.outbound.waiting import FIRST
from integrations.records.models import SourceRecord
from integrations.vendors.base import Vendor
from syncjobs.pipeline.look import learner_row
from syncjobs.plans.cases import NO_ACCOUNT_YET, Question, put, whose


def _holders(one: Finished) -> tuple[str, ...]:
    """The accounts because of which none could be made: they have the name, the address or the number. Empty where nobody is known."""
    return one.error.remote_ids if one.delivery.operation == FIRST and isinstance(one.error, AlreadyExists) else ()


def met(connector: Connector, vendor: Vendor, outcomes: Sequence[Finished]) -> list[tuple[Any, ...]]:
    """The accounts in the way that we have not heard of, as rows: they appeared between plan and write. Asks the target; writes nothing."""
    wanted = {holder for one in outcomes for holder in _holders(one)}
    if not wanted:
        return []
    target = outcomes[0].delivery.target
    known = SourceRecord.objects.filter(connector=connector, stream=target, external_id__any=list(wanted))
    wanted -= set(known.values_list("external_id", flat=True))
    try:
        found = vendor.read_back(target, sorted(wanted)) if wanted else ()
        return [learner_row(connector, target, record, clock.now()) for record in found]
    except RollcallError:
        return []  # the next plan for this person meets the account as well, and asks


def told(connector: Connector, outcomes: Sequence[Finished]) -> dict[int, dict[int, str]]:
    """Account in the way → the people it may be, each with what speaks for it. For a person of staff to say, however many they are.

    Where every one of them is known to be somebody else's, no answer would help: then the refusal says whose, and who can mend it.
    """
    refused = [one for one in outcomes if _holders(one)]
    if not refused:
        return {}
    ids = [holder for one in refused for holder in _holders(one)]
    learners = dict(SourceRecord.objects.filter(connector=connector, external_id__any=ids).values_list("external_id", "id"))
    owners = dict(Link.objects.filter(record_id__any=list(learners.values()), until=None).values_list("record_id", "person_id"))
    strangers = set(Verdict.objects.filter(record_id__any=list(learners.values()), person=None).values_list("record_id", flat=True))
    asked: dict[int, dict[int, str]] = defaultdict(dict)
    for one in refused:
        detail = one.error.detail if one.error else ""
        there = {holder: learners.get(holder, 0) for holder in _holders(one)}
        for record in there.values():
            if record and record not in owners and record not in strangers:
                asked[record][one.delivery.subject_id] = detail
        if all(record in owners or record in strangers for record in there.values()):
            is_whose = [_is_whose(holder, owners.get(record)) for holder, record in there.items()]
            one.error = ValueTaken(
                sentence("%(what)s (%(whose)s)", what=quoted(detail), whose=is_whose), field=one.error.field if one.error else ""
            )
    return asked


def _is_whose(account: str, person: int | None) -> Sentence:
    if person is None:
        return sentence("account %(account)s: decided to be somebody else", account=account)
    return sentence("account %(account)s: %(person)s", account=account, person=public_id(person))


def ask(connector: Connector, asked: Mapping[int, Mapping[int, str]], kept: Sequence[Finished]) -> None:
    """Put the questions whose refusals were still ours to tell."""
    ours = {one.delivery.subject_id for one in kept}
    questions: dict[int, Question] = {}
    for record, people in asked.items():
        may_be = [(person, [["+", detail]]) for person, detail in people.items() if person in ours]
        if may_be:
            text = whose(connector.name, [public_id(person) for person, _ in may_be])
            questions[record] = (CaseKind.ALREADY_THERE, text, NO_ACCOUNT_YET, may_be)
    if questions:
        put(questions, clock.now())
