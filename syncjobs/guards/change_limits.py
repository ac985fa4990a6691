"""Changing what a run may do alone, for whom, and when people come and go: a human act and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy

from config.decisions import Effect
from config.parts.shapes import Text
from config.roles.models import User
from config.say import neutral
from config.sentences import Sentence, Share, sentence
from identity.people.models import Person, Standing
from integrations.connectors.decisions import SaveConnector
from integrations.connectors.form import BEFORE_START, INACTIVE, KINDS, LEAVER_RULES, ON_LEAVE, PILOTS
from integrations.connectors.models import Connector
from integrations.connectors.setting_changes import change, in_a_row, list_change
from syncjobs.guards.limits import Limit, limit_for
from syncjobs.plans.pilot import among, reached
from syncjobs.plans.routes import NIGHT_HOUR


@dataclass(frozen=True)
class Rule:
    """One entry of the policy in words."""

    label: Text
    default: Any
    choices: tuple[tuple[str, Any], ...] = ()


RULES: dict[str, Rule] = {
    "leaver_rule": Rule(gettext_lazy("Leavers lose access"), "termination_date", LEAVER_RULES),
    "ready_days_before": Rule(gettext_lazy("Days before the hire date that people count as starting soon"), 0),
    "urgent_reasons": Rule(gettext_lazy("Reasons for leaving that end access at once"), []),
    "inactive": Rule(gettext_lazy("Whoever is inactive without a last day"), "left", INACTIVE),
    "number_issuer": Rule(gettext_lazy("Who gives out the employee numbers"), "hr"),
    "hold_lapses_hours": Rule(gettext_lazy("Hours until a stopped plan lapses"), 48),
    "before_start": Rule(gettext_lazy("People who start later"), "none", BEFORE_START),
    "nightly_hour": Rule(gettext_lazy("Hour at which changes go that wait for the night"), NIGHT_HOUR),
    "on_leave": Rule(gettext_lazy("People on leave"), "active", ON_LEAVE),
}


class ChangeLimits(SaveConnector):
    """What a run may change alone, for whom, and when people come and go. Wants a reason: it decides who is protected."""

    label = gettext_lazy("Change limits and rules")
    afterwards = gettext_lazy("The next plan is weighed by these limits.")

    def __init__(self, actor: User | None, connector: Connector, changes: Mapping[str, Any], seen: str = "") -> None:
        super().__init__(actor, connector, changes, seen=seen, people=lambda: reached(connector).count())
        self.asks_reason = True
        self.guard, self.pilot, self.policy = (changes.get(name, getattr(connector, name)) for name in ("guard", "pilot", "policy"))

    @property
    def is_empty(self) -> bool:
        return not self.differences()

    def preview(self) -> Effect:
        effect = super().preview()
        suspends = self.connector.is_target and "on_leave" in self._rules and self.policy.get("on_leave") == "suspended"
        return Effect(effect.sentences, effect.counts, Person.objects.filter(standing=Standing.ON_LEAVE).count() if suspends else 0)

    def differences(self) -> list[Sentence]:
        return [*self._limits(), *self._pilot(), *(self._rule(key) for key in self._rules)]

    def consequences(self) -> list[Sentence]:
        return [*self._weight(), *(self._who_takes_part() if self._pilot() else ()), *super().consequences()]

    # ── the guard ───────────────────────────────────────────────────────────────────────────────────

    def _limits(self) -> list[Sentence]:
        pairs = ((label, limit_for(kind, self.connector.guard), limit_for(kind, self.guard)) for kind, label in KINDS)
        return [change(neutral(label), _in_words(old), _in_words(new)) for label, old, new in pairs if old != new]

    def _weight(self) -> list[Sentence]:
        """Which kinds the guard would let pass more of, and which fewer."""
        later, sooner = [], []
        for kind, label in KINDS:
            old, new = limit_for(kind, self.connector.guard), limit_for(kind, self.guard)
            if new.people > old.people or new.share > old.share or new.most > old.most:
                later.append(neutral(label))
            if new.people < old.people or new.share < old.share or new.most < old.most:
                sooner.append(neutral(label))
        found = []
        if later:
            found.append(sentence("The guard becomes looser: more goes through without anybody looking (%(kinds)s).", kinds=later))
        if sooner:
            found.append(sentence("The guard becomes stricter: plans are stopped sooner (%(kinds)s).", kinds=sooner))
        return found

    # ── the pilot group ─────────────────────────────────────────────────────────────────────────────

    def _pilot(self) -> list[Sentence]:
        old, new = self.connector.pilot, self.pilot
        if bool(old) != bool(new):
            return [change(sentence("Pilot group"), _group(old), _group(new))]
        pairs = ((neutral(label), list(map(str, old.get(key, ()))), list(map(str, new.get(key, ())))) for key, label in PILOTS)
        return [list_change(sentence("Pilot group, %(part)s", part=label), was, now) for label, was, now in pairs if was != now]

    def _who_takes_part(self) -> list[Sentence]:
        everybody = reached(self.connector)
        before, after = among(everybody, self.connector.pilot).count(), among(everybody, self.pilot).count()
        found = [
            sentence("%(n)s person takes part, so far %(before)s.", "%(n)s people take part, so far %(before)s.", n=after, before=before)
        ]
        if self.pilot:
            found.append(sentence("Whoever is outside keeps the account as it is, until they leave: then it is suspended all the same."))
        return found

    # ── rules ───────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _rules(self) -> list[str]:
        return [key for key, rule in RULES.items() if self._held(key, self.connector.policy) != self._held(key, self.policy)]

    @staticmethod
    def _held(key: str, policy: Mapping[str, Any]) -> Any:
        value = policy.get(key, RULES[key].default)
        return list(value) if isinstance(value, list | tuple) else value

    def _rule(self, key: str) -> Sentence:
        rule, old, new = RULES[key], self._held(key, self.connector.policy), self._held(key, self.policy)
        if isinstance(new, list):
            return list_change(neutral(rule.label), list(map(str, old)), list(map(str, new)))
        words = {value: neutral(label) for value, label in rule.choices}
        return change(neutral(rule.label), words.get(old, str(old)), words.get(new, str(new)))


def _in_words(limit: Limit) -> Sentence:
    return sentence(
        "from %(n)s person and %(share)s on, never more than %(most)s",
        "from %(n)s people and %(share)s on, never more than %(most)s",
        n=limit.people,
        share=Share(limit.share),
        most=limit.most,
    )


def _group(pilot: Mapping[str, Any]) -> Sentence:
    if not pilot:
        return sentence("everybody")
    parts = [
        sentence("%(name)s: %(what)s", name=neutral(label), what=", ".join(map(str, pilot[key]))) for key, label in PILOTS if pilot.get(key)
    ]
    return in_a_row(parts) if parts else sentence("nothing")
