"""A sync of one person, rehearsed: the plan is made by the same code as in a run, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.errors import RollcallError
from config.parts.shapes import Chip
from config.roles.masking import Sight
from config.say import told
from config.vocabulary import word
from identity.people.models import Link, Person
from syncjobs.explain.values import APART, field_label, label, personal, words
from syncjobs.plans.build import changes, draft_of
from syncjobs.plans.circles import comes_back
from syncjobs.plans.models import Plan
from syncjobs.plans.picture import pictures
from syncjobs.plans.pilot import in_pilot
from syncjobs.runs.context import Context
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.schedules.models import RunMode

NOT_A_RUN = 0  # no row has this number: nothing was read for it and nothing can be written to it


@dataclass(frozen=True, slots=True)
class Difference:
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the rehearsal: its chip, a sentence, and the differences where it is about values.

    `target_id`, `kind` and `after` of a step that changes an account: what is compared with what was refused, never shown.
    """

    chip: Chip
    title: str
    sentence: str
    differences: tuple[Difference, ...] = ()
    target_id: int = 0
    kind: str = ""
    after: Mapping[str, Any] = field(default_factory=dict)


def rehearse(person: Person, sight: Sight) -> list[Step]:
    """Read, scope, match, plan, act. Reads tables only: no system is asked. A setting that is wrong becomes a step that failed."""
    links = list(Link.objects.filter(person=person, until=None, record__connector__is_target=False).select_related("record__connector"))
    if not links:
        return [_step("bad", _("Read"), _("No record of a source is joined to this person: there is nothing to plan from."))]
    links.sort(key=lambda link: link.record.connector.rank)
    try:
        return [_read(links), *_planned(person, links, sight)]
    except RollcallError as error:
        return [_read(links), _step("bad", _("Plan"), told(error, sight.answer(error.detail)))]


def _step(tone: str, title: str, sentence: str, differences: tuple[Difference, ...] = ()) -> Step:
    signs = {"ok": "●", "bad": "×", "warn": "!", "idle": "–", "info": "~"}
    return Step(Chip(title, tone, signs[tone]), title, sentence, differences)


def _read(links: Sequence[Link]) -> Step:
    names = ", ".join(dict.fromkeys(link.record.connector.name for link in links))
    told = ngettext("%(n)s record as last heard from %(names)s.", "%(n)s records as last heard from %(names)s.", len(links))
    return _step("ok", _("Read"), told % {"n": len(links), "names": names})


def _planned(person: Person, links: Sequence[Link], sight: Sight) -> list[Step]:
    context = Context()
    run = SyncRun(pk=NOT_A_RUN, connector=links[0].record.connector, mode=RunMode.PEOPLE, trigger=Trigger.MANUAL)
    seen = pictures(run, context, [person.pk])
    draft = draft_of(run, context, [person.pk])
    manager = draft.seen[0].manager_id if draft.seen else None
    if manager is not None and comes_back(person.pk, manager):
        draft = draft_of(run, context, [person.pk], [person.pk])
    rows, _counts = changes(Plan(pk=NOT_A_RUN), draft)
    outside = [target.name for target in context.targets if seen and not in_pilot(person.pk, seen[0].values, target)]
    scope = _step("ok", _("Scope"), _("In scope of every learning system."))
    if outside:
        scope = _step("idle", _("Scope"), _("Not in the pilot group of %(names)s.") % {"names": ", ".join(outside)})
    quoted = personal({"name": person.display_name}, person.values, *(link.record.values for link in links))
    evidence = "; ".join(f"{link.record.connector.name}: {sight.said(link.evidence, quoted)}" for link in links)
    match = _step("ok", _("Match"), evidence)
    own = [row for row in rows if row[1] is None]
    out = [row for row in rows if row[1] is not None]
    plan = [_change(row, _("What we know"), sight) for row in own] or [
        _step("idle", _("Plan"), _("Nothing we know about this person changes."))
    ]
    act = [_change(row, context.names[row[1]], sight) for row in out] or [
        _step("idle", _("Act"), _("Every learning system holds what it should; nothing would be sent."))
    ]
    return [scope, match, *plan, *act]


def _change(row: tuple[Any, ...], where: str, sight: Sight) -> Step:
    kind, reason, before, after = row[2], row[6], row[7], row[8]
    known = word("change", kind)
    keys = [key for key in after if key not in APART and not isinstance(after[key], dict)]
    named = label if row[1] is None else field_label
    shown = tuple(Difference(named(key), _text(key, before.get(key), sight), _text(key, after[key], sight)) for key in keys)
    return Step(Chip(known.label, known.tone, known.sign), where, sight.said(reason), shown, row[1] or 0, kind, after)


def _text(key: str, value: Any, sight: Sight) -> str:
    """A value of ours or of the other system; fields that are not ours are masked as if they were personal."""
    if key == "suspended" and value is not None:
        return _("closed") if value else _("open")
    return words(key, value, sight)
