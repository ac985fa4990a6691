"""Reading a source: when a read counts as complete, what a hold keeps, how often it begins anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config import clock
from config.errors import AnswerCutOff, CursorExpired, Unavailable
from config.notices.models import Notice
from config.sentences import english
from identity.people.models import Person, Standing
from integrations.connectors.models import Connector
from integrations.mapping.decisions import PublishMapping
from integrations.mapping.models import FieldMapping, MappingVersion
from integrations.mapping.pages.sample import known_fields
from integrations.mapping.versions import as_values, draft, save_draft
from integrations.records.models import RecordVersion, SourceRecord, Watermark
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.guards.models import Hold
from syncjobs.pages.run_troubles import fates, in_plan
from syncjobs.pages.run_words import totals
from syncjobs.pipeline.deliver import deliver_due
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.fetch import MOST_RESTARTS
from syncjobs.pipeline.stages import MOST_TRIES, work_on
from syncjobs.runs.models import WORKABLE, RecordOutcome, SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Shelf, page, pages, sync, worker
from tests.company import later
from tests.rows import staff

pytestmark = pytest.mark.usefixtures("installed")


def everybody(first: int = 1, last: int = 20) -> list[tuple[str, dict]]:
    return [(str(number), worker(number)) for number in range(first, last + 1)]


def book(count: int = 20) -> Book:
    found = Book.of("hr")
    for key, values in everybody(1, count):
        found.write(key, **values)
    return found


def suspended() -> list[str]:
    return [account["idnumber"] for account in Shelf.of("lms").accounts.values() if account["suspended"]]


def work_until_it_rests(run: SyncRun) -> SyncRun:
    """Every try at once: the clock goes on to the next."""
    for _ in range(60):
        if not work_on(run.pk) and not deliver_due():
            later(minutes=11)
        run.refresh_from_db()
        if run.phase not in WORKABLE:
            break
    return run


def test_a_row_on_two_pages_does_not_stand_in_for_a_person_who_never_came() -> None:
    hr = book()
    sync()
    for _ in range(3):
        hr.script = [pages(page(everybody(1, 10), total=20, is_last=False, cursor=10), page(everybody(10, 19), total=20))]
        run = sync(approve=False)
        assert run.phase == "held"
        assert str(Hold.objects.get(run=run)) == "The reading of HR is not complete: the source announced 20 and sent 19."
    assert not SourceRecord.objects.exclude(missing_count=0).exists()
    assert suspended() == []


def test_a_row_the_source_itself_has_twice_on_a_page_is_counted_as_it_counts_it() -> None:
    book()
    sync()
    Book.of("hr").script = [pages(page([*everybody(), everybody()[4]], total=21))]
    run = sync()
    assert run.phase == "succeeded" and run.counts["repeated"] == 1
    assert run.window["people"]["is_complete"] is True


def test_a_record_set_aside_on_two_pages_is_one_record_that_was_heard_twice() -> None:
    wrong = ("20", worker(20, hire_on="2026-02-31"))
    hr = Book.of("hr")
    hr.script = [pages(page([*everybody(1, 19), wrong], total=20, is_last=False, cursor=20), page([wrong], total=20))]
    run = sync()
    sums = totals(run.counts, in_plan(fates(run)))
    assert (run.counts["parked"], run.counts["repeated"]) == (1, 1)
    assert sums is not None and sums.read == 21 and sums.missing == 0


def test_a_source_that_keeps_forgetting_the_place_is_restarted_a_few_times_and_then_only_asked_again_later() -> None:
    hr = book()
    first = page(everybody(1, 10), total=20, is_last=False, cursor=10)
    hr.script = [pages(first, CursorExpired("gone"))] * (MOST_RESTARTS + 1) + [pages(CursorExpired("gone"))] * MOST_TRIES
    run = work_until_it_rests(queued())
    assert (run.phase, run.error_code) == ("failed", "cursor_expired")
    from_the_start = [cursor for _, cursor in hr.asked if cursor is None]
    assert len(from_the_start) == 1 + MOST_RESTARTS
    assert len(hr.asked) <= 1 + MOST_RESTARTS + MOST_TRIES
    assert Notice.objects.filter(key="run.failed:hr", closed_at=None).count() == 1


def queued(mode: RunMode = RunMode.FULL) -> SyncRun:
    """A run that is only queued."""
    return start_run(Connector.objects.get(key="hr"), Trigger.MANUAL, mode)


def test_a_place_forgotten_once_costs_a_restart_and_nothing_else() -> None:
    hr = book()
    hr.script = [pages(page(everybody(1, 10), total=20, is_last=False, cursor=10), CursorExpired("gone"))]
    run = sync()
    assert run.phase == "succeeded" and run.window["people"]["restarts"] == 1
    assert Person.objects.count() == 20 and len(Shelf.of("lms").accounts) == 20


def test_a_held_read_that_is_approved_goes_on_with_what_came_and_asks_nothing_again() -> None:
    hr = book()
    sync()
    hr.rows.clear()
    for key, values in [*everybody(1, 4), ("21", worker(21))]:
        hr.write(key, **values)
    run = sync(approve=False)
    assert run.phase == "held" and Hold.objects.get(run=run).code == "source_collapsed"
    asked = len(hr.asked)
    run = approved(run)
    assert run.phase == "succeeded" and len(hr.asked) == asked
    assert Person.objects.filter(employee_number="00021").exists()
    assert SourceRecord.objects.filter(missing_count=1).count() == 16 and suspended() == []


def approved(run: SyncRun) -> SyncRun:
    while run.phase in ("held", "awaiting approval"):
        run = approved_once(run)
    return run


def approved_once(run: SyncRun) -> SyncRun:
    ApprovePlan(None, run).execute("the source is right")
    run.refresh_from_db()
    return work_until_it_rests(run)


def test_a_read_that_broke_off_three_times_is_held_and_approved_with_what_came() -> None:
    hr = book()
    sync()
    hr.write("21", **worker(21))
    first = page([("21", worker(21)), *everybody(1, 9)], total=21, is_last=False, cursor=10)
    hr.script = [pages(first, AnswerCutOff("half a page"))] + [pages(AnswerCutOff("half a page"))] * 3
    run = work_until_it_rests(queued())
    assert run.phase == "held" and Hold.objects.get(run=run).code == "fetch_cut_off"
    run = approved(run)
    assert run.phase == "succeeded"
    assert Person.objects.filter(employee_number="00021").exists(), "who came is taken in"
    assert not SourceRecord.objects.exclude(missing_count=0).exists(), "who did not come is not missed"


def test_an_answer_of_the_target_that_is_cut_off_is_not_a_read_that_broke_off(monkeypatch: pytest.MonkeyPatch) -> None:
    book()
    monkeypatch.setattr("tests.builders.Library.find", lambda *_: (_ for _ in ()).throw(AnswerCutOff("half a page")))
    run = work_until_it_rests(queued())
    assert (run.phase, run.stage, run.error_code) == ("failed", "look", "answer_cut_off")


def test_an_empty_answer_that_is_approved_counts_everybody_as_absent_once_and_the_guard_still_asks_before_anybody_is_closed() -> None:
    hr = book()
    sync()
    hr.rows.clear()
    run = approved(sync(approve=False))
    assert run.phase == "succeeded" and SourceRecord.objects.filter(missing_count=1).count() == 20
    assert (run.counts["missing"], run.counts["gone"]) == (20, 0), "the run itself says that everybody is missing"
    assert suspended() == []
    run = approved_once(sync(approve=False))
    assert run.phase == "held" and Hold.objects.get(run=run, code="too_many").people == 20
    assert suspended() == []


def test_a_person_missing_once_stays_and_missing_twice_in_complete_reads_has_left() -> None:
    hr = book()
    sync()
    del hr.rows["7"]
    sync()
    gone = Person.objects.get(employee_number="00007")
    assert gone.standing == Standing.ACTIVE and suspended() == []
    sync()
    gone.refresh_from_db()
    assert gone.standing == Standing.LEFT and suspended() == [gone.public_id]


def test_a_missing_person_who_comes_back_in_between_begins_to_count_anew() -> None:
    hr = book()
    sync()
    away = hr.rows.pop("7")
    sync()
    hr.rows["7"] = away
    sync()
    del hr.rows["7"]
    sync()
    assert suspended() == []


def test_a_person_whose_row_is_set_aside_is_not_missing_however_often() -> None:
    hr = book()
    sync()
    for _ in range(3):
        hr.script = [pages(page([one for one in everybody() if one[0] != "7"], total=20, unreadable=["7"]))]
        assert sync().phase == "partial"
    assert not SourceRecord.objects.exclude(missing_count=0).exists()
    assert Person.objects.get(employee_number="00007").standing == Standing.ACTIVE and suspended() == []


def test_a_person_who_is_there_twice_and_differs_is_not_missing_however_often() -> None:
    hr = book()
    sync()
    for _ in range(3):
        hr.script = [pages(page([*everybody(), ("7", worker(7, family_name="Another"))], total=21))]
        assert sync().phase == "partial"
    assert not SourceRecord.objects.exclude(missing_count=0).exists()
    assert Person.objects.get(employee_number="00007").standing == Standing.ACTIVE and suspended() == []


def test_a_row_that_is_set_aside_ends_an_absence_that_was_counted_once() -> None:
    hr = book()
    sync()
    all_but_seven = [one for one in everybody() if one[0] != "7"]
    for unreadable in ([], ["7"], []):
        hr.script = [pages(page(all_but_seven, total=19 + len(unreadable), unreadable=unreadable))]
        sync()
    assert SourceRecord.objects.get(connector__key="hr", external_id="7").missing_count == 1 and suspended() == []


def test_somebody_believed_gone_does_not_come_back_by_a_row_that_nobody_can_read() -> None:
    hr = book()
    sync()
    del hr.rows["7"]
    sync()
    sync()
    hr.script = [pages(page(everybody(1, 6) + everybody(8, 20), total=20, unreadable=["7"]))]
    sync()
    gone = Person.objects.get(employee_number="00007")
    assert gone.standing == Standing.LEFT and suspended() == [gone.public_id]


def test_a_dry_run_of_a_source_that_collapsed_does_not_lower_the_bar_for_the_next_run() -> None:
    hr = book()
    sync()
    hr.rows.clear()
    for key, values in everybody(1, 4):
        hr.write(key, **values)
    drive(start_run(Connector.objects.get(key="hr"), Trigger.MANUAL, RunMode.FULL, is_dry=True), patience_seconds=30)
    run = sync(approve=False)
    assert run.phase == "held" and Hold.objects.get(run=run).code == "source_collapsed"


def test_while_a_row_does_not_say_whose_it_is_nobody_counts_as_missing_and_the_run_says_so(client) -> None:
    hr = book()
    sync()
    all_but_seven = [one for one in everybody() if one[0] != "7"]
    for _ in range(3):
        hr.script = [pages(page(all_but_seven, total=20, unreadable=[""]))]
        run = sync()
    assert not SourceRecord.objects.exclude(missing_count=0).exists() and suspended() == []
    client.force_login(staff())
    body = client.get(f"/admin/runs/{run.pk}/").content.decode()
    assert "Nobody was counted as missing: 1 row that was set aside has no id and may be anybody&#x27;s." in body
    del hr.rows["7"]
    sync()
    assert SourceRecord.objects.get(missing_count=1).external_id == "7"


@pytest.mark.parametrize("unreadable", [["7"], ["7", "8", "9", "10", "11", "", ""]])
def test_rows_that_are_set_aside_cost_as_many_queries_many_as_one(unreadable: list[str]) -> None:
    hr = book()
    sync()
    hr.script = [pages(page([one for one in everybody() if one[0] not in unreadable], total=20, unreadable=unreadable))]
    with CaptureQueriesContext(connection) as asked:
        sync()
    about_records = [one["sql"] for one in asked.captured_queries if "integrations_sourcerecord" in one["sql"]]
    assert len([sql for sql in about_records if "external_id" in sql.partition("WHERE")[2]]) == 1, about_records


@pytest.mark.parametrize("is_told", [False, True], ids=["ends in the middle", "says that it broke off"])
def test_a_read_of_changes_that_is_cut_off_is_held_and_the_next_one_asks_for_the_same_again(is_told: bool) -> None:
    hr = book()
    sync()
    before = Watermark.objects.get(connector__key="hr").mark
    later(hours=1)
    hr.write("21", **worker(21))
    hr.write("22", **worker(22))
    later(hours=1)
    first = page([("21", worker(21))], is_last=False, cursor=1)
    broken = [AnswerCutOff("half a page")] if is_told else []
    hr.script = [pages(first, *broken), *([pages(*broken)] * 2 if is_told else [])]
    run = work_until_it_rests(queued(RunMode.DELTA))
    assert run.phase == "held" and Hold.objects.get(run=run).code == "fetch_cut_off"
    assert Watermark.objects.get(connector__key="hr").mark == before
    assert Notice.objects.filter(key="run.held:hr", closed_at=None).count() == 1

    run = approved(run)
    assert run.phase == "succeeded" and Person.objects.filter(employee_number="00021").exists(), "who came is taken in"
    assert Watermark.objects.get(connector__key="hr").mark == before

    sync(mode=RunMode.DELTA)
    assert hr.asked[-1][0].since == before - timedelta(minutes=15)
    assert Person.objects.filter(employee_number="00022").exists(), "who did not come then comes now"
    mark = Watermark.objects.get(connector__key="hr").mark
    assert mark is not None and before is not None and mark > before


def test_the_mark_of_a_read_that_failed_does_not_move() -> None:
    hr = book()
    sync()
    before = Watermark.objects.get().mark
    later(hours=1)
    hr.script = [pages(Unavailable("maintenance"))] * MOST_TRIES
    run = work_until_it_rests(queued())
    assert run.phase == "failed" and Watermark.objects.get().mark == before


def test_what_nobody_mapped_reaches_no_table_and_the_run_says_what_was_dropped() -> None:
    FieldMapping.objects.filter(mapping__connector__key="hr", target="location").delete()
    hr = book(3)
    for key in list(hr.rows):
        hr.write(key, salary="91,500.00", national_id="SSN-000", location="Berlin")
    run = sync()
    for record in SourceRecord.objects.filter(connector__key="hr"):
        assert not {"salary", "national_id", "location"} & set(record.payload) | {"salary", "national_id", "location"} & set(record.values)
    assert run.counts["dropped"] == {"people": ["location", "national_id", "salary"]}
    hr.write("1", salary="99,000.00")
    assert sync().counts["same"] == 3, "a raise is no change that anybody hears of"
    hr.write("1", job_title="Buyer", salary="99,000.00")
    sync()
    assert all("salary" not in one.payload for one in RecordVersion.objects.all()) and RecordVersion.objects.count() == 1


def test_a_full_read_counts_what_the_reads_of_changes_had_missed(client) -> None:
    hr = book()
    sync()
    later(minutes=60)
    hr.write("3", job_title="Auditor")
    sync(mode=RunMode.DELTA)
    mark = Watermark.objects.get(connector__key="hr").mark
    assert mark is not None
    later(minutes=60)
    hr.write("4", at=mark - timedelta(minutes=30), job_title="Clerk")  # entered long ago, and no read of changes told it
    hr.write("5", job_title="Analyst")
    run = sync(mode=RunMode.FULL)
    assert run.counts["missed"] == 1
    client.force_login(staff())
    body = client.get(f"/admin/runs/{run.pk}/").content.decode()
    assert "1 change had been missed when only changes were read; this full read found it." in body
    assert sync(mode=RunMode.FULL).counts["missed"] == 0


def test_a_source_that_is_set_to_read_from_elsewhere_is_read_whole_and_only_then_by_what_changed() -> None:
    book()
    sync()
    hr = Connector.objects.get(key="hr")
    other = Book.of("elsewhere")
    for key, values in everybody(1, 22):
        other.write(key, at=clock.now() - timedelta(days=300), **values)
    hr.settings = {**hr.settings, "book": "elsewhere"}
    hr.save()
    later(hours=1)
    sync(mode=RunMode.DELTA)
    assert Person.objects.count() == 22 and other.asked[-1][0].is_full
    later(hours=1)
    sync(mode=RunMode.DELTA)
    assert not other.asked[-1][0].is_full


def test_a_field_that_is_mapped_for_the_first_time_is_filled_for_everybody_by_the_next_run(client) -> None:
    FieldMapping.objects.filter(mapping__connector__key="hr", target="job_title").delete()
    hr = book()
    sync()
    later(hours=1)
    sync(mode=RunMode.DELTA)
    assert not hr.asked[-1][0].is_full and not Person.objects.filter(values__job_title="Analyst").exists()

    published = MappingVersion.objects.get(connector__key="hr", state="published")
    author = staff()
    made = draft(published.connector, "people", author)
    row = {**as_values(made.rows.get(target="department")), "target": "job_title", "source": "job_title"}
    save_draft(made, [*map(as_values, made.rows.all()), row], author)
    act = PublishMapping(author, made)
    told = [english(one) for one in act.preview().sentences]
    assert told[-1] == "The next run reads everything again, because until now nobody kept job_title: above it still counts as empty."
    act.execute("titles are wanted")

    later(hours=1)
    run = sync(mode=RunMode.DELTA)
    assert hr.asked[-1][0].is_full and Person.objects.filter(values__job_title="Analyst").count() == 20
    assert run.counts["missed"] == 0, "that nobody had it is no fault of the reads of changes"
    client.force_login(author)
    assert "because what is read or where from has changed" in client.get(f"/admin/runs/{run.pk}/").content.decode()
    later(hours=1)
    sync(mode=RunMode.DELTA)
    assert not hr.asked[-1][0].is_full


def test_another_mapping_of_the_same_fields_reads_nothing_again() -> None:
    hr = book()
    sync()
    published = MappingVersion.objects.get(connector__key="hr", state="published")
    author = staff()
    made = draft(published.connector, "people", author)
    save_draft(made, [{**as_values(row), "transforms": ["trim"]} for row in made.rows.all()], author)
    act = PublishMapping(author, made)
    assert not any("reads everything again" in one for one in act.preview().sentences)
    act.execute("spaces")
    later(hours=1)
    sync(mode=RunMode.DELTA)
    assert not hr.asked[-1][0].is_full


def test_a_field_that_came_and_was_not_kept_is_offered_in_the_editor_by_its_name_alone() -> None:
    hr = Connector.objects.get(key="hr")
    Book.of("hr").write("1", **worker(1), Vorname="Xaver", **{"Cost centre": "CC-1"})
    sync()
    assert {"Vorname", '"Cost centre"'} <= set(known_fields(hr, "people"))
    assert "Xaver" not in str(SourceRecord.objects.get(connector=hr, external_id="1").payload)
    Book.of("hr").rows["1"] = (worker(1), clock.now())
    sync()
    assert "Vorname" not in known_fields(hr, "people")


def test_a_status_nobody_knows_opens_no_account_and_keeps_what_was() -> None:
    Book.of("hr").write("1", **worker(1))
    Book.of("hr").write("2", **worker(2, status="Former"))
    run = sync()
    (parked,) = RecordOutcome.objects.filter(run=run, outcome="parked")
    assert (parked.code, parked.field) == ("value_invalid", "status") and "Former" in parked.detail
    assert not Person.objects.filter(employee_number="00002").exists()
    Book.of("hr").write("2", **worker(2, status="Terminated", termination_on="2020-01-02"))
    assert sync().phase == "succeeded" and Person.objects.get(employee_number="00002").standing == "left"
