"""What a person may ask a plan for beyond the rules: remove values that Rollcall had set, take a suggestion over."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from config.audit.models import Cause
from config.decisions import Decision, Effect
from config.errors import PlanStale
from config.roles.models import User
from config.roles.scopes import scoped_for
from config.sentences import Sentence, sentence
from identity.people.models import Person
from integrations.connectors.models import Connector
from syncjobs.plans.asked import holding, scope, set_by_us
from syncjobs.plans.fields import FIELDS
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.start import by_leading_source, start_run
from syncjobs.schedules.models import RunMode


class AskPlan(Decision):
    """Both start runs of chosen people, one for each source that leads; their plans are weighed before anything is written."""

    done = gettext_lazy("Started. The plan is made now, and weighed before anything is written.")
    object_type = "connector"
    verb = ""

    def __init__(self, actor: User | None, target: Connector, field: str) -> None:
        super().__init__(actor)
        self.target, self.field = target, field
        self.started: list[SyncRun] = []

    @property
    def object_id(self) -> str:
        return self.target.key

    @property
    def word(self) -> Sentence:
        return FIELDS.get(self.field) or Sentence(self.field)

    def _start(self, people: Iterable[int], cause: Cause) -> None:
        """Raises PlanStale when nobody is left to plan."""
        by_source = by_leading_source(people)
        if not by_source:
            raise PlanStale(sentence("nothing is left to do: nobody's account is like this any more"))
        for source in Connector.objects.filter(pk__any=list(by_source)).order_by("rank"):
            wanted = scope(by_source[source.pk], self.target, self.field, self.verb)
            self.started.append(start_run(source, Trigger.CHANGE, RunMode.PEOPLE, actor=self.actor, reason=cause.reason, scope=wanted))


class RemoveValues(AskPlan):
    """Empty a field that no row fills any more, where it still holds what Rollcall wrote. What somebody else wrote there stays."""

    label = gettext_lazy("Remove values Rollcall set")
    permission = "integrations.publish_mapping"
    asks_reason = True
    verb = "empty"

    @property
    def object_label(self) -> str:
        return f"{self.target.name}, {self.field}"

    @property
    def people(self) -> QuerySet[Person]:
        """Whom it may be about: nobody whom this reader does not see."""
        everybody = Person.objects.all()
        return scoped_for(self.actor, everybody) if self.actor else everybody

    def preview(self) -> Effect:
        ours, everybody = (rows(self.target, self.field, self.people).count() for rows in (set_by_us, holding))
        sentences = [
            sentence(
                "In %(system)s %(field)s is emptied for %(n)s person, where it holds what Rollcall wrote.",
                "In %(system)s %(field)s is emptied for %(n)s people, where it holds what Rollcall wrote.",
                n=ours,
                system=self.target.name,
                field=self.word,
            )
        ]
        if others := everybody - ours:
            text = sentence(
                "%(n)s account holds something that somebody else wrote there; it stays.",
                "%(n)s accounts hold something that somebody else wrote there; it stays.",
                n=others,
            )
            sentences.append(text)
        sentences += [
            sentence("The accounts are read once more before the plan is made: what somebody changed meanwhile stays too."),
            sentence("The plan is weighed before anything is written. Closed accounts stay as they are."),
        ]
        return Effect(sentences, {"people": ours}, danger=ours)

    def carry_out(self, cause: Cause) -> None:
        self._start(set_by_us(self.target, self.field, self.people).values_list("person_id", flat=True), cause)


class TakeSuggestion(AskPlan):
    """Write what a row only suggests, once, for one person. The row goes on suggesting."""

    label = gettext_lazy("Take the suggestion over")
    permission = "syncjobs.start_run"
    object_type = "person"
    verb = "take"

    def __init__(self, actor: User | None, target: Connector, field: str, person: Person) -> None:
        super().__init__(actor, target, field)
        self.person = person

    @property
    def object_id(self) -> str:
        return self.person.public_id

    @property
    def object_label(self) -> str:
        return f"{self.person.public_id}: {self.target.name}, {self.field}"

    def preview(self) -> Effect:
        return Effect(
            [
                sentence(
                    "In %(system)s %(field)s becomes what the mapping suggests for this person now.",
                    system=self.target.name,
                    field=self.word,
                ),
                sentence("Whatever else differs for this account goes along. The plan is weighed before anything is written."),
            ]
        )

    def carry_out(self, cause: Cause) -> None:
        self._start([self.person.pk], cause)
