"""Rows for tests of pages: people with records, links, accounts, writes and questions, made without a run."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from config import clock
from config.audit.cause import because
from config.audit.models import Cause
from config.audit.record import record
from config.roles.models import User
from identity.cases.models import Candidate, Case
from identity.matching.normalise import folded
from identity.organisation.models import ReportingLine
from identity.people.models import FactSheet, Link, Person, public_id
from integrations.connectors.models import Connector
from integrations.mapping.versions import install_default
from integrations.outbound.models import Attempt, Delivery
from integrations.records.models import SourceRecord
from integrations.vendors import vendor_class

_numbers = count(1)


def staff(role: str = "L&D admin") -> User:
    """Somebody signed in with that role; “administrator” may do everything."""
    user = User.objects.create(username=f"{role}-{next(_numbers)}", first_name="Lea", last_name="Adler", is_staff=True)
    if role == "administrator":
        user.is_superuser = True
        user.save()
    else:
        user.groups.set([Group.objects.get(name=role)])
    return user


@transaction.atomic
def a_cause(label: str = "Workday, by hand") -> Cause:
    return because("run", label)


def a_connector(key: str = "workday", vendor: str = "", **given: Any) -> Connector:
    """One connector by key; the second time the same one."""
    found = Connector.objects.filter(key=key).first()
    if found:
        return found
    vendor = vendor or {"academy": "moodle"}.get(key, key)
    made = Connector.objects.create(key=key, name=given.pop("name", key.capitalize()), vendor=vendor, is_target=vendor == "moodle", **given)
    for stream, rows in vendor_class(vendor).default_mapping.items():
        install_default(made, stream, rows)
    return made


def a_record(connector: Connector, external_id: str, values: dict[str, Any], **given: Any) -> SourceRecord:
    now = clock.now()
    stream = "users" if connector.is_target else "workers"
    known = {"payload": {}, "content_hash": "", "mapping_version": 1, "first_seen_at": now, "changed_at": now, "pending": False}
    return SourceRecord.objects.create(connector=connector, stream=stream, external_id=external_id, values=values, **{**known, **given})


def a_person(number: int, source: Connector | None = None, **values: Any) -> Person:
    """A person with one linked record of `source` (Workday) and a first fact sheet."""
    source = source or a_connector()
    held = {
        "given_name": f"Given{number}",
        "family_name": f"Family{number}",
        "work_email": f"person{number}@meridian.example",
        "employee_number": f"{10000 + number}",
        "job_title": "Analyst",
        "department": "Digital",
        "location": "Berlin",
        "hire_on": "2024-03-01",
        **values,
    }
    name = f"{held['given_name']} {held['family_name']}"
    kept = a_record(source, f"w{number}", held)
    now, cause = clock.now() - timedelta(days=1), a_cause()
    sources = {"*": [kept.pk, 1, 1, "the only source"]}
    person = Person.objects.create(
        id=number,
        standing="active",
        display_name=name,
        search=f"{folded(name)} {folded(held['work_email'])} {held['employee_number']} {public_id(number).lower()}",
        email=held["work_email"],
        employee_number=held["employee_number"],
        job_title=held["job_title"],
        department=held["department"],
        location=held["location"],
        values=held,
        sources=sources,
        created_at=now,
        changed_at=now,
    )
    join(person, kept, cause=cause)
    FactSheet.objects.create(person=person, version=1, standing="active", values=held, sources=sources, recorded_at=now, cause=cause)
    return person


def join(person: Person, kept: SourceRecord, *, cause: Cause | None = None, evidence: str = "first record of this person") -> Link:
    since = clock.now() - timedelta(days=1)
    return Link.objects.create(person=person, record=kept, method="first", evidence=evidence, since=since, cause=cause or a_cause())


def a_line(person: Person, manager: Person | None, kind: str = "supervisory", *, is_primary: bool = False, why: str = "") -> ReportingLine:
    kept = Link.objects.filter(person=person).earliest("pk").record
    key = f"w{manager.pk}" if manager else "w-unknown"
    return ReportingLine.objects.create(
        person=person, record=kept, line_type=kind, manager_key=key, manager=manager, is_primary=is_primary, why=why
    )


def a_delivery(person: Person, operation: str = "update", state: str = "delivered", **given: Any) -> Delivery:
    now = clock.now()
    known = {"values": {"firstname": person.display_name}, "cause": a_cause(), "due_at": now, "created_at": now, "target": "users"}
    row = Delivery.objects.create(
        key=f"key-{next(_numbers)}",
        connector=a_connector("academy"),
        subject_id=person.pk,
        operation=operation,
        state=state,
        **{**known, **given},
    )
    outcome = row.error_code or "ok"
    Attempt.objects.create(delivery=row, number=1, started_at=now, finished_at=now, outcome=outcome, detail=row.error_detail)
    return row


def a_case(kept: SourceRecord, *people: Person, kind: str = "duplicate", **given: Any) -> Case:
    """A question about a record, with candidates."""
    said = {"question": "Two records use the same e-mail. Is it the same person?", "waits": "No account is made.", "opened_at": clock.now()}
    case = Case.objects.create(kind=kind, record=kept, **{**said, **given})
    for person in people:
        Candidate.objects.create(case=case, person=person, evidence=[["+", "same work e-mail"], ["-", "different employee numbers"]])
    return case


@transaction.atomic
def an_entry(action: str = "person.changed", object_type: str = "person", object_id: str = "P-000001", **given: Any) -> None:
    record(a_cause(), action, object_type, object_id, **given)
