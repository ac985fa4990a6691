"""Everything a vendor can do to us, in a company at work: what people see, and that nobody loses an account by it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config import clock
from config.errors import by_code
from config.notices.models import Notice
from identity.cases.models import Case
from identity.people.models import Person, Standing
from integrations.connectors.models import ConnectorIssue
from integrations.connectors.open import opened
from integrations.mapping.models import UnmappedValue
from integrations.outbound.models import Delivery, DeliveryState
from integrations.records.models import SourceRecord
from syncjobs.guards.models import Hold
from syncjobs.ledger.verify import verify_ledger
from syncjobs.pipeline.deliver import deliver_due
from syncjobs.pipeline.stages import work_on
from syncjobs.runs.models import WORKABLE, Outcome, RecordOutcome, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from syncjobs.tasks import pulse
from tests.cast import NOOR_NEW_TITLE, NOOR_VAN_DEN_BERG, OMAR_HADDAD
from tests.company import Company, later

MOST_SLICES = 120


def begin(company: Company, key: str = "workday", mode: RunMode = RunMode.FULL) -> SyncRun:
    return start_run(company.connector(key), Trigger.MANUAL, mode)


def work(run: SyncRun, *, minutes: float = 1, slices: int = MOST_SLICES) -> SyncRun:
    """Work on the run; where it waits for another try, so many minutes pass."""
    for _ in range(slices):
        if not work_on(run.pk) and not deliver_due():
            later(minutes=minutes)
        run.refresh_from_db()
        if run.phase not in WORKABLE:
            break
    return run


def closed_accounts(company: Company) -> set[str]:
    """Whose account Rollcall has closed; an account of the learning system's own may be closed as well."""
    return {account["idnumber"] for account in company.accounts() if account["suspended"] and account["idnumber"].startswith("P-")}


def notices(key: str) -> list[Notice]:
    return list(Notice.objects.filter(key=key, closed_at=None))


def standings() -> list[tuple[str, str]]:
    return list(Person.objects.order_by("pk").values_list("employee_number", "standing"))


@pytest.fixture
def settled(company: Company) -> Company:
    """After the first night of Workday."""
    company.night("workday")
    return company


def test_a_wrong_password_fails_the_run_at_once_says_who_acts_and_tells_it_once(settled: Company) -> None:
    for _ in range(2):
        settled.connector("workday").credentials.update(value="wrong")
        run = work(begin(settled))
        assert (run.phase, run.error_code, run.tries) == ("failed", "credential_rejected", 1)
    assert by_code(run.error_code).next_step.startswith("Open the connector")
    told = notices("connector:workday:credential_rejected")
    assert len(told) == 1 and told[0].count == 2 and told[0].owner == "it" and told[0].next_step
    assert closed_accounts(settled) == set()


def test_the_right_password_afterwards_closes_the_trouble(settled: Company) -> None:
    secret = settled.connector("workday").credentials.get()
    settled.connector("workday").credentials.update(value="wrong")
    work(begin(settled))
    secret.save()
    assert work(begin(settled)).phase == "succeeded"
    assert notices("connector:workday:credential_rejected") == [] and notices("run.failed:workday") == []
    assert not ConnectorIssue.objects.filter(closed_at=None).exists()


def test_a_key_withdrawn_in_the_middle_of_a_read_fails_and_nobody_is_missed(company: Company) -> None:
    company.night("bamboohr")
    company.box.faults.set("bamboohr", expire_token_after=1)
    run = work(begin(company, "bamboohr"))
    assert (run.phase, run.error_code) == ("failed", "credential_rejected")
    assert not SourceRecord.objects.exclude(missing_count=0).exists() and closed_accounts(company) == set()


def test_a_minute_of_too_many_requests_delays_the_run_and_nothing_else(settled: Company) -> None:
    settled.box.faults.set("workday", rate_limited_until=clock.now() + timedelta(minutes=1))
    run = begin(settled)
    work_on(run.pk)
    run.refresh_from_db()
    assert run.phase == "planning" and run.error_code == "rate_limited" and run.wanted_at > clock.now()
    run = work(run, minutes=0.5)
    assert run.phase == "succeeded" and notices("run.failed:workday") == []


def test_a_web_page_instead_of_data_is_tried_again_and_never_read_as_nobody(settled: Company) -> None:
    settled.box.faults.set("workday", html_instead=2)
    run = begin(settled)
    work_on(run.pk)
    run.refresh_from_db()
    assert (run.phase, run.error_code) == ("planning", "unexpected_answer")
    assert "sign-in or maintenance page" in by_code(run.error_code).next_step
    assert work(run).phase == "succeeded"


def test_a_web_page_for_hours_ends_in_a_failed_run_and_one_notice(settled: Company) -> None:
    before = standings()
    settled.box.faults.set("workday", html_instead=True)
    run = work(begin(settled), minutes=10)
    assert (run.phase, run.error_code) == ("failed", "unexpected_answer")
    assert len(notices("run.failed:workday")) == 1
    assert standings() == before and closed_accounts(settled) == set()


@pytest.mark.parametrize("source", ["workday", "bamboohr"])
def test_a_last_page_that_is_cut_off_deactivates_nobody_however_often(company: Company, source: str) -> None:
    company.night(source)
    before = standings()
    company.box.faults.set(source, truncate_last_page=True)
    for _ in range(3):
        run = work(begin(company, source), minutes=10)
        assert run.phase == "held", (run.error_code, run.error_detail)
        assert Hold.objects.get(run=run).code == "fetch_cut_off"
    assert standings() == before and closed_accounts(company) == set()
    assert not SourceRecord.objects.exclude(missing_count=0).exists()
    assert len(notices(f"run.held:{source}")) == 1
    company.box.faults.clear()
    assert work(begin(company, source)).phase == "succeeded"
    assert notices(f"run.held:{source}") == []


@pytest.mark.parametrize("source", ["workday", "bamboohr"])
def test_an_empty_source_is_held_in_one_sentence_and_lapses_without_a_change(company: Company, source: str) -> None:
    company.night(source)
    before = standings()
    company.box.faults.set(source, empty=True)
    run = work(begin(company, source))
    assert run.phase == "held"
    hold = Hold.objects.get(run=run)
    assert hold.code == "source_empty" and "answered with nobody." in str(hold)
    assert notices(f"run.held:{source}")[0].next_step.startswith("Check the source.")
    company.later(hours=49)
    company.tick()
    run.refresh_from_db()
    assert run.phase == "cancelled" and run.error_detail == "nobody decided in time; nothing was changed"
    left = {(number, Standing.LEFT) for number, standing in standings() if standing == Standing.LEFT} - set(before)
    assert closed_accounts(company) <= {company.person(number).public_id for number, _ in left}, "only whose own last day has passed"


@pytest.mark.parametrize("source", ["workday", "bamboohr"])
def test_a_row_that_comes_on_two_pages_makes_no_second_person(company: Company, source: str) -> None:
    company.box.faults.set(source, duplicate_across_pages=True)
    run = company.approve(work(begin(company, source), minutes=10))
    numbers = [number for number, _ in standings()]
    assert len(numbers) == len(set(numbers)) and run.phase in ("succeeded", "held")
    assert verify_ledger() == []


def test_a_thirty_first_of_february_parks_these_people_and_the_others_go_on(settled: Company) -> None:
    settled.box.faults.set("bamboohr", bad_dates=True)
    run = settled.run("bamboohr", RunMode.FULL)
    assert run.phase == "partial"
    parked = RecordOutcome.objects.filter(run=run, outcome=Outcome.PARKED)
    assert {"value_invalid"} <= {one.code for one in parked} and {one.field for one in parked} <= {"hire_on", "status"}
    assert any("2026-02-31" in one.detail for one in parked)
    assert run.counts["staged"] > run.counts["parked"]


def test_a_date_that_goes_bad_later_leaves_yesterdays_facts_and_the_account(company: Company) -> None:
    company.night("bamboohr")
    before = standings()
    company.box.faults.set("bamboohr", bad_dates=True)
    assert company.run("bamboohr", RunMode.FULL).phase == "partial"
    assert standings() == before and closed_accounts(company) == set()
    company.box.faults.clear()
    assert company.run("bamboohr", RunMode.FULL).phase == "succeeded"


@pytest.mark.parametrize("source", ["workday", "bamboohr"])
def test_five_megabytes_in_one_field_hit_one_person_only(company: Company, source: str) -> None:
    company.box.faults.set(source, huge_field=True)
    run = company.run(source, RunMode.FULL)
    parked = RecordOutcome.objects.filter(run=run, outcome=Outcome.PARKED)
    assert run.phase == "partial" and {one.code for one in parked} == {"value_too_large"} and len(parked) <= 3
    assert all(len(one.detail) <= 500 for one in parked)
    assert Person.objects.count() >= run.counts["staged"] > 10


def test_an_unknown_location_waits_in_the_queue_and_gets_no_default(settled: Company) -> None:
    settled.box.faults.set("workday", unknown_location=True)
    settled.run("workday", RunMode.FULL)
    waiting = UnmappedValue.objects.all()
    assert {one.value for one in waiting} == {"ATL-9"}
    told = Person.objects.filter(location__icontains="atl")
    assert not told.exists(), "nobody sits in a place that has no name yet"
    assert closed_accounts(settled) == set()


def test_two_who_report_to_each_other_get_no_manager_and_keep_their_accounts(company: Company) -> None:
    company.box.faults.set("workday", manager_cycle=True)
    run = company.run("workday", RunMode.FULL)
    circle = [person for person in Person.objects.all() if "in a circle" in " ".join(person.lines.values_list("why", flat=True))]
    managers = dict(Person.objects.exclude(manager=None).values_list("pk", "manager_id"))
    assert run.phase == "succeeded"
    assert not [pk for pk in managers if managers.get(managers[pk]) == pk]
    assert all(company.account(person) for person in circle)


def test_moodle_down_for_an_hour_only_delays(settled: Company) -> None:
    omar = settled.person(f"CW-{OMAR_HADDAD.employee_number}")
    settled.hr.do("move", hr="workday", key=OMAR_HADDAD.key, location_code="BER")
    settled.box.faults.set("moodle", down_until=clock.now() + timedelta(hours=1))
    run = begin(settled, mode=RunMode.DELTA)
    work(run, minutes=0, slices=20)
    run.refresh_from_db()
    assert run.phase in ("planning", "applying")
    assert {issue.connector.key for issue in ConnectorIssue.objects.filter(closed_at=None)} == {"academy"}
    run = work(run, minutes=10)
    assert run.phase == "succeeded", (run.stage, run.error_code, run.error_detail)
    sent = Delivery.objects.filter(subject_id=omar.pk, cause=run.cause)
    assert {one.state for one in sent} == {DeliveryState.DELIVERED}
    account = settled.account(omar)
    assert account is not None and account["city"].startswith("Berlin")
    assert not ConnectorIssue.objects.filter(closed_at=None).exists()


def test_moodle_down_while_nights_go_on_makes_nobody_twice(company: Company) -> None:
    company.night("workday")
    hired = company.hr.do("hire", hr="workday", given="Ines", family="Prado", hire_on=clock.today(), location_code="MAD")
    assert hired is not None
    run = begin(company, mode=RunMode.DELTA)
    while run.stage != "deliver" and run.phase in WORKABLE:
        work_on(run.pk)
        run.refresh_from_db()
    company.box.faults.set("moodle", down_until=clock.now() + timedelta(hours=1))
    deliver_due()
    company.hr.do("change_title", hr="workday", key=hired.key, title="Auditor")
    company.later(hours=2)
    for key in ("workday", "bamboohr"):
        company.run(key)
    run = work(run, minutes=5)
    assert run.phase == "succeeded"
    ines = company.person(hired.employee_number)
    assert [one["idnumber"] for one in company.accounts()].count(ines.public_id) == 1
    assert not Delivery.objects.filter(state=DeliveryState.DEAD).exists() and verify_ledger() == []


def test_moodle_that_has_somebody_already_makes_a_case_and_no_second_account(settled: Company) -> None:
    cases = Case.objects.filter(kind="already_there", state="open")
    assert cases
    for case in cases:
        assert case.waits == "No account is made until you answer."
        waiting = case.candidates.get().person
        assert settled.account(waiting) is None
        assert [one["email"] for one in settled.accounts()].count(waiting.email) <= 1


def test_moodle_that_says_already_exists_between_plan_and_write_makes_a_case_too(settled: Company) -> None:
    hired = settled.hr.do("hire", hr="workday", given="Ines", family="Prado", hire_on=clock.today(), location_code="MAD")
    assert hired is not None
    run = begin(settled, mode=RunMode.DELTA)
    while run.stage != "deliver":
        work_on(run.pk)
        run.refresh_from_db()
    somebody = {"username": hired.work_email, "email": hired.work_email, "firstname": "Ines", "lastname": "Prado", "auth": "manual"}
    with opened(settled.connector("academy")) as vendor:
        vendor.site.call("core_user_create_users", {"users": [{**somebody, "password": "Sandbox-1234!"}]})
    run = work(run)
    assert run.phase == "partial" and run.counts["dead"]
    dead = Delivery.objects.get(state=DeliveryState.DEAD, operation="create")
    assert dead.error_code == "already_exists" and by_code(dead.error_code).next_step.startswith("Open the case")
    assert [one["email"] for one in settled.accounts()].count(hired.work_email) == 1
    assert len(notices("deliveries.dead:workday")) == 1


def test_a_lost_doorbell_loses_nothing(settled: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker was emptied: the pulse finds the run by its row."""
    monkeypatch.setattr("config.bell.send", lambda queue: False)
    monkeypatch.setattr("syncjobs.tasks.close_old_connections", lambda: None)
    settled.hr.do("change_title", hr="workday", key=NOOR_VAN_DEN_BERG.key, title=NOOR_NEW_TITLE)
    run = begin(settled, mode=RunMode.DELTA)
    for _ in range(MOST_SLICES):
        pulse()
        run.refresh_from_db()
        if run.phase not in WORKABLE:
            break
        later(seconds=3)
    assert run.phase == "succeeded"
    assert settled.person(NOOR_VAN_DEN_BERG.employee_number).job_title == NOOR_NEW_TITLE
