"""The questions a plan leaves open become cases, once; a case whose question has gone is closed. Set-based."""

from __future__ import annotations

from config.bulk import insert_rows, reserve_ids
from config.sentences import Sentence, sentence
from identity.cases.models import Candidate, Case, CaseKind, CaseState
from identity.people.models import Person
from syncjobs.plans.models import ChangeKind, ChangeState, Plan, PlannedChange
from syncjobs.runs.context import Context
from syncjobs.runs.models import Outcome, RecordOutcome, SyncRun

OPEN = (CaseState.OPEN, CaseState.DEFERRED)
CASE = ("id", "kind", "record", "question", "waits", "opened_at")
Question = tuple[str, Sentence, Sentence, list[tuple[int, list[list[str]]]]]  # kind, question, waits, candidates


def ask(run: SyncRun, plan: Plan, context: Context) -> None:
    """Open what this run asks about, in the caller's transaction."""
    questions = {**_from_records(run), **_from_accounts(plan, context), **_from_managers(plan)}
    have = set(Case.objects.filter(record_id__any=list(questions), state__in=OPEN).values_list("record_id", flat=True))
    fresh = {record: question for record, question in questions.items() if record not in have}
    ids = reserve_ids(Case, len(fresh))
    cases, candidates = [], []
    for number, (record, (kind, question, waits, people)) in zip(ids, fresh.items(), strict=True):
        cases.append((number, kind, record, question, waits, context.now))
        candidates += [(number, person, evidence) for person, evidence in people]
    insert_rows(Case, CASE, cases)
    known = set(Person.objects.filter(pk__in={person for _, person, _ in candidates}).values_list("pk", flat=True))
    insert_rows(Candidate, ("case", "person", "evidence"), [row for row in candidates if row[1] in known])
    settled = RecordOutcome.objects.filter(run=run, outcome=Outcome.STAGED).exclude(record_id__any=list(questions)).values("record_id")
    kinds = (CaseKind.DUPLICATE, CaseKind.NUMBER_REUSED, CaseKind.SHARED_EMAIL)
    Case.objects.filter(record_id__in=settled, state__in=OPEN, kind__in=kinds).update(state=CaseState.CLOSED, answered_at=context.now)


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
            question = sentence("Is this account in %(system)s %(name)s?", system=target, name=change.name)
            found[record] = (
                CaseKind.ALREADY_THERE,
                question,
                sentence("No account is made until you answer."),
                [(change.person_id, [["+", change.reason]])],
            )
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
