from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from config import clock
from config.health.heartbeat import beat, real_now
from config.health.models import Heartbeat
from syncjobs.schedules.models import Blackout, SyncSchedule
from syncjobs.schedules.words import sentence
from tests.cost import cost
from tests.rows import a_connector, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def ivan(client):
    client.force_login(staff("Integration engineer"))
    return client


def a_schedule(cron: str = "0 2 * * *", **given) -> SyncSchedule:
    return SyncSchedule.objects.create(connector=a_connector(), cron=cron, **given)


def test_days_and_months_are_said_in_the_language_of_the_reader():
    with translation.override("de"):
        assert sentence("0 3 * * 0", "Europe/Berlin") == "Um 03:00, nur am Sonntag, Europe/Berlin"
        assert "März" in sentence("0 3 1 3 *", "Europe/Berlin")
    with translation.override("en"):
        assert "Sunday" in sentence("0 3 * * 0", "Europe/Berlin")


def local(moment) -> str:
    return timezone.localtime(moment, clock.zone("Europe/Berlin")).strftime("%Y-%m-%dT%H:%M")


def test_a_line_is_told_in_the_readers_language():
    assert sentence("0 2 * * *", "Europe/Berlin") == "At 02:00, every day, Europe/Berlin"
    with translation.override("de"):
        assert sentence("0 2 * * *", "Europe/Berlin") == "Um 02:00, jeden Tag, Europe/Berlin"


def test_the_next_five_runs_are_shown(ivan):
    a_schedule()
    (line,) = ivan.get("/admin/schedules/").context["lines"]
    assert len(line["next"]) == 5 and all(timezone.localtime(at, clock.zone("Europe/Berlin")).hour == 2 for at in line["next"])


def test_a_line_is_run_now_by_those_who_may_start_runs_and_says_what_happens_to_runs_that_meet(client):
    a_schedule()
    for role, shown in (("L&D admin", True), ("Auditor", False)):
        client.force_login(staff(role))
        body = client.get("/admin/schedules/").content.decode()
        assert ("/admin/runs/start/?connector=workday&amp;mode=delta" in body) is shown
        assert "A source is read by one run at a time" in body


def test_a_source_that_missed_its_runs_is_flagged(ivan):
    connector = a_connector(last_success_at=clock.now() - timedelta(days=4))
    SyncSchedule.objects.create(connector=connector, cron="0 2 * * *")
    answer = ivan.get("/admin/schedules/")
    assert answer.context["late"] == 1 and "overdue" in answer.content.decode()


def test_without_a_clock_process_the_page_is_red_and_with_one_it_is_not(ivan):
    assert ivan.get("/admin/schedules/").context["is_silent"]
    beat("beat")
    assert not ivan.get("/admin/schedules/").context["is_silent"]
    Heartbeat.objects.update(at=real_now() - timedelta(seconds=121))
    assert ivan.get("/admin/schedules/").context["is_silent"]


def test_a_schedule_is_shown_before_it_is_saved_and_then_due(ivan):
    form = {"connector": a_connector().pk, "cron": "0 2 * * 1-5", "time_zone": "Europe/Berlin", "mode": "delta", "is_active": "on"}
    looked = ivan.post("/admin/schedules/add/", {**form, "look": "1"})
    assert len(looked.context["next"]) == 5 and not SyncSchedule.objects.exists()
    ivan.post("/admin/schedules/add/", form)
    assert SyncSchedule.objects.get().next_due_at > clock.now()


@pytest.mark.parametrize(
    ("field", "value"),
    [("cron", "every night"), ("cron", "* * * * *"), ("cron", "0 0 31 2 *"), ("time_zone", "Berlin"), ("mode", "people")],
)
def test_what_is_no_timetable_is_refused_with_words(ivan, field, value):
    form = {
        "connector": a_connector().pk,
        "cron": "0 2 * * *",
        "time_zone": "Europe/Berlin",
        "mode": "delta",
        "is_active": "on",
        field: value,
    }
    answer = ivan.post("/admin/schedules/add/", form)
    assert answer.status_code == 400 and field in answer.context["form"].errors
    assert not SyncSchedule.objects.exists()


def test_a_pause_wants_an_end_and_a_reason_and_can_be_ended(ivan):
    row = a_schedule()
    page = f"/admin/schedules/{row.pk}/pause/"
    until = clock.now() + timedelta(days=2)
    assert ivan.post(page, {"until": local(until), "reason": ""}).status_code == 400
    assert ivan.post(page, {"until": local(clock.now() - timedelta(days=1)), "reason": "x"}).status_code == 400
    ivan.post(page, {"until": local(until), "reason": "payroll week"})
    row.refresh_from_db()
    assert row.paused_until is not None
    assert "paused" in ivan.get("/admin/schedules/").content.decode()
    ivan.post(f"/admin/schedules/{row.pk}/resume/")
    row.refresh_from_db()
    assert row.paused_until is None


def test_a_line_is_removed_for_a_reason(ivan):
    row = a_schedule()
    ivan.post(f"/admin/schedules/{row.pk}/remove/", {"reason": "not needed"})
    assert not SyncSchedule.objects.exists()


def test_a_blackout_has_to_end_after_it_begins(ivan):
    now = clock.now()
    form = {"name": "Payroll", "starts_at": local(now + timedelta(days=1)), "ends_at": local(now)}
    assert ivan.post("/admin/blackouts/add/", form).status_code == 400
    ivan.post("/admin/blackouts/add/", {**form, "ends_at": local(now + timedelta(days=2))})
    row = Blackout.objects.get()
    assert "Payroll" in ivan.get("/admin/schedules/").content.decode()
    ivan.post(f"/admin/blackouts/{row.pk}/remove/")
    assert not Blackout.objects.exists()


def test_learning_admins_read_the_timetable_and_change_nothing(client):
    row = a_schedule()
    client.force_login(staff())
    assert "Pause…" not in client.get("/admin/schedules/").content.decode()
    assert client.get(f"/admin/schedules/{row.pk}/").status_code == 403
    assert client.post(f"/admin/schedules/{row.pk}/remove/", {"reason": "x"}).status_code == 403


def test_the_timetable_costs_the_same_with_more_lines(ivan):
    a_schedule()
    few = cost(ivan, "/admin/schedules/")
    for hour in range(1, 9):
        a_schedule(f"0 {hour} * * *")
    assert cost(ivan, "/admin/schedules/") == few
