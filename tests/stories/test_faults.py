"""Everything a vendor can do to us, in a company at work: what people see, and that nobody loses an account by it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config import clock
from config.errors import by_code
from config.notices.models import Notice
from config.roles.masking import Sight
from config.sentences import english
from identity.cases.models import Case
from identity.matching.decisions import LinkRecord
from identity.people.models import Person, Standing
from integrations.connectors.models import ConnectorIssue, Credential
from integrations.connectors.open import opened
from integrations.mapping.models import UnmappedValue
from integrations.outbound.models import Delivery, DeliveryState
from integrations.records.models import SourceRecord
from integrations.vendors.base import Record
from integrations.vendors.workday import workers
from syncjobs.guards.models import Hold
from syncjobs.ledger.verify import verify_ledger
from syncjobs.pages.run_troubles import fates, troubles
from syncjobs.pipeline.deliver import deliver_due
from syncjobs.pipeline.fetch import store_page
from syncjobs.pipeline.stages import work_on
from syncjobs.plans.models import PlannedChange
from syncjobs.runs.decisions import RetryFailed
from syncjobs.runs.models import WORKABLE, Checkpoint, Outcome, RecordOutcome, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from syncjobs.tasks import pulse
from tests.cast import NOOR_NEW_TITLE, NOOR_VAN_DEN_BERG, OMAR_HADDAD
from tests.company import Company, later, meridian

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


@pytest.fixture
def by_token(db: None, tmp_path: Path) -> Iterator[Company]:
    """Workday signs in with a token that it buys with a refresh token; its people come on four pages."""
    with meridian(tmp_path, 500) as company:
        workday = company.connector("workday")
        workday.settings = {**workday.settings, "auth": "oauth", "client_id": "rollcall-sandbox-client", "page_size": 100}
        workday.save()
        for name, secret in (("client_secret", "sandbox-client-secret"), ("refresh_token", "sandbox-refresh-token")):
            Credential.objects.create(connector=workday, name=name, value=secret, set_at=clock.now())
        yield company


def read(company: Company) -> SyncRun:
    """One full read of Workday, until its plan waits."""
    run = begin(company)
    while run.phase in WORKABLE and run.stage == "fetch":
        assert work_on(run.pk)
        run.refresh_from_db()
    return run


def pages(run: SyncRun) -> list[tuple[str, int, int]]:
    rows = Checkpoint.objects.filter(run=run).order_by("pk").values_list("stream", "number", "counts")
    return [(stream, number, counts["heard"]) for stream, number, counts in rows]


def calls(company: Company, ending: str) -> list[int]:
    """Status of every call whose path ends so, oldest first."""
    return [one["status"] for one in reversed(company.box.requests("workday")) if one["path"].endswith(ending)]


def at_page_three(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """What happens at the vendor when the second page of workers is stored and the third has not been asked for."""

    def store(work: Any, context: Any, stream: Any, page: Any) -> None:
        store_page(work, context, stream, page)
        if (stream.stream.name, work.run.cursor["page"]) == ("workers", 2):
            happens()

    monkeypatch.setattr("syncjobs.pipeline.fetch.store_page", store)


def test_a_token_that_runs_out_on_page_three_is_bought_anew_once_and_nobody_is_lost_or_doubled(
    by_token: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_page_three(monkeypatch, lambda: by_token.box.faults.set("workday", expire_token_after=0))
    run = read(by_token)
    read_pages = pages(run)
    assert [number for stream, number, _ in read_pages if stream == "workers"][:4] == [1, 2, 3, 4]
    assert calls(by_token, "/token") == [200, 200], "one to begin with, one for the one that died"
    assert calls(by_token, "/v44.2").count(401) == 1
    assert (run.error_code, run.tries) == ("", 0)
    heard = sum(heard for stream, _, heard in read_pages if stream == "workers")
    assert (
        SourceRecord.objects.filter(connector=run.connector, stream="workers").count() == heard == len(list(by_token.hr.workers("workday")))
    )
    run = by_token.approve(work(run))
    assert run.phase == "succeeded" and run.counts["new"] == sum(heard for _, _, heard in read_pages)
    numbers = [number for number, _ in standings()]
    assert len(numbers) == len(set(numbers)) == heard and verify_ledger() == []


def test_a_token_that_can_be_bought_no_more_ends_the_run_says_who_acts_and_the_run_goes_on_from_its_page(
    by_token: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = by_token.box.emulators["workday"].settings

    def revoke() -> None:
        by_token.box.faults.set("workday", expire_token_after=0)
        door.refresh_token = "another"

    at_page_three(monkeypatch, revoke)
    run = read(by_token)
    assert (run.phase, run.stage, run.error_code, run.tries) == ("failed", "fetch", "credential_expired", 1)
    assert [page for page in pages(run) if page[0] == "workers"] == [("workers", 1, 100), ("workers", 2, 100)]
    told = notices("connector:workday:credential_expired")
    assert len(told) == 1 and told[0].owner == "it" and told[0].next_step.startswith("Open the connector, enter a new secret")
    assert not Person.objects.exists() and not SourceRecord.objects.exclude(missing_count=0).exists()

    by_token.connector("workday").credentials.filter(name="refresh_token").update(value="another")
    again = RetryFailed(None, run)
    assert again.preview().sentences == ["The run goes on where it stopped. What it has read stays read."]
    again.execute("the secret is replaced")
    run.refresh_from_db()
    asked = len(calls(by_token, "/v44.2"))
    run = by_token.approve(work(run))
    assert run.phase == "succeeded" and run.error_code == ""
    numbers = [number for stream, number, _ in pages(run) if stream == "workers"]
    assert numbers == sorted(set(numbers)), "no page was read twice"
    assert len(standings()) == len(set(standings())) == len(list(by_token.hr.workers("workday"))) and verify_ledger() == []
    assert len(calls(by_token, "/v44.2")) > asked
    assert notices("connector:workday:credential_expired") == [] and notices("run.failed:workday") == []


def test_a_failed_run_does_not_go_on_when_a_later_one_has_read_the_source(settled: Company) -> None:
    secret = settled.connector("workday").credentials.get()
    settled.connector("workday").credentials.update(value="wrong")
    failed = work(begin(settled))
    assert failed.phase == "failed" and RetryFailed(None, failed).goes_on()
    secret.save()
    settled.run("workday")
    assert not RetryFailed(None, failed).goes_on()
    RetryFailed(None, failed).execute("pressed too late")
    failed.refresh_from_db()
    assert failed.phase == "failed"


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


def test_changes_of_which_the_last_page_is_cut_off_are_held_and_come_with_the_next_run(settled: Company) -> None:
    hired = settled.hr.do("hire", hr="workday", given="Ines", family="Prado", hire_on=clock.today(), location_code="MAD")
    assert hired is not None
    settled.later(hours=1)
    settled.box.faults.set("workday", truncate_last_page=True)
    for _ in range(2):
        run = work(begin(settled, mode=RunMode.DELTA), minutes=10)
        assert run.phase == "held" and Hold.objects.get(run=run).code == "fetch_cut_off"
    assert len(notices("run.held:workday")) == 1 and not Person.objects.filter(employee_number=hired.employee_number).exists()
    settled.box.faults.clear()
    assert settled.run("workday").phase == "succeeded"
    assert settled.account(settled.person(hired.employee_number)) is not None


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


def nights(company: Company, source: str, many: int = 3) -> list[SyncRun]:
    """So many full reads, with a file written anew for each where it is a file. An hour apart, so that nobody's own last day passes."""
    runs = []
    for _ in range(many):
        company.later(hours=1)
        if source == "hr-extract":
            written_anew(extract(company))
        runs.append(company.run(source, RunMode.FULL))
    return runs


def extract(company: Company) -> Path:
    return next(Path(company.connector("hr-extract").settings["folder"]).glob("*.csv"))


def written_anew(path: Path) -> None:
    """The same text, written again a while ago."""
    at = (clock.now() - timedelta(hours=1)).timestamp()
    os.utime(path, (at, at))


def test_a_file_read_twice_is_one_witness_and_only_the_next_file_says_that_somebody_is_gone(company: Company) -> None:
    company.night("hr-extract")
    lines = extract(company).read_text(encoding="utf-8").splitlines(keepends=True)
    missing = company.connector("hr-extract"), lines[1].split(",")[0]
    extract(company).write_text("".join([lines[0], *lines[2:]]), encoding="utf-8")
    before = standings()
    for _ in range(3):
        company.later(hours=1)
        run = company.run("hr-extract", RunMode.FULL)
    assert standings() == before and closed_accounts(company) == set()
    assert SourceRecord.objects.get(connector=missing[0], external_id=missing[1]).missing_count == 1
    assert run.window["people"]["uncounted"] == "nothing was written anew since the last full read"
    (run,) = nights(company, "hr-extract", 1)
    assert run.counts["gone"] == 1
    record = SourceRecord.objects.get(connector=missing[0], external_id=missing[1])
    person = Person.objects.get(links__record=record, links__until=None)
    account = company.account(person)
    assert person.standing == Standing.LEFT and account is not None and account["suspended"]


@pytest.mark.parametrize("source", ["workday", "bamboohr"])
def test_five_megabytes_in_one_field_night_after_night_close_no_account(company: Company, source: str) -> None:
    company.night(source)
    before = standings()
    company.box.faults.set(source, huge_field=True)
    assert {run.phase for run in nights(company, source)} == {"partial"}
    assert standings() == before and closed_accounts(company) == set()
    assert not SourceRecord.objects.exclude(missing_count=0).exists()


def test_two_rows_with_one_id_night_after_night_close_no_account(company: Company) -> None:
    company.night("hr-extract")
    before = standings()
    lines = extract(company).read_text(encoding="utf-8").splitlines(keepends=True)
    number, given, rest = lines[1].split(",", 2)
    extract(company).write_text("".join([*lines, f"{number},{given}x,{rest}"]), encoding="utf-8")
    runs = nights(company, "hr-extract")
    assert {run.phase for run in runs} == {"partial"} and {run.counts["parked"] for run in runs} == {2}
    assert set(RecordOutcome.objects.filter(outcome=Outcome.PARKED).values_list("code", flat=True)) == {"duplicate_id"}
    assert standings() == before and closed_accounts(company) == set()


def test_a_row_with_a_cell_too_many_night_after_night_closes_no_account(company: Company) -> None:
    company.night("hr-extract")
    before = standings()
    lines = extract(company).read_text(encoding="utf-8").splitlines(keepends=True)
    lines[1] = lines[1].rstrip("\r\n") + ",one,cell,too,many\r\n"
    extract(company).write_text("".join(lines), encoding="utf-8")
    assert {(run.phase, run.counts["nameless"]) for run in nights(company, "hr-extract")} == {("partial", 1)}
    assert standings() == before and closed_accounts(company) == set()


def test_a_worker_whose_status_workday_leaves_out_night_after_night_keeps_the_account(
    settled: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    noor = settled.known(NOOR_VAN_DEN_BERG.employee_number)
    made = workers.record

    def without_status(payload: dict[str, Any], *more: Any) -> Record:
        kept = {key: value for key, value in payload.items() if key != "status" or payload["wid"] != NOOR_VAN_DEN_BERG.key}
        return made(kept, *more)

    monkeypatch.setattr(workers, "record", without_status)
    runs = nights(settled, "workday")
    assert {run.phase for run in runs} == {"partial"}
    told = RecordOutcome.objects.filter(run=runs[-1], outcome=Outcome.PARKED).get()
    assert english(told.detail) == "Workday did not send the employment status of this worker"
    noor.refresh_from_db()
    account = settled.account(noor)
    assert noor.standing == Standing.ACTIVE and account is not None and not account["suspended"]


def test_an_unknown_location_waits_in_the_queue_and_gets_no_default(settled: Company) -> None:
    settled.box.faults.set("workday", unknown_location=True)
    run = settled.run("workday", RunMode.FULL)
    waiting = UnmappedValue.objects.all()
    assert {one.value for one in waiting} == {"ATL-9"}
    assert run.counts["unmapped"] == sum(one.people for one in waiting) > 0, "the run says so too"
    told = Person.objects.filter(location__icontains="atl")
    assert not told.exists(), "nobody sits in a place that has no name yet"
    assert closed_accounts(settled) == set()


def test_two_who_report_to_each_other_get_no_manager_and_keep_their_accounts(company: Company) -> None:
    company.box.faults.set("workday", manager_cycle=True)
    run = company.run("workday", RunMode.FULL)
    circle = Person.objects.filter(lines__why="these people report to each other in a circle").distinct()
    managers = dict(Person.objects.exclude(manager=None).values_list("pk", "manager_id"))
    assert run.phase == "succeeded"
    assert not [pk for pk in managers if managers.get(managers[pk]) == pk]
    assert len(circle) == run.counts["in_circle"] == 2
    asked = set(PlannedChange.objects.filter(kind="skip").values_list("person_id", flat=True))  # in Moodle already, under another number
    assert all(person.manager is None and (company.account(person) or person.pk in asked) for person in circle)


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
    assert run.phase == "partial" and run.counts["dead"] == 1
    dead = Delivery.objects.get(state=DeliveryState.DEAD)
    assert dead.operation == "create"
    held = Delivery.objects.filter(state=DeliveryState.HELD)
    assert {(row.operation, row.waits_for_id, row.attempts) for row in held} == {("cohorts", dead.pk, 0)}
    assert dead.error_code == "already_exists" and by_code(dead.error_code).next_step.startswith("Open the case")
    assert [one["email"] for one in settled.accounts()].count(hired.work_email) == 1
    assert len(notices("deliveries.dead:workday")) == 1
    ines = settled.person(hired.employee_number)
    case = Case.objects.get(kind="already_there", state="open", candidates__person=ines)
    assert case.record.values["username"] == hired.work_email and case.waits == "No account is made until you answer."

    LinkRecord(None, case, ines).execute("she had asked for it herself")
    for again in settled.tick():
        assert again.phase == "succeeded", again.error_detail
    account = settled.account(ines)
    assert account is not None and account["idnumber"] == ines.public_id
    assert [one["email"] for one in settled.accounts()].count(hired.work_email) == 1 and verify_ledger() == []


def test_an_account_that_the_system_refuses_is_one_error_and_is_sent_again_whole(settled: Company) -> None:
    hired = settled.hr.do("hire", hr="workday", given="Ines", family="Prado", hire_on=clock.today(), location_code="MAD")
    assert hired is not None
    moodle = settled.box.emulators["moodle"]
    run = begin(settled, mode=RunMode.DELTA)
    while run.stage != "deliver":
        work_on(run.pk)
        run.refresh_from_db()
    first = Delivery.objects.get(cause=run.cause, operation="create")
    right, wrong = first.values, {**first.values, "email": "no address"}
    Delivery.objects.filter(pk=first.pk).update(values=wrong)
    run = work(run)
    assert run.phase == "partial" and run.counts["dead"] == 1
    assert [one.waiting for one in troubles(run, fates(run), Sight(True)) if not one.is_record] == [1]
    Delivery.objects.filter(pk=first.pk).update(values=right)
    RetryFailed(None, run).execute()
    for _ in range(MOST_SLICES):
        if not deliver_due():
            break
    account = next(one for one in moodle.accounts(limit=10_000) if one["email"] == hired.work_email)
    assert account["firstname"] == "Ines"
    assert set(Delivery.objects.filter(cause=run.cause).values_list("state", flat=True)) == {DeliveryState.DELIVERED}
    assert verify_ledger() == []


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
