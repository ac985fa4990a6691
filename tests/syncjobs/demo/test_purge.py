"""The demo goes as it came: everything it made, nothing that somebody else added, and the trail proves itself afterwards."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import override_settings

from config import clock
from config.audit.chain import verify
from config.audit.checkers import checkers
from config.audit.models import AuditDetail, AuditEntry, Cause
from config.errors import Busy
from config.health.models import SandboxClock
from config.management.answer import Exit
from config.notices.notify import notify
from config.roles.models import User
from identity.people.models import FactSheet, Link, Person, Replan
from integrations.connectors.models import Connector
from integrations.management.commands.sandbox import HR_FOLDER
from integrations.mapping.models import ValueMap, ValueMapRow
from integrations.outbound.models import Delivery
from integrations.sandbox.server import running_sandbox
from syncjobs.demo.purge import PurgeDemo
from syncjobs.demo.staff import LOGINS, make_logins
from syncjobs.ledger.verify import verify_ledger
from syncjobs.plans.models import PlannedChange
from syncjobs.runs.models import Phase, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode, SyncSchedule
from tests.company import meridian
from tests.contracts.decision import DecisionContract
from tests.rows import a_connector, a_person, a_record, join, staff

pytestmark = [pytest.mark.django_db, pytest.mark.servers]

# What may differ afterwards: the trail and its causes, the clock, the numbers given out.
STAYING = {"config.Cause", "config.AuditEntry", "config.AuditDetail", "config.AuditHead", "config.SandboxClock", "identity.PersonNumber"}
MY_PERSON = 900_001


def counted() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models() if model._meta.label not in STAYING}


def assert_proven() -> None:
    verdict = verify(checkers=checkers())
    assert verdict.is_intact, verdict.reason
    assert verify_ledger() == []


@pytest.fixture
def mine():
    """What somebody added: a connector with a record and a person, a schedule, a login, a notice."""
    own = a_connector("my-extract", vendor="csv_file")
    SyncSchedule.objects.create(connector=own, cron="0 5 * * *", mode=RunMode.FULL)
    a_person(MY_PERSON, own)
    staff("Integration engineer")
    notify("run.late:my-extract", "warn", "late")
    return own


@pytest.fixture
def company(mine, tmp_path):
    before = counted()
    with meridian(tmp_path, 100) as company:
        make_logins()
        company.night("hr-extract")
        company.before = before
        yield company


def test_everything_goes_that_came_with_the_demo_and_nothing_else(company, mine):
    assert Person.objects.count() > 1 and Delivery.objects.exists() and PlannedChange.objects.exists()
    notify("run.failed:workday", "bad", "failed")
    PurgeDemo().execute()
    assert counted() == company.before
    assert list(Connector.objects.all()) == [mine]
    assert list(Person.objects.values_list("pk", flat=True)) == [MY_PERSON]
    assert not User.objects.filter(username__in=[login.username for login in LOGINS]).exists()


def test_the_trail_stays_and_proves_itself_without_a_word_about_the_invented_people(company):
    entries = AuditEntry.objects.count()
    invented = Person.objects.exclude(pk=MY_PERSON).first()
    run = SyncRun.objects.filter(trigger=Trigger.MANUAL).select_related("cause").latest("pk")
    cause = PurgeDemo().execute()
    assert AuditEntry.objects.filter(seq__lte=entries).count() == entries
    assert AuditEntry.objects.filter(cause=cause, action="demo.purge_demo").count() == 1
    assert AuditEntry.objects.filter(cause=cause, action="person.erased", object_id=invented.public_id).count() == 1
    assert not AuditDetail.objects.filter(entry__object_type__in=("person", "run", "case")).exists()
    assert not Cause.objects.filter(label__contains=run.cause.label).exists() and AuditEntry.objects.filter(cause=run.cause).exists()
    assert_proven()


def test_facts_that_vanish_without_an_erasure_still_break_the_proof(company):
    FactSheet.objects.filter(person=Person.objects.exclude(pk=MY_PERSON).first()).delete()
    assert not verify(checkers=checkers()).is_intact


def test_whoever_another_connector_speaks_of_stays_and_is_worked_out_anew(company, mine):
    person = Person.objects.exclude(pk=MY_PERSON).order_by("pk").first()
    join(person, a_record(mine, "shared", dict(person.values)), evidence="same number")
    PurgeDemo().execute()
    assert set(Person.objects.values_list("pk", flat=True)) == {MY_PERSON, person.pk}
    assert [link.record.connector for link in Link.objects.filter(person=person)] == [mine]
    assert FactSheet.objects.filter(person=person).exists()
    assert Replan.objects.get().person_id == person.pk
    assert_proven()


def test_nobody_invented_is_written_into_a_system_of_somebody_else(company):
    person = Person.objects.exclude(pk=MY_PERSON).first()
    real = a_connector("real-academy", vendor="moodle")
    of_own = {"connector": real, "target": "users", "operation": "create", "created_at": clock.now(), "due_at": clock.now()}
    kept = Delivery.objects.create(key="mine", subject_id=MY_PERSON, cause=Cause.objects.first(), **of_own)
    Delivery.objects.create(key="invented", subject_id=person.pk, cause=Cause.objects.first(), **of_own)
    PurgeDemo().execute()
    assert list(Delivery.objects.all()) == [kept]


def test_what_somebody_changed_in_a_value_map_of_the_demo_stays(company):
    row = ValueMapRow.objects.filter(value_map__key="workday-location").first()
    ValueMapRow.objects.filter(pk=row.pk).update(target="Where I work")
    PurgeDemo().execute()
    used_by_mine = ValueMap.objects.get(key="location-time-zone")  # into which the file of somebody's own looks as well
    assert set(ValueMap.objects.all()) == {row.value_map, used_by_mine}
    assert list(ValueMapRow.objects.values_list("target", flat=True)) == ["Where I work"]


def test_whoever_acted_keeps_their_name_on_it_when_their_login_goes(company, mine):
    ivan = User.objects.get(username="ivan")
    run = start_run(mine, Trigger.MANUAL, RunMode.FULL, actor=ivan)
    PurgeDemo().execute()
    run.cause.refresh_from_db()
    assert run.cause.actor is None and run.cause.actor_label == "Ivan Petrov"
    assert AuditEntry.objects.get(object_type="run", object_id=str(run.pk)).detail.after


def test_a_connector_of_somebody_else_that_has_a_name_of_the_demo_is_not_the_demo(mine, tmp_path):
    theirs = a_connector("bamboohr")
    with meridian(tmp_path, 100):
        PurgeDemo().execute()
    assert set(Connector.objects.all()) == {mine, theirs}


def test_a_run_under_way_is_not_pulled_from_under_its_worker(company):
    SyncRun.objects.update(lease_until=clock.now() + timedelta(seconds=30))
    people = Person.objects.count()
    with pytest.raises(Busy):
        PurgeDemo().execute()
    assert Person.objects.count() == people


def test_the_clock_stays_where_somebody_else_lives_by_it(company):
    PurgeDemo().execute()
    assert SandboxClock.objects.get().offset_seconds != 0


def test_the_clock_goes_back_where_the_demo_was_alone(tmp_path):
    with meridian(tmp_path, 100):
        PurgeDemo().execute()
        assert SandboxClock.objects.get().offset_seconds == 0


def test_there_is_nothing_to_remove_in_production(company, settings):
    decision = PurgeDemo()
    settings.PRODUCTION = True
    with pytest.raises(PermissionDenied):
        decision.execute()
    with pytest.raises(CommandError, match="production"):
        call_command("demo", "purge", "--yes")


class TestPurgeDemo(DecisionContract):
    @pytest.fixture
    def decision(self, entitled, mine, tmp_path):
        with meridian(tmp_path, 100):
            make_logins()
            yield PurgeDemo(entitled)


# ── the command ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def box(tmp_path):
    """A sandbox that runs where this installation looks for its own."""
    drop = tmp_path / "sandbox" / HR_FOLDER
    drop.mkdir(parents=True)
    with running_sandbox(100, clock.today(), now=clock.now, drop_folder=drop) as box:
        places = {"SANDBOX_DIR": tmp_path / "sandbox", "DATA_DIR": tmp_path, "FILE_FOLDERS": [str(tmp_path)]}
        with override_settings(SANDBOX_URL=box.url, SANDBOX_HOSTS=[box.host], **places):
            yield box


def test_the_demo_can_be_loaded_removed_and_loaded_again(box):
    accounts = len(box.emulators["moodle"].accounts(limit=10_000))
    call_command("demo", stdout=StringIO())
    assert len(box.emulators["moodle"].accounts(limit=10_000)) > accounts
    first = Person.objects.count()
    said = StringIO()
    call_command("demo", "purge", "--yes", "--json", stdout=said)
    assert json.loads(said.getvalue())["data"]["people"] == first > 50
    assert not Person.objects.exists() and len(box.emulators["moodle"].accounts(limit=10_000)) == accounts
    call_command("demo", "load", stdout=StringIO())
    assert Person.objects.count() == first
    assert not SyncRun.objects.exclude(phase__in=(Phase.SUCCEEDED, Phase.PARTIAL)).exists()
    assert_proven()


def test_without_a_terminal_it_wants_a_yes_and_a_dry_run_only_counts(box, monkeypatch):
    make_logins()
    monkeypatch.setattr("sys.stdin", StringIO("yes\n"))
    with pytest.raises(CommandError) as refused:
        call_command("demo", "purge", stdout=StringIO())
    assert refused.value.returncode == Exit.INVALID
    said = StringIO()
    call_command("demo", "purge", "--dry-run", stdout=said)
    assert f"{len(LOGINS)} logins" in said.getvalue()
    assert User.objects.count() == len(LOGINS)


def test_where_no_demo_was_loaded_nothing_happens(mine):
    before = counted(), AuditEntry.objects.count()
    said = StringIO()
    call_command("demo", "purge", "--yes", stdout=said)
    assert "Nothing here was loaded by the demo." in said.getvalue()
    assert (counted(), AuditEntry.objects.count()) == before
