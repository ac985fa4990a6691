"""When a joiner's account was ready, against midnight where they work, and what made it late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config import clock
from config.errors import TargetRefused
from identity.people.models import Link, Person
from integrations.connectors.models import Connector
from integrations.outbound.models import Delivery
from syncjobs.explain.first_day import FirstDay, Starters, in_words, starters, starting
from syncjobs.explain.late_start import reasons
from syncjobs.guards.decisions import ApprovePlan
from syncjobs.pages.figures import Figures, figures
from syncjobs.pages.joiners import summary
from syncjobs.pages.overview import _first_days, _starters_note
from syncjobs.pipeline.drive import drive
from syncjobs.pipeline.tick import tick
from syncjobs.runs.models import SyncRun, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Shelf, sync, worker
from tests.company import set_clock
from tests.cost import cost
from tests.rows import staff

IN_TOKYO = datetime(2026, 6, 14, 15, tzinfo=UTC)  # midnight of Monday, 15 June
IN_BERLIN = datetime(2026, 6, 14, 22, tzinfo=UTC)


@pytest.fixture(autouse=True)
def somebody_works_here_already(installed: None) -> None:
    """The first plan is approved, and nobody in it is a joiner. No guard stops what follows."""
    cache.clear()
    Book.of("hr").write("1", **worker(1))
    sync()
    Connector.objects.filter(key="lms").update(guard={"all": {"people": 1000, "share": 1, "most": 1000}})


def hire(number: int = 2, zone: str = "Asia/Tokyo", day: str = "2026-06-15") -> None:
    Book.of("hr").write(str(number), **worker(number, hire_on=day, time_zone=zone))


def pass_to(moment: datetime) -> None:
    """What time alone brings about until then, done."""
    set_clock(moment + timedelta(seconds=1))
    tick()
    for run in SyncRun.objects.filter(phase="queued"):
        drive(run, patience_seconds=30)


def the_day(now: datetime | None = None) -> FirstDay:
    days = starting(now or clock.now(), Person.objects.all())
    assert len(days) == 1, days
    return days[0]


def why(day: FirstDay) -> str:
    return reasons([day])[day.person.pk, day.target_id]


def test_an_account_made_at_midnight_in_tokyo_is_ready_there_while_berlin_still_waits() -> None:
    hire(2, "Asia/Tokyo")
    hire(3, "Europe/Berlin")
    sync()
    pass_to(IN_TOKYO)
    day = the_day()
    assert (day.zone, day.begins, day.state) == ("Asia/Tokyo", IN_TOKYO, "in_time")
    assert in_words(day, clock.now()).startswith("account ready ") and in_words(day, clock.now()).endswith(" after day one began")
    pass_to(IN_BERLIN)
    assert [(one.zone, one.state) for one in starting(clock.now(), Person.objects.all())] == [
        ("Europe/Berlin", "in_time"),
        ("Asia/Tokyo", "in_time"),
    ]


def test_with_a_pre_boarding_window_the_account_is_ready_a_day_before_day_one() -> None:
    Connector.objects.filter(key="hr").update(policy={"ready_days_before": 1})
    hire()
    sync()
    pass_to(IN_TOKYO - timedelta(days=1))
    pass_to(IN_TOKYO + timedelta(minutes=5))
    day = the_day()
    assert day.state == "early" and day.ready_at is not None and timedelta(hours=23) < day.begins - day.ready_at <= timedelta(hours=24)
    assert in_words(day, clock.now()).endswith("before day one")
    assert starters([day], clock.now()).ready == 1 and reasons([day]) == {}


def test_an_account_made_early_and_closed_is_ready_when_it_is_opened() -> None:
    Connector.objects.filter(key="lms").update(policy={"before_start": "suspended"})
    hire()
    sync()
    assert len(Shelf.of("lms").accounts) == 2
    pass_to(IN_TOKYO)
    day = the_day()
    assert day.state == "in_time" and day.ready_at is not None and day.ready_at >= IN_TOKYO


def test_until_six_that_morning_nobody_is_late() -> None:
    hire()
    sync()
    now = IN_TOKYO + timedelta(hours=5)  # nothing has run
    day = the_day(now)
    assert day.state == "not_yet" and starters([day], now).all == 0
    day = the_day(IN_TOKYO + timedelta(hours=7))
    assert day.state == "missing" and in_words(day, IN_TOKYO + timedelta(hours=7)) == "no open account, 7 h after day one began"
    assert why(day) == "nothing ran in time that planned it"


def test_a_source_that_names_the_day_too_late_is_the_reason_and_is_counted_apart() -> None:
    set_clock(IN_TOKYO + timedelta(days=2))
    hire()
    sync()
    day = the_day()
    assert day.state == "late" and day.is_told_late and why(day).startswith("the source named this day only 2 d")
    known = starters([day], clock.now())
    assert (known.all, known.told_late, known.missing) == (0, 1, 0)
    assert summary(known) == ["1 more was named by the source only after the day had begun; nobody could have been in time."]


def test_a_plan_that_waited_for_approval_is_the_reason() -> None:
    hire()
    sync()
    Connector.objects.filter(key="lms").update(guard={"all": {"people": 1, "share": 0, "most": 1}})
    pass_to(IN_TOKYO)
    held = SyncRun.objects.get(phase="held")
    set_clock(IN_TOKYO + timedelta(hours=8, minutes=1))
    assert the_day().state == "missing" and why(the_day()) == "its plan waits for approval"
    ApprovePlan(None, held).execute("he starts today")
    drive(held, patience_seconds=30)
    day = the_day()
    assert day.state == "late" and why(day).startswith("its plan was approved 8 h")
    known = starters([day], clock.now())
    assert known.all == 1 and known.ready == 0 and known.latest is not None and known.latest >= timedelta(hours=8)


def test_a_write_that_was_refused_is_the_reason() -> None:
    hire()
    sync()
    set_clock(IN_TOKYO + timedelta(minutes=1))
    Shelf.of("lms").trouble = [TargetRefused("no")]
    pass_to(IN_TOKYO + timedelta(minutes=1))
    set_clock(IN_TOKYO + timedelta(hours=7))
    assert the_day().state == "missing" and why(the_day()).startswith("the learning system did not take it: ")


def test_somebody_outside_the_pilot_group_is_not_waited_for() -> None:
    Connector.objects.filter(key="lms").update(pilot={"units": ["Sales"]})
    hire()
    sync()
    assert starting(IN_TOKYO + timedelta(hours=7), Person.objects.all()) == []


def test_an_account_that_was_there_already_is_ready() -> None:
    set_clock(IN_TOKYO + timedelta(hours=1))
    hire()
    Shelf.of("lms").accounts["77"] = {"idnumber": "P-000002", "username": "x", "email": "x@y.example", "suspended": False}
    sync()
    day = the_day(IN_TOKYO + timedelta(hours=7))
    assert day.was_there and day.state == "early" and in_words(day, clock.now()) == "the account was there already"


def test_who_has_worked_here_for_years_is_no_joiner_and_nobody_is_looked_at_after_a_month() -> None:
    assert starting(clock.now(), Person.objects.all()) == []
    hire()
    sync()
    pass_to(IN_TOKYO)
    set_clock(IN_TOKYO + timedelta(days=31))
    assert starting(clock.now(), Person.objects.all()) == []


def test_the_first_page_counts_them_and_leads_to_the_late_ones(client: Client) -> None:
    hire(2)
    hire(3, "Europe/Berlin")
    sync()
    pass_to(IN_TOKYO)
    set_clock(IN_BERLIN + timedelta(hours=7))
    cache.clear()
    known = figures().starters
    assert (known.all, known.ready, known.missing) == (2, 1, 1)
    client.force_login(staff())
    body = client.get("/admin/").content.decode()
    assert "Ready on day one, 30 days" in body and "1 of 2" in body and "1 has no open account" in body
    body = client.get("/admin/people/first-days/").content.decode()
    assert body.index("Given3") < body.index("Given2"), "whoever waits stands first"
    assert "no open account, 7 h after day one began" in body and "nothing ran in time that planned it" in body
    assert "1 of 2 people who started in the last 30 days" in body


def test_the_persons_page_says_it_beside_the_account_and_in_the_timeline(client: Client) -> None:
    hire()
    sync()
    pass_to(IN_TOKYO)
    client.force_login(staff())
    person = Person.objects.get(employee_number="00002")
    body = client.get(f"/admin/people/{person.pk}/").content.decode()
    assert "Day one begins (Asia/Tokyo)" in body and body.count("after day one began") == 2
    client.force_login(staff("Integration engineer"))
    assert "day one" not in client.get(f"/admin/people/{person.pk}/").content.decode().lower(), (
        "who may not see days is not told by a detour"
    )


@pytest.mark.parametrize("is_told_late", [False, True])
def test_the_list_tells_readers_without_days_who_waits_and_why_but_not_since_when(client: Client, is_told_late: bool) -> None:
    if is_told_late:
        set_clock(IN_TOKYO + timedelta(hours=7))
    hire()
    sync()
    set_clock(IN_TOKYO + timedelta(hours=8))
    Delivery.objects.all().delete()
    Link.objects.filter(record__connector__key="lms", person__employee_number="00002").delete()
    client.force_login(staff("Integration engineer"))
    listed = client.get("/admin/people/first-days/").content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    assert "no account" in listed and "G•••" in listed
    assert ("the source named this day only after it had begun" if is_told_late else "nothing ran in time that planned it") in listed
    assert "day one began" not in listed and " h " not in listed and "2026" not in listed


@pytest.mark.parametrize(("late", "is_shown"), [(1, False), (2, False), (3, True)])
def test_readers_without_days_get_no_figure_over_fewer_than_three_people(client: Client, late: int, is_shown: bool) -> None:
    for number in range(2, 2 + late):
        hire(number)
    sync()
    set_clock(IN_TOKYO + timedelta(hours=8))  # nothing has run
    cache.clear()
    client.force_login(staff("Integration engineer"))
    lead = client.get("/admin/people/first-days/").content.decode().partition("<tbody>")[0]
    home = client.get("/admin/").content.decode()
    assert ("The longest was 8 h behind" in lead) is is_shown and (f"0 of {late}" in lead) is is_shown
    assert (f"0 of {late}" in home) is is_shown
    if not is_shown:
        assert "Fewer than three people started in the last 30 days" in lead and "How far behind it was is not shown" in lead
        assert "fewer than three people" in home
    client.force_login(staff())
    assert "The longest was 8 h behind" in client.get("/admin/people/first-days/").content.decode(), "whoever may see days sees all"
    assert f"0 of {late}" in client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("known", "note"),
    [
        (Starters(all=2, ready=2), "fewer than three people"),
        (Starters(all=9, ready=8, missing=1), "fewer than three have no open account"),
        (Starters(all=9, ready=7, latest=timedelta(hours=30)), "fewer than three were late"),
        (Starters(all=9, ready=9, told_late=1), "fewer than three named too late"),
        (Starters(all=9, ready=6, latest=timedelta(hours=30)), "latest: 1 d 6 h after it began"),
        (Starters(all=9, ready=9), "all by six that morning"),
    ],
)
def test_the_note_on_the_first_page_names_nobodys_lateness_to_who_may_not_see_days(known: Starters, note: str) -> None:
    assert _starters_note(known, is_full=False) == note
    assert "fewer" not in _starters_note(known, is_full=True)


def test_one_late_among_many_is_not_measured_for_who_may_not_see_days() -> None:
    known = Starters(all=9, ready=8, told_late=2, latest=timedelta(hours=30))
    told = " ".join(summary(known, is_full=False))
    assert told.startswith("8 of 9 people") and "1 d" not in told and "longest" not in told and "Fewer than three were named" in told
    assert "The longest was" in " ".join(summary(known)) and "2 more were named" in " ".join(summary(known))


def test_a_hundred_joiners_cost_as_many_queries_as_one(client: Client) -> None:
    client.force_login(staff())
    hire(2)
    sync()
    set_clock(IN_TOKYO + timedelta(hours=7))
    few = cost(client, "/admin/people/first-days/"), cost(client, "/admin/")
    for number in range(3, 103):
        hire(number)
    set_clock(IN_TOKYO - timedelta(days=2))
    drive(start_run(Connector.objects.get(key="hr"), Trigger.MANUAL, RunMode.FULL), patience_seconds=30)
    set_clock(IN_TOKYO + timedelta(hours=7))
    with CaptureQueriesContext(connection) as asked:
        assert len(starting(clock.now(), Person.objects.all())) == 101
    assert len(asked) == 5
    assert (cost(client, "/admin/people/first-days/"), cost(client, "/admin/")) == few


@pytest.mark.postgres
def test_those_who_started_lately_are_found_by_an_index(installed: None) -> None:
    with CaptureQueriesContext(connection) as asked, connection.cursor() as cursor:
        starting(clock.now(), Person.objects.all())
        cursor.execute("SET LOCAL enable_seqscan = off")  # the table is empty
        cursor.execute("EXPLAIN " + next(one["sql"] for one in asked.captured_queries if "hire_on" in one["sql"]))
        assert "person_first_day" in str(cursor.fetchall())


def test_the_figure_says_more_only_where_it_counts_somebody() -> None:
    alone, beside = (Figures(starters=Starters(all=n, ready=n, told_late=1)) for n in (0, 2))
    assert [(kpi.value, str(kpi.note)) for kpi in _first_days(alone, is_full=True)] == [("–", "1 named too late")]
    assert [(kpi.value, str(kpi.note)) for kpi in _first_days(beside, is_full=True)] == [("2 of 2", "1 more named too late")]
