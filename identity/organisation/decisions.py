"""Which of several managers is the primary one. The answer outlives every run, for as long as the source names that manager."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from config import clock
from config.audit.models import Cause
from config.decisions import Effect
from config.roles.models import User
from config.sentences import sentence
from identity.cases.models import Case, CaseState
from identity.matching.decisions import CaseDecision
from identity.organisation.models import PrimaryChoice
from identity.people.models import Person, Replan


class ChoosePrimaryManager(CaseDecision):
    """This one is primary; the other lines are kept."""

    label = gettext_lazy("Choose the primary manager")

    def __init__(self, actor: User | None, case: Case, person: Person, manager: Person) -> None:
        super().__init__(actor, case)
        self.person, self.manager = person, manager

    def preview(self) -> Effect:
        return Effect(
            sentences=[
                sentence(
                    "%(manager)s becomes the primary manager of %(person)s in every learning system.",
                    manager=str(self.manager),
                    person=str(self.person),
                ),
                sentence("The other reporting lines are kept."),
                sentence("The answer holds until the source names somebody else, and is asked no more."),
            ]
        )

    def carry_out(self, cause: Cause) -> None:
        case = self.locked()
        now = clock.now()
        PrimaryChoice.objects.update_or_create(person=self.person, defaults={"manager": self.manager, "cause": cause, "at": now})
        Replan.objects.create(person=self.person, because=sentence("the primary manager was chosen"), is_urgent=True, at=now)
        self.close(case, CaseState.LINKED, cause)
