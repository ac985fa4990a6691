"""What every target should hold for the people of a batch, minus what is recorded there or on its way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django.db.models import F, Q

from config.sentences import Sentence, sentence
from identity.cases.models import Verdict
from identity.matching.normalise import email_key
from identity.people.models import Link, public_id
from integrations.connectors.models import Connector
from integrations.outbound.claim import UNFINISHED
from integrations.outbound.models import Delivery, DeliveryState
from integrations.outbound.waiting import FIRST, NAMING
from integrations.records.models import SourceRecord
from syncjobs.plans.asked import Asked, to_empty
from syncjobs.plans.desired import Account, TargetPolicy, account_change, account_state, by_strength
from syncjobs.plans.fields import FIELDS
from syncjobs.plans.picture import Picture, display_name
from syncjobs.plans.pilot import in_pilot
from syncjobs.plans.routes import AT_ONCE, put_off, route_of
from syncjobs.plans.waiting import ripe, window
from syncjobs.plans.writes import held_after
from syncjobs.runs.context import Context

Values = Mapping[str, Any]
Planned = tuple[Picture, Connector, Account, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Stranger:
    """A learner there whom nobody is joined to, and which of our keys it carries: idnumber, username, email."""

    record_id: int
    remote_id: str
    values: dict[str, Any]
    by: tuple[str, ...]


def account_changes(
    context: Context, pictures: Sequence[Picture], managers: Mapping[int, Values], *, is_now: bool = False, asked: Asked | None = None
) -> tuple[list[Planned], Counter[str]]:
    """Changes per person and target; who is outside a pilot group is only counted. Why, their page works out (explain/absence.py).

    `is_now`: nothing waits for its hour. `asked`: what a person asked this run for beyond the rules.
    """
    planned: list[Planned] = []
    counts: Counter[str] = Counter()
    due: set[tuple[int, int]] | None = None
    for target in context.targets:
        routes = {} if is_now else context.mapping(target, context.target_stream(target)).routes
        if routes and due is None:
            due = ripe([picture.person_id for picture in pictures], context.now)
        inside = [picture for picture in pictures if _is_inside(context, picture, target)]
        counts["out_of_pilot"] += len(pictures) - len(inside)
        desired = {picture.person_id: desired_account(context, target, picture, managers) for picture in inside}
        held = _held(target, inside, desired)
        strangers = find_strangers(target, {pk: values for pk, values in desired.items() if pk not in held})
        for_them = _as_asked(asked, context, target, inside, desired)
        for picture in inside:
            pk = picture.person_id
            wish = asked if pk in for_them else None
            found = _one(context, target, picture, desired[pk], held.get(pk), strangers.get(pk, ()), wish)
            if found is None:
                continue
            if routes and (pk, target.pk) not in (due or ()):
                found = _put_off(context, target, found, routes)
                counts["waits"] += "due_at" in found[1]
            planned.append((picture, target, *found))
    return planned, counts


def _as_asked(
    asked: Asked | None, context: Context, target: Connector, pictures: Sequence[Picture], desired: Mapping[int, dict[str, Any]]
) -> frozenset[int]:
    """For whom this plan does what was asked. A field to be emptied is wanted empty, where it holds what we wrote and no row fills it."""
    if asked is None or asked.target_id != target.pk:
        return frozenset()
    if not asked.is_removal:
        return asked.people
    strengths = context.mapping(target, context.target_stream(target)).strengths
    learners = {picture.person_id: picture.learners[target.pk].values for picture in pictures if target.pk in picture.learners}
    people = to_empty(asked, target, strengths, learners)
    for person in people:
        desired[person][asked.field] = None
    return people


def _put_off(
    context: Context, target: Connector, found: tuple[Account, dict[str, Any]], routes: Mapping[str, str]
) -> tuple[Account, dict[str, Any]]:
    """The same change, with the hour it waits for where all it changes can wait."""
    account, extra = found
    route = route_of(account.after, routes) if account.kind == "update" else AT_ONCE
    if route == AT_ONCE:
        return found
    code = f"waits:{route}:{account.reason_code.removeprefix('changed:')}"
    why = put_off(account.reason, route)
    return replace(account, reason_code=code, reason=why), {
        **extra,
        "route": route,
        "due_at": window(target, route, context.now).isoformat(),
    }


def _is_inside(context: Context, picture: Picture, target: Connector) -> bool:
    """The pilot groups of the target and of the source that leads both hold. Whoever has left loses an account that is theirs wherever
    they stand: a pilot group is for going live in steps, not for keeping doors open."""
    if picture.judgement.standing == "left" and target.pk in picture.learners:
        return True
    lead = context.connectors[picture.lead_connector]
    return all(in_pilot(picture.person_id, picture.values, connector) for connector in (target, lead))


def _held(target: Connector, pictures: Sequence[Picture], desired: Mapping[int, Values]) -> dict[int, Values]:
    """Person → what their account holds once everything that is on its way has arrived; nobody without an account.

    Else a change that was taken back while the target was away would arrive and stay: a leaver who is kept after all would be
    suspended, somebody who never came would have an open account. Two queries.
    """
    held: dict[int, Values] = {one.person_id: one.learners[target.pk].values for one in pictures if target.pk in one.learners}
    people = [one.person_id for one in pictures]
    waiting = Delivery.objects.filter(connector=target, subject_id__any=people, state__one_of=UNFINISHED).order_by("pk")
    for person, operation, values in waiting.values_list("subject_id", "operation", "values"):
        if person in held or operation == FIRST:
            held[person] = held_after(held.get(person, {}), operation, values)
    _with_managers_to_come(target, held, desired)
    return held


def _with_managers_to_come(target: Connector, held: dict[int, Values], desired: Mapping[int, Values]) -> None:
    """A write that waits until the manager's account is there counts as arrived where it names whom this plan would name: it is not
    planned a second time. One that names somebody else is ended by this plan, and the account has whom it has."""
    wanted = {pk: name for pk, values in held.items() if (name := desired.get(pk, {}).get("manager")) and name != values.get("manager")}
    if not wanted:
        return
    waiting = Delivery.objects.filter(connector=target, subject_id__any=list(wanted), operation=NAMING, state=DeliveryState.HELD)
    of_others = waiting.exclude(waits_for__subject_id=F("subject_id"))  # what waits for its own account is planned with that one
    for person, values in of_others.values_list("subject_id", "values"):
        if values.get("manager") == wanted[person]:
            held[person] = {**held[person], "manager": wanted[person]}


def _one(
    context: Context,
    target: Connector,
    picture: Picture,
    desired: Values,
    held: Values | None,
    strangers: Sequence[Stranger],
    asked: Asked | None,
) -> tuple[Account, dict[str, Any]] | None:
    learner = picture.learners.get(target.pk)
    ours = next((one for one in strangers if "idnumber" in one.by), None) if len(strangers) == 1 else None
    held = ours.values if ours else held
    state = account_state(picture.judgement.standing, held is not None, TargetPolicy.of(target.policy, target.settings))
    was_left = bool(picture.person and picture.person.standing == "left")
    strengths = context.mapping(target, context.target_stream(target)).strengths
    if asked is not None:
        strengths = {**strengths, asked.field: "always"}  # what it is wanted to be is said: empty, or as suggested
    desired = by_strength(desired, held or {}, strengths)
    change = account_change(desired, state, held, why_code=picture.judgement.code, why=picture.judgement.why, was_left=was_left)
    if change is not None and asked is not None and set(change.after) == {asked.field}:
        change = _told(change, asked)
    if learner is not None:
        return (change, {"learner": learner.id, "remote_id": learner.external_id}) if change else None
    if ours is not None:
        before, after = (change.before, change.after) if change else ({}, {})
        adopted = Account("link", "our_id", sentence("the account there carries our id"), before, after)
        return adopted, {"learner": ours.record_id, "remote_id": ours.remote_id, "adopt": True}
    if change is not None and strangers:
        same = [FIELDS[by] for by in sorted({by for one in strangers for by in one.by})]
        why = sentence("%(system)s already has somebody with the same %(fields)s; waits for a decision", system=target.name, fields=same)
        return Account("skip", "already_there", why, {}, {}), {"strangers": [one.record_id for one in strangers]}
    return (change, {}) if change else None


def _told(change: Account, asked: Asked) -> Account:
    """The reason of a change that somebody asked for."""
    word = FIELDS.get(asked.field) or Sentence(asked.field)
    if asked.is_removal:
        why = sentence("emptied, because somebody asked for it; Rollcall had set it: %(field)s", field=word)
        return replace(change, reason_code=f"emptied:{asked.field}", reason=why)
    return replace(change, reason_code=f"taken:{asked.field}", reason=sentence("suggestion taken over: %(field)s", field=word))


class Described(Protocol):
    """Whom a mapping to a target is about: a picture of a plan, or a person as they are known."""

    @property
    def person_id(self) -> int: ...
    @property
    def values(self) -> dict[str, Any]: ...
    @property
    def name(self) -> str: ...
    @property
    def manager_id(self) -> int | None: ...


def desired_account(context: Context, target: Connector, picture: Described, managers: Mapping[int, Values]) -> dict[str, Any]:
    """The target's own fields for this person, by its mapping. None: to be emptied, because a row says “clear”."""
    values = {**picture.values, "public_id": public_id(picture.person_id), "display_name": picture.name}
    manager = managers.get(picture.manager_id or 0)
    if manager is not None:
        values["manager_name"] = display_name(manager)
        values["manager_email"] = manager.get("work_email")
        values["manager_public_id"] = public_id(picture.manager_id or 0)
    said = context.mapping(target, context.target_stream(target)).translate(values, context.maps, context.today, {})
    return {**said.values, **context.vendor(target).beside(target.settings, values)}


def find_strangers(target: Connector, newcomers: Mapping[int, Values]) -> dict[int, list[Stranger]]:
    """Person → learners of this target that carry their idnumber, user name or e-mail and belong to nobody. Three queries at most."""
    wanted: dict[str, dict[str, list[int]]] = {"idnumber": defaultdict(list), "username": defaultdict(list), "email": defaultdict(list)}
    for person_id, values in newcomers.items():
        for by, index in wanted.items():
            key = email_key(values.get(by))
            if key:
                index[key].append(person_id)
    # The indexes leave empty keys out; saying so again lets the database use them for long lists.
    match = Q(strong_key__any=[learner_key(key) for key in wanted["idnumber"]]) & ~Q(strong_key="")
    match |= Q(login_key__any=list(wanted["username"])) & ~Q(login_key="")
    match |= Q(email_key__any=list(wanted["email"])) & ~Q(email_key="")
    if not newcomers:
        return {}
    rows = list(
        SourceRecord.objects.filter(match, connector=target).values_list(
            "id", "external_id", "values", "strong_key", "login_key", "email_key"
        )
    )
    taken = set(Link.objects.filter(record_id__any=[row[0] for row in rows], until=None).values_list("record_id", flat=True))
    taken |= set(Verdict.objects.filter(record_id__any=[row[0] for row in rows], person=None).values_list("record_id", flat=True))
    found: dict[int, list[Stranger]] = defaultdict(list)
    for record_id, remote_id, values, strong, login, email in rows:
        if record_id in taken:
            continue
        hits: dict[int, list[str]] = defaultdict(list)
        for by, key in (("idnumber", strong.removeprefix(learner_key(""))), ("username", login), ("email", email)):
            for person_id in wanted[by].get(key, ()) if key else ():
                hits[person_id].append(by)
        for person_id, by_keys in hits.items():
            found[person_id].append(Stranger(record_id, remote_id, values, tuple(by_keys)))
    return found


def learner_key(idnumber: str) -> str:
    return f"learner:{idnumber.strip().lower()}"[:120]
