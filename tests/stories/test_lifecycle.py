"""Joiner, mover, leave, leaver, rehire: what a company expects, from HR to the learning system."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache

from config import clock
from config.audit.models import AuditEntry
from config.sentences import english
from identity.cases.models import Case
from identity.people.models import Link, Person, Standing
from integrations.connectors.models import Connector, Credential
from integrations.mapping.models import UnmappedValue, ValueMap
from integrations.mapping.value_map_decisions import MapValue
from integrations.mapping.versions import install_default
from integrations.outbound.models import Delivery
from integrations.records.models import SourceRecord
from integrations.sandbox.places import LOCATIONS
from integrations.vendors.moodle.vendor import Moodle
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.pages.figures import figures
from syncjobs.pipeline.stages import work_on
from syncjobs.plans.models import PlannedChange
from syncjobs.runs.models import Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.cast import ANA_RUIZ, HARUTO_SATO, LENA_VOGT, MARCO_ROSSI, NOOR_NEW_TITLE, NOOR_VAN_DEN_BERG
from tests.company import Company

SOURCE = {"bamboohr": "bamboohr", "hr-extract": "csv"}  # connector → the sandbox's name of that system


def test_the_first_night_gives_everybody_who_works_here_one_account(company: Company) -> None:
    runs = company.night()
    assert [run.phase for run in runs] == ["succeeded", "succeeded", "succeeded"]
    people = Person.objects.filter(standing__in=[Standing.ACTIVE, Standing.ON_LEAVE])
    waiting = set(PlannedChange.objects.filter(kind="skip").values_list("person_id", flat=True))
    without = [person for person in people if company.account(person) is None and person.pk not in waiting]
    assert without == []
    leavers = Person.objects.filter(standing=Standing.LEFT)
    assert leavers and all(company.account(person) is None for person in leavers)


def test_two_records_with_one_employee_number_are_one_person_with_one_account(company: Company) -> None:
    company.night("workday", "bamboohr")
    marco = company.person(MARCO_ROSSI.employee_number)
    assert {link.record.connector.key for link in marco.links.all()} >= {"workday", "bamboohr"}
    assert marco.values["work_email"] == MARCO_ROSSI.email
    assert marco.lines.count() >= 2
    assert marco.lines.filter(is_primary=True).count() == 1


def test_a_hire_who_starts_later_gets_the_account_on_day_one_in_her_own_zone(company: Company) -> None:
    company.night("workday")
    lena = company.person(LENA_VOGT.employee_number)
    assert lena.standing == Standing.BEFORE
    assert company.account(lena) is None
    hired = date.fromisoformat(lena.values["hire_on"])
    midnight_in_berlin = datetime(hired.year, hired.month, hired.day, tzinfo=UTC) - timedelta(hours=2)
    assert lena.next_change_at == midnight_in_berlin
    company.at(midnight_in_berlin - timedelta(minutes=1))
    company.tick()
    lena.refresh_from_db()
    assert lena.standing == Standing.BEFORE and company.account(lena) is None
    company.at(midnight_in_berlin + timedelta(minutes=1))
    company.tick()
    lena.refresh_from_db()
    account = company.account(lena)
    assert lena.standing == Standing.ACTIVE
    assert account is not None and not account["suspended"]


def test_a_leaver_in_tokyo_loses_access_at_midnight_there_not_here(company: Company) -> None:
    company.night("workday")
    haruto = company.person(HARUTO_SATO.employee_number)
    last = date.fromisoformat(haruto.values["termination_on"])
    midnight_in_tokyo = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1) - timedelta(hours=9)
    assert haruto.standing == Standing.ACTIVE and haruto.next_change_at == midnight_in_tokyo
    company.at(midnight_in_tokyo - timedelta(minutes=1))
    assert company.tick() == []
    account = company.account(haruto)
    assert account is not None and not account["suspended"], "his last day is a day with access, to its end"
    company.at(midnight_in_tokyo + timedelta(minutes=1))
    company.tick()
    haruto.refresh_from_db()
    account = company.account(haruto)
    assert haruto.standing == Standing.LEFT
    assert account is not None and account["suspended"], "deactivated, never deleted"
    assert clock.now() < datetime(last.year, last.month, last.day, 22, tzinfo=UTC), "where we are the day is not over"


def test_who_is_terminated_in_the_leading_source_leaves_although_another_still_lists_them(company: Company) -> None:
    company.night("workday", "bamboohr")
    marco = company.known(MARCO_ROSSI.employee_number)
    yesterday = clock.today() - timedelta(days=1)
    company.hr.do("terminate", hr="workday", key=MARCO_ROSSI.key, last_day_on=yesterday, termination_on=yesterday)
    company.run("workday")
    marco.refresh_from_db()
    account = company.account(marco)
    assert marco.standing == Standing.LEFT and account is not None and account["suspended"]
    assert "Workday leads: rank 10, left" in english(marco.sources["*"][3]), "and the page says whose word it was"


def test_a_reason_that_was_named_urgent_closes_the_account_before_the_last_day(company: Company) -> None:
    company.set_policy("workday", urgent_reasons=["Gross misconduct"])
    company.night("workday")
    noor, marco = company.known(NOOR_VAN_DEN_BERG.employee_number), company.known(MARCO_ROSSI.employee_number)
    last = clock.today() + timedelta(days=20)
    company.hr.do("terminate", hr="workday", key=NOOR_VAN_DEN_BERG.key, last_day_on=last, termination_on=last, reason="Gross misconduct")
    company.hr.do("terminate", hr="workday", key=MARCO_ROSSI.key, last_day_on=last, termination_on=last, reason="Retirement")
    run = company.run("workday")
    noor.refresh_from_db()
    marco.refresh_from_db()
    closed, open_still = company.account(noor), company.account(marco)
    assert closed is not None and closed["suspended"] and noor.standing == Standing.LEFT
    assert open_still is not None and not open_still["suspended"] and marco.values["termination_reason"] == "Retirement"
    told = PlannedChange.objects.get(plan__run=run, person_id=noor.pk, target__isnull=False)
    assert (told.kind, english(told.reason)) == ("deactivate", "left at once: urgent reason")
    company.hr.do("rescind_termination", hr="workday", key=NOOR_VAN_DEN_BERG.key)
    company.run("workday")
    noor.refresh_from_db()
    back = company.account(noor)
    assert back is not None and not back["suspended"] and "termination_reason" not in noor.values, "taken back, it is forgotten"


@pytest.mark.parametrize("source", ["bamboohr", "hr-extract"])
def test_where_the_source_tells_no_time_zone_the_place_of_work_does(company: Company, source: str) -> None:
    """BambooHR and the extract: the last day of somebody in Austin ends at midnight in Austin, when it is morning in Berlin."""
    company.night(source)
    people = Person.objects.filter(links__record__connector__key=source)
    assert people and not people.filter(values__time_zone=None).exists()
    zones = {place.name: place.time_zone for place in LOCATIONS}
    assert all(person.values["time_zone"] == zones[person.location] for person in people)
    worker = next(one for one in company.hr.workers(SOURCE[source]) if one.kind == "employee" and not one.termination_on)
    company.hr.do("move", hr=SOURCE[source], key=worker.key, location_code="AUS")
    last = clock.today() + timedelta(days=2)
    company.hr.do("terminate", hr=SOURCE[source], key=worker.key, last_day_on=last, termination_on=last)
    company.later(minutes=5)
    company.run(source)
    person = company.person(worker.employee_number)
    midnight_in_austin = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1, hours=5)
    assert (person.values["time_zone"], person.next_change_at) == ("America/Chicago", midnight_in_austin)


def test_a_place_whose_time_zone_nobody_has_named_holds_nobody_back(company: Company) -> None:
    """It waits in the queue of unmapped values; until then the organisation's own zone counts."""
    company.night("bamboohr")
    zones = ValueMap.objects.get(key="location-time-zone")
    zones.rows.filter(source="Austin Mueller").delete()
    hired = clock.today() + timedelta(days=3)
    company.hr.do("hire", hr="bamboohr", given="Ines", family="Prado", hire_on=hired, location_code="AUS")
    company.later(minutes=5)
    company.run("bamboohr")
    ines = Person.objects.get(display_name="Ines Prado")
    midnight_in_berlin = datetime(hired.year, hired.month, hired.day, tzinfo=UTC) - timedelta(hours=2)
    assert (ines.standing, ines.next_change_at, "time_zone" in ines.values) == (Standing.BEFORE, midnight_in_berlin, False)
    waiting = UnmappedValue.objects.get(value_map=zones, closed_at=None)
    assert waiting.value == "Austin Mueller" and waiting.people >= 1
    MapValue(None, waiting, "America/Chicago").execute("where it is")
    company.run("bamboohr")
    ines.refresh_from_db()
    assert ines.next_change_at == midnight_in_berlin + timedelta(hours=7)


def test_a_leaver_is_out_of_the_counts_in_the_same_step_in_which_every_target_is_told(company: Company) -> None:
    """One transaction: no report sees a leaver as active while the accounts are being closed, however long a target is away."""
    Connector.objects.create(
        key="second", name="Second", vendor="moodle", rank=91, is_target=True, settings=dict(company.connector("academy").settings)
    )
    install_default(company.connector("second"), "users", Moodle.default_mapping["users"])
    second = company.connector("second")
    Credential.objects.create(connector=second, name="token", value="moodle-demo-token", set_at=clock.now())
    Connector.objects.filter(pk=second.pk).update(state="disabled")
    company.night("workday")
    noor = company.known(NOOR_VAN_DEN_BERG.employee_number)
    Connector.objects.filter(pk=second.pk).update(state="active")
    held = SourceRecord.objects.create(
        connector=second,
        stream="users",
        external_id="9001",
        payload={},
        content_hash="",
        version=1,
        pending=False,
        first_seen_at=clock.now(),
        changed_at=clock.now(),
        mapping_version=1,
        values={"username": "noor", "suspended": False},
    )
    Link.objects.create(
        person=noor, record=held, method="created", evidence="created in Second", since=clock.now(), cause=noor.links.first().cause
    )
    active = counted()
    company.hr.do("terminate", hr="workday", key=NOOR_VAN_DEN_BERG.key, last_day_on=clock.today(), termination_on=clock.today())
    company.later(days=1, hours=12)
    company.box.faults.set("moodle", down_until=clock.now() + timedelta(hours=1))
    run = start_run(company.connector("workday"), Trigger.MANUAL, RunMode.PEOPLE, scope={"people": [noor.pk], "reread": True})
    while run.stage != "guard" or run.phase == "planning":
        assert work_on(run.pk), (run.stage, run.error_code, run.error_detail)
        run.refresh_from_db()
    ApprovePlan(None, run).execute("the first plan of Second, looked at")
    while run.stage != "deliver":
        run.refresh_from_db()
        assert run.stage == "deliver" or work_on(run.pk), (run.stage, run.error_code, run.error_detail)
    told = Delivery.objects.filter(cause=run.cause, subject_id=noor.pk, operation="deactivate")
    assert {row.connector.key for row in told} == {"academy", "second"} and {row.state for row in told} == {"pending"}
    noor.refresh_from_db()
    assert noor.standing == Standing.LEFT and counted() == active - 1
    assert noor.values["job_title"] and noor.sheets.count() > 1, "and what was so stays to be reported"


def counted() -> int:
    """Active people as the overview counts them now."""
    cache.clear()
    return figures().standings.get("active", 0)


def test_a_title_and_a_place_wait_for_the_night_and_are_then_known_and_in_moodle_with_their_reason(company: Company) -> None:
    company.night("workday")
    noor = company.known(NOOR_VAN_DEN_BERG.employee_number)
    before = company.account(noor)
    assert before is not None and before["city"].startswith("Amsterdam")
    company.hr.do("move", hr="workday", key=NOOR_VAN_DEN_BERG.key, location_code="BER")
    company.hr.do("change_title", hr="workday", key=NOOR_VAN_DEN_BERG.key, title=NOOR_NEW_TITLE)
    run = company.run("workday")
    assert run.phase == "succeeded"
    noor.refresh_from_db()
    assert noor.job_title == NOOR_NEW_TITLE
    change = PlannedChange.objects.get(plan__run=run, person_id=noor.pk, target=None)
    assert change.before["job_title"] != change.after["job_title"] == NOOR_NEW_TITLE
    assert "Job title" in english(change.reason)
    account = company.account(noor)
    assert account is not None and account["id"] == before["id"] and account["city"].startswith("Berlin")
    moved = PlannedChange.objects.get(plan__run=run, person_id=noor.pk, target__isnull=False)
    assert (moved.kind, moved.before["city"], moved.after["city"]) == ("update", before["city"], account["city"]) and "location" in english(
        moved.reason
    )


def test_a_new_e_mail_is_one_audited_event_and_the_same_account(company: Company) -> None:
    company.night("workday")
    noor = company.known(NOOR_VAN_DEN_BERG.employee_number)
    before, people = company.account(noor), Person.objects.count()
    entries = AuditEntry.objects.filter(object_id=noor.public_id, action="person.changed")
    told = entries.count()
    assert before is not None
    company.hr.do("rename", hr="workday", key=NOOR_VAN_DEN_BERG.key, family="Jansen", work_email="noor.jansen@meridian.example")
    company.run("workday")
    noor.refresh_from_db()
    account = company.account(noor)
    assert account is not None and account["id"] == before["id"] and account["email"] == noor.email == "noor.jansen@meridian.example"
    assert Person.objects.count() == people and entries.count() == told + 1
    assert not Case.objects.filter(kind="duplicate", state="open", candidates__person=noor).exists()


def test_leave_is_not_leaving(company: Company) -> None:
    company.night("workday")
    noor = company.known(NOOR_VAN_DEN_BERG.employee_number)
    company.hr.do("start_leave", hr="workday", key=NOOR_VAN_DEN_BERG.key, from_on=clock.today())
    company.run("workday")
    noor.refresh_from_db()
    account = company.account(noor)
    assert noor.standing == Standing.ON_LEAVE
    assert account is not None and not account["suspended"]


def test_where_leave_closes_the_account_the_return_opens_the_same_one(company: Company) -> None:
    company.set_policy("academy", on_leave="suspended")
    company.night("workday")
    noor = company.known(NOOR_VAN_DEN_BERG.employee_number)
    before = company.account(noor)
    company.hr.do("start_leave", hr="workday", key=NOOR_VAN_DEN_BERG.key, from_on=clock.today())
    company.run("workday")
    away = company.account(noor)
    noor.refresh_from_db()
    assert noor.standing == Standing.ON_LEAVE and before is not None and away is not None and away["suspended"]
    company.hr.do("end_leave", hr="workday", key=NOOR_VAN_DEN_BERG.key, on=clock.today())
    company.later(days=1, hours=12)
    company.run("workday")
    company.tick()
    noor.refresh_from_db()
    back = company.account(noor)
    assert noor.standing == Standing.ACTIVE and back is not None and back["id"] == before["id"] and not back["suspended"]


def test_by_setting_the_account_is_made_early_closed_and_opened_on_the_first_day(company: Company) -> None:
    academy = company.connector("academy")
    academy.settings = {**academy.settings, "preboarding": "create_suspended"}
    academy.save()
    company.night("workday")
    lena = company.person(LENA_VOGT.employee_number)
    early = company.account(lena)
    assert lena.standing == Standing.BEFORE and early is not None and early["suspended"]
    assert lena.next_change_at is not None
    company.at(lena.next_change_at + timedelta(minutes=1))
    company.tick()
    account = company.account(lena)
    assert account is not None and account["id"] == early["id"] and not account["suspended"]


def test_a_rehire_gets_the_same_account_back(company: Company) -> None:
    company.night("workday")
    ana = company.person(LENA_VOGT.employee_number)
    company.at(ana.next_change_at + timedelta(minutes=1))  # she starts
    company.tick()
    account = company.account(ana)
    assert account is not None
    company.hr.do("terminate", hr="workday", key=LENA_VOGT.key, last_day_on=clock.today(), termination_on=clock.today())
    company.later(days=1, hours=12)
    company.run("workday")
    company.tick()
    ana.refresh_from_db()
    left = company.account(ana)
    assert ana.standing == Standing.LEFT and left is not None and left["suspended"]
    company.hr.do("rehire", hr="workday", key=LENA_VOGT.key, hire_on=clock.today())
    run = company.run("workday")
    ana.refresh_from_db()
    back = company.account(ana)
    assert back is not None and back["id"] == account["id"] and not back["suspended"]
    assert PlannedChange.objects.get(plan__run=run, person_id=ana.pk, target__isnull=False).kind == "reactivate"


def test_ana_who_came_back_before_we_looked_is_one_active_person(company: Company) -> None:
    company.night("workday")
    ana = company.person(ANA_RUIZ.employee_number)
    assert ana.standing == Standing.ACTIVE
    assert ana.values["original_hire_on"] < ana.values["hire_on"]


def test_a_second_night_in_which_nothing_changed_writes_nothing_but_its_run(company: Company) -> None:
    company.night()
    before = (Delivery.objects.count(), Person.objects.order_by("pk").values_list("pk", "version", "changed_at"))
    stood = (before[0], list(before[1]))
    runs = company.night()
    assert all(run.counts["heard"] for run in runs)
    assert (Delivery.objects.count(), list(Person.objects.order_by("pk").values_list("pk", "version", "changed_at"))) == stood
