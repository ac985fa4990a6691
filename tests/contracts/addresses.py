"""Every address of the product, with rows that make each page show what it can show.

A new address is taken along by itself when its parameters are known here; otherwise the tests that walk say which one is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from config.clock import now
from config.roles.models import User
from identity.cases.models import Case
from identity.organisation.models import ReportingLine
from identity.people.models import Link, Person
from integrations.connectors.models import Connector, ConnectorIssue, RequestLog
from integrations.mapping.models import FieldMapping, MappingVersion, UnmappedValue, ValueMap, ValueMapRow
from integrations.outbound.models import Delivery
from syncjobs.runs.models import RecordOutcome, SyncRun
from syncjobs.schedules.models import Blackout, SyncSchedule
from tests.rows import a_case, a_connector, a_delivery, a_line, a_person, a_record, an_entry
from tests.syncjobs.pages.run_rows import a_change, a_hold, a_plan, a_run

# What only readers with the right to personal data may ever read, in every form that a page could give it.
GIVEN, FAMILY, MANAGER_GIVEN, MANAGER_FAMILY = "Zephyrine", "Quackenbush", "Xanthippe", "Oberholzer"
MAIL, HOME_MAIL, PHONE, NUMBER, WORKER_ID = "zephyrine.q@meridian.example", "zq@home.example", "+4930111222333", "88412377", "wid331977"
STRANGER = "Ottilie Fremdling"  # somebody of whom we know nothing, in the words of another system
PERSONAL = (
    "Ottilie",
    "Fremdling",
    GIVEN,
    FAMILY,
    MANAGER_GIVEN,
    MANAGER_FAMILY,
    "zephyrine",
    "quackenbush",
    "zq@home",
    "30111222333",
    NUMBER,
    WORKER_ID,
)
DAYS = ("2019-08-17", "17 Aug", "17 August", "Aug 17", "2031-02-27", "27 Feb", "27 February")
VALUES: dict[str, Any] = {
    "given_name": GIVEN,
    "family_name": FAMILY,
    "work_email": MAIL,
    "personal_email": HOME_MAIL,
    "phone": PHONE,
    "employee_number": NUMBER,
    "hire_on": "2019-08-17",
    "termination_on": "2031-02-27",
}
ACCOUNT = {"username": MAIL, "firstname": GIVEN, "lastname": FAMILY, "email": MAIL, "idnumber": NUMBER, "suspended": False}
QUOTING = f"“{MAIL}” of {GIVEN} {FAMILY} ({NUMBER}) was refused"
ANSWERED = f"{QUOTING}: {STRANGER} has it already"

TABS = ("health", "settings", "mappings", "runs", "changes", "requests", "credentials", "limits", "danger")
LEFT_TO_DJANGO = frozenset({"autocomplete", "jsi18n", "view_on_site", "app_list"})
REMOVES_SESSION = frozenset({"logout"})


def furnish() -> None:
    """One person with everything there can be about a person, and one of everything else that has a page."""
    workday, academy = a_connector("workday"), a_connector("academy")
    person = _person(workday)
    manager = a_person(8, given_name=MANAGER_GIVEN, family_name=MANAGER_FAMILY, work_email="x.o@meridian.example")
    _organisation(person, manager)
    account = a_record(academy, WORKER_ID, ACCOUNT)
    Link.objects.create(person=person, record=account, method="first", evidence=QUOTING, since=now(), cause=person_cause(person))
    row = a_delivery(person, "create", "dead", values=ACCOUNT, error_code="target_refused", error_detail=ANSWERED)
    _left_behind_and_suggested(academy, person, account)
    _run(workday, academy, person, row)
    a_case(person_record(person), manager, person, question=f"Is {GIVEN} {FAMILY} the same as {MANAGER_GIVEN} {MANAGER_FAMILY}?")
    a_case(account, person, kind="already_there", question=f"{GIVEN} {FAMILY} may be in Academy already. Is it the same person?")
    ConnectorIssue.objects.create(connector=workday, code="request_refused", detail=ANSWERED, first_at=now(), last_at=now())
    RequestLog.objects.create(connector=workday, at=now(), method="GET", url="https://hr.example.com/workers", status=200, ms=7)
    _rest(workday)
    said = {"before": {"effect": [QUOTING]}, "after": VALUES, "label": f"{GIVEN} {FAMILY}"}
    for object_type in ("person", "account", "case", "newcomer"):
        an_entry(f"{object_type}.changed", object_type, "P-000007" if object_type == "person" else "1", **said)


def _person(workday: Connector) -> Person:
    person = a_person(7, workday, **VALUES)
    record = person_record(person)
    record.external_id = WORKER_ID
    record.payload = {"Worker_ID": NUMBER, "Name": f"{GIVEN} {FAMILY}", "mail": MAIL, "Hire_Date": "2019-08-17"}
    record.save()
    Link.objects.filter(person=person).update(evidence=f"same employee number {NUMBER} as in Workday")
    return person


def person_record(person: Person) -> Any:
    return Link.objects.filter(person=person).earliest("pk").record


def person_cause(person: Person) -> Any:
    return Link.objects.filter(person=person).earliest("pk").cause


def _organisation(person: Person, manager: Person) -> None:
    person.manager = manager
    person.next_change_at = now().replace(year=2031, month=2, day=27)
    person.save()
    a_line(person, manager, is_primary=True, why="supervisory line")
    a_line(person, a_person(9), "matrix")


def _left_behind_and_suggested(academy: Connector, person: Person, account: Any) -> None:
    """A second phone that no row fills any more, once as we wrote it and once as somebody else did; and a middle name that is suggested."""
    old = MappingVersion.objects.create(connector=academy, stream="users", number=99, state="retired", created_at=now(), published_at=now())
    FieldMapping.objects.create(mapping=old, target="phone2", source="phone", direction="out")
    standing = MappingVersion.objects.get(connector=academy, stream="users", state="published")
    FieldMapping.objects.create(mapping=standing, target="middlename", source="family_name", direction="out", strength="suggest")
    account.values = {**account.values, "phone2": PHONE}
    account.save()
    a_delivery(person, "update", values={"phone2": PHONE})
    other = a_record(academy, "wid331978", {**ACCOUNT, "phone2": PHONE})
    Link.objects.create(person_id=8, record=other, method="first", evidence=QUOTING, since=now(), cause=person_cause(person))


def _run(workday: Connector, academy: Connector, person: Person, row: Delivery) -> None:
    run = a_run(workday, "held", "guard", error_code="record_rejected", error_detail=ANSWERED)
    plan = a_plan(run, {"people": {"update": 1}, "academy": {"create": 1}}, "held")
    name, why = person.display_name, f"left after 2019-08-17, {GIVEN}"
    a_change(plan, person.pk, "create", target=academy, name=name, reason=why, before={}, after=ACCOUNT, delivery=row)
    a_change(plan, person.pk, "update", name=name, reason=why, before={"hire_on": "2019-08-17"}, after=VALUES)
    a_hold(run, 1)
    known = {"run": run, "record": person_record(person), "person_id": person.pk, "code": "value_invalid", "field": "work_email"}
    RecordOutcome.objects.create(outcome="parked", detail=ANSWERED, **known)
    a_run(workday, "failed", "fetch", error_code="record_rejected", error_detail=ANSWERED)


def _rest(workday: Connector) -> None:
    codes = ValueMap.objects.create(key="places", name="Places")
    ValueMapRow.objects.create(value_map=codes, source="BER", folded="ber", target="Berlin")
    UnmappedValue.objects.create(value_map=codes, connector=workday, value="HAM", folded="ham", people=1, first_at=now(), last_at=now())
    SyncSchedule.objects.create(connector=workday, cron="0 2 * * *", mode="full", next_due_at=now())
    Blackout.objects.create(name="Year end", starts_at=now(), ends_at=now().replace(year=2031))


def addresses() -> Iterator[tuple[str, str]]:
    """(URL name, address) of everything under /admin/, filled with the rows above."""
    for name, parameters in sorted(named(get_resolver().url_patterns)):
        if name.rpartition(":")[2] not in LEFT_TO_DJANGO | REMOVES_SESSION:
            yield from ((name, reverse(name, kwargs=said)) for said in _filled(name, parameters))


def named(patterns: Any, space: str = "") -> set[tuple[str, tuple[str, ...]]]:
    """The URL names of the whole address book with the names of their parameters."""
    found: set[tuple[str, tuple[str, ...]]] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found |= named(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern) and pattern.name:
            found.add((space + pattern.name, tuple(pattern.pattern.converters)))
    return found


def _filled(name: str, parameters: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    if not parameters:
        yield {}
        return
    for said in KNOWN.get(name, KNOWN.get(name.split("-")[0], lambda: [{"object_id": "1", "id": 1, "verb": "none"}]))():
        given = {key: said[key] for key in parameters if key in said}
        assert set(given) == set(parameters), f"tell tests/contracts/addresses.py what {name} takes: {parameters}"
        yield given


def _numbers(model: Any, **more: Any) -> list[dict[str, Any]]:
    return [{"number": pk, **more} for pk in model.objects.order_by("pk").values_list("pk", flat=True)]


def _audit() -> list[dict[str, Any]]:
    from config.audit.models import AuditEntry

    return _numbers(AuditEntry)


KNOWN: dict[str, Any] = {
    "audit": _audit,
    "run": lambda: _numbers(SyncRun, person=7)[:1],
    "run-records": lambda: _numbers(SyncRun),
    "person": lambda: [{"number": 7, "key": key} for key in VALUES],
    "case": lambda: _numbers(Case),
    "connector": lambda: [
        {**one, "tab": tab, "verb": "pause", "name": "password", "vendor": "workday"} for one in _numbers(Connector) for tab in TABS
    ],
    "schedule": lambda: _numbers(SyncSchedule, verb="remove"),
    "blackout": lambda: _numbers(Blackout),
    "delivery": lambda: _numbers(Delivery, verb="give-up"),
    "mapping-remove-values": lambda: [{"key": "academy", "stream": "users", "field": "phone2"}],
    "person-suggestion": lambda: [{"number": 7, "key": "academy", "field": "middlename"}],
    "mapping": lambda: [{"key": "workday", "stream": "workers", "number": 1}, {"key": "academy", "stream": "users", "number": 1}],
    "value-map-remove": lambda: [
        {"key": "places", "number": ValueMapRow.objects.filter(value_map__key="places").values_list("pk", flat=True)[0]}
    ],
    "value": lambda: [{"key": "places", "number": UnmappedValue.objects.get().pk}],
    "help": lambda: [{"topic": "people"}],
}
__all__ = ["DAYS", "MAIL", "PERSONAL", "ReportingLine", "User", "addresses", "furnish", "named"]
