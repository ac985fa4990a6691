"""The questions a plan leaves open become cases, once; a case whose question has gone is closed. Set-based."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from config.bulk import insert_rows
from config.sentences import Sentence, sentence
from identity.cases.models import Candidate, Case, CaseKind, CaseState
from identity.people.models import Person
from syncjobs.plans.models import ChangeKind, ChangeState, Plan, PlannedChange
from syncjobs.runs.context import Context
from syncjobs.runs.models import Outcome, RecordOutcome, SyncRun

WHOSE = sentence("Whose account is this?")
NO_ACCOUNT_YET = sentence("No account is made until you answer.")
OPEN = (CaseState.OPEN, CaseState.DEFERRED)
BATCH = 2000
Question = tuple[str, Sentence, Sentence, list[tuple[int, list[list[str]]]]]  # kind, question, waits, candidates


def ask(run: SyncRun, plan: Plan, context: Context) -> None:
    """Open what this run asks about, in the caller's transaction."""
    questions = {**_from_records(run), **_from_accounts(plan, context), **_from_managers(plan)}
    put(questions, context.now)
    settled = RecordOutcome.objects.filter(run=run, outcome=Outcome.STAGED).exclude(record_id__any=list(questions)).values("record_id")
    kinds = (CaseKind.DUPLICATE, CaseKind.NUMBER_REUSED, CaseKind.SHARED_EMAIL)
    Case.objects.filter(record_id__in=settled, state__in=OPEN, kind__in=kinds).update(state=CaseState.CLOSED, answered_at=context.now)
    # A record that is believed gone asks nothing any more; should it come back, it asks anew.
    Case.objects.filter(record__gone_at__isnull=False, state__in=OPEN).update(state=CaseState.CLOSED, answered_at=context.now)


def put(questions: Mapping[int, Question], now: datetime) -> None:
    """Open each as a case of its record. One that is open already gains who is new among its candidates. In the caller's transaction."""
    if not questions:
        return
    standing = Case.objects.filter(record_id__any=list(questions), state__in=OPEN)
    have = set(standing.values_list("record_id", flat=True))
    fresh = (
        Case(kind=kind, record_id=record, question=text, waits=waits, opened_at=now)
        for record, (kind, text, waits, _) in questions.items()
        if record not in have
    )
    # Two workers may ask the same at once: the database lets one case stand, and both name their candidates.
    Case.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=BATCH)
    cases = {record: number for record, number, kind in standing.values_list("record_id", "id", "kind") if kind == questions[record][0]}
    named = set(Candidate.objects.filter(case__any=list(cases.values())).values_list("case_id", "person_id"))
    wanted = [(number, person, evidence) for record, number in cases.items() for person, evidence in questions[record][3]]
    known = set(Person.objects.filter(pk__in={person for _, person, _ in wanted}).values_list("pk", flat=True))
    new = [row for row in wanted if row[1] in known and row[:2] not in named]
    insert_rows(Candidate, ("case", "person", "evidence"), new)
    grown = {number for number, _, _ in new} & {number for number, _ in named}
    if grown:
        Case.objects.filter(pk__any=list(grown), kind=CaseKind.ALREADY_THERE).update(question=WHOSE)


def whose(system: str, people: Sequence[str]) -> Sentence:
    """The question about an account that is there already. `people`: names or numbers of who it may be."""
    if len(people) == 1:
        return sentence("Does this account in %(system)s belong to %(name)s?", system=system, name=people[0])
    return WHOSE


def _from_records(run: SyncRun) -> dict[int, Question]:
    asked = RecordOutcome.objects.filter(run=run, outcome=Outcome.CASE, record__isnull=False)
    return {
        record: (
            question["kind"],
            Sentence(question["question"]),
            sentence("No account is made or changed from this record until you answer."),
            question["candidates"],
        )
        for record, question in asked.values_list("record_id", "question")
        if record and question
    }


def _from_accounts(plan: Plan, context: Context) -> dict[int, Question]:
    found: dict[int, Question] = {}
    skipped = PlannedChange.objects.filter(plan=plan, kind=ChangeKind.SKIP, reason_code="already_there", state=ChangeState.PLANNED)
    for change in skipped:
        target = context.connectors[change.target_id or 0].name
        for record in change.extra.get("strangers", ()):
            people = [*(found[record][3] if record in found else ()), (change.person_id, [["+", change.reason]])]
            found[record] = (CaseKind.ALREADY_THERE, whose(target, [change.name] * len(people)), NO_ACCOUNT_YET, people)
    return found


def _from_managers(plan: Plan) -> dict[int, Question]:
    tied = PlannedChange.objects.filter(plan=plan, target=None, state=ChangeState.PLANNED).exclude(extra__tie=[])
    return {
        change.extra["lead"]: (
            CaseKind.MANAGER_TIE,
            sentence("Which of %(n)s managers is the primary one of %(name)s?", n=len(change.extra["tie"]), name=change.name),
            sentence("The manager stays as it was until you answer."),
            [(change.person_id, [["+", change.extra["primary"]]])],
        )
        for change in tied
    }
