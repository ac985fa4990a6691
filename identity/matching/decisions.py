"""The answers to a case. Each is kept as a Verdict, which no run undoes; the people concerned are planned again."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_lazy

from config import clock
from config.audit.models import Cause
from config.audit.record import Entry, record_many
from config.bell import ring
from config.decisions import Decision, Effect
from config.errors import PlanStale
from config.roles.models import User
from config.sentences import Sentence, sentence
from identity.cases.models import Candidate, Case, CaseKind, CaseState, Verdict
from identity.matching.normalise import email_key
from identity.people.models import Link, Person, Replan, public_id
from integrations.outbound.waiting import named_is_there
from integrations.records.models import SourceRecord

OPEN = (CaseState.OPEN, CaseState.DEFERRED)


class CaseDecision(Decision):
    """What the answers to a case have in common."""

    permission = "identity.decide_case"
    asks_reason = True
    object_type = "case"

    def __init__(self, actor: User | None, case: Case) -> None:
        super().__init__(actor)
        self.case = case

    @property
    def object_id(self) -> str:
        return str(self.case.pk)

    def locked(self) -> Case:
        """The case, ours until the end of the transaction. Raises PlanStale when somebody has answered already."""
        case = Case.objects.select_for_update().select_related("record__connector").get(pk=self.case.pk)
        if case.state not in OPEN:
            raise PlanStale(sentence("this case was answered in the meantime"))
        return case

    def close(self, case: Case, state: CaseState, cause: Cause) -> None:
        """Answered; the trail of each person it was about says so too."""
        case.state, case.cause, case.answered_at = state, cause, clock.now()
        case.save(update_fields=["state", "cause", "answered_at"])
        people = case.candidates.order_by("person_id").values_list("person_id", flat=True)
        record_many(
            cause, [Entry("person.answered", "person", public_id(person), after={"case": case.pk, "state": state}) for person in people]
        )


class LinkRecord(CaseDecision):
    """It is this person."""

    label = gettext_lazy("Same person")

    def __init__(self, actor: User | None, case: Case, person: Person) -> None:
        super().__init__(actor, case)
        self.person = person

    def preview(self) -> Effect:
        if self.case.record.connector.is_target:
            said = {"person": str(self.person), "system": self.case.record.connector.name}
            return Effect(
                [
                    sentence("The account in %(system)s becomes the account of %(person)s; no second one is made.", **said),
                    sentence("The next plan brings it up to date. Nothing in it is deleted."),
                    sentence("The answer is kept and asked no more."),
                ]
            )
        return Effect(
            sentences=[
                sentence("The record is joined to %(person)s.", person=str(self.person)),
                sentence("No second account is made; later changes of this record go to the same account."),
                sentence("The answer is kept and asked no more."),
            ],
            counts={},
            danger=0,
        )

    def carry_out(self, cause: Cause) -> None:
        case = self.locked()
        now = clock.now()
        if case.record.connector.is_target and self._has_account(case):
            raise PlanStale(sentence("this person has an account there in the meantime"))
        Verdict.objects.update_or_create(record=case.record, defaults={"person": self.person, "cause": cause, "at": now})
        evidence = sentence("decided: %(reason)s", reason=cause.reason)
        Link.objects.create(person=self.person, record=case.record, method=Link.Method.DECISION, evidence=evidence, since=now, cause=cause)
        Replan.objects.create(person=self.person, because=sentence("a record was joined"), is_urgent=True, at=now)
        SourceRecord.objects.filter(pk=case.record_id).update(pending=not case.record.connector.is_target)
        self.close(case, CaseState.LINKED, cause)
        if case.record.connector.is_target:
            named_is_there(case.record.connector_id, Person.objects.filter(manager=self.person).values("pk"))
            self._settle_others(case, cause)
            ring("default")

    def _has_account(self, case: Case) -> bool:
        live = Link.objects.filter(person=self.person, record__connector=case.record.connector, until=None)
        return live.filter(record__gone_at=None).exists()

    def _settle_others(self, case: Case, cause: Cause) -> None:
        """One account a person and target: whoever else it might have been is planned again; other accounts are not this person's."""
        others = case.candidates.exclude(person=self.person).values_list("person_id", flat=True)
        because = sentence("the account is somebody else's")
        Replan.objects.bulk_create(Replan(person_id=person, because=because, at=clock.now()) for person in others)
        asked = Case.objects.filter(kind=CaseKind.ALREADY_THERE, record__connector=case.record.connector, state__in=OPEN)
        also = list(asked.filter(candidates__person=self.person).values_list("pk", flat=True))
        Candidate.objects.filter(case__any=also, person=self.person).delete()
        moot = Case.objects.filter(pk__any=also, candidates=None)
        moot.update(state=CaseState.CLOSED, cause=cause, answered_at=clock.now())


class KeepSeparate(CaseDecision):
    """It is somebody else: a new person."""

    label = gettext_lazy("New person")

    def __init__(self, actor: User | None, case: Case) -> None:
        super().__init__(actor, case)
        if case.record.connector.is_target:  # nobody new: the account is another person's
            self.label = gettext_lazy("Somebody else")

    def preview(self) -> Effect:
        if self.case.record.connector.is_target:
            said = {"system": self.case.record.connector.name}
            return Effect(
                [
                    sentence("The account in %(system)s stays as it is and is never touched by Rollcall.", **said),
                    *self._afterwards(said),
                    sentence("The answer is kept and asked no more."),
                ]
            )
        return Effect(
            sentences=[
                sentence("The record becomes a person of its own with the next run."),
                sentence("The answer is kept and asked no more."),
            ],
            counts={},
            danger=0,
        )

    def _afterwards(self, said: dict[str, str]) -> list[Sentence]:
        """What becomes of the person: a name that an account has can be nobody else's there."""
        if not shares_a_name(self.case):
            return [sentence("The person gets an account of their own with the next plan.")]
        return [
            sentence("Both need the same sign-in name or e-mail, and %(system)s gives it to one: no account can be made yet.", **said),
            sentence("Whoever keeps the source can give this person another one: the next run then makes the account."),
            sentence("Or that account is changed in %(system)s: then send the write again under “Deliveries”.", **said),
        ]

    def carry_out(self, cause: Cause) -> None:
        case = self.locked()
        now = clock.now()
        Verdict.objects.update_or_create(record=case.record, defaults={"person": None, "cause": cause, "at": now})
        if not case.record.connector.is_target:
            SourceRecord.objects.filter(pk=case.record_id).update(pending=True)
        else:
            people = case.candidates.values_list("person_id", flat=True)
            Replan.objects.bulk_create(
                Replan(person_id=person, because=sentence("the account is somebody else's"), at=now) for person in people
            )
        self.close(case, CaseState.KEPT_SEPARATE, cause)


def shares_a_name(case: Case) -> bool:
    """Whether the account in question has a sign-in name or an address that a candidate's own facts hold."""
    held = {key for key in (case.record.login_key, case.record.email_key) if key}
    facts = case.candidates.values_list("person__values", flat=True) if held else ()
    return any(email_key(values.get(name)) in held for values in facts for name in ("username", "work_email", "personal_email"))


class DeferCase(CaseDecision):
    """Later: the case leaves the list until a day."""

    label = gettext_lazy("Later")

    def __init__(self, actor: User | None, case: Case, until: date) -> None:
        super().__init__(actor, case)
        self.until = until

    def preview(self) -> Effect:
        return Effect(sentences=[sentence("The case comes back on %(day)s.", day=self.until.isoformat())], counts={}, danger=0)

    def carry_out(self, cause: Cause) -> None:
        case = self.locked()
        case.state, case.deferred_until, case.cause = CaseState.DEFERRED, self.until, cause
        case.save(update_fields=["state", "deferred_until", "cause"])
