from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from config import clock
from config.health.heartbeat import beat, real_now
from config.health.models import Heartbeat
from syncjobs.schedules.models import Blackout, SyncSchedule
from tests.cost import cost
from tests.rows import a_connector, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def ivan(client):
    client.force_login(staff("Integration engineer"))
    return client


def a_schedule(cron: str = "0 2 * * *", **given) -> SyncSchedule:
    return SyncSchedule.objects.create(connector=a_connector(), cron=cron, **given)


def local(moment) -> str:
    return timezone.localtime(moment, clock.zone("Europe/Berlin")).strftime("%Y-%m-%dT%H:%M")


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


def said(**given) -> dict[str, object]:
    """What the form sends: without scripts all fields of all choices, whether they were chosen or not."""
    usual = {"how": "daily", "at": "02:00", "day": "1", "every_hours": "6", "minute": "0", "every_minutes": "15", "cron": ""}
    common = {"time_zone": "Europe/Berlin", "mode": "delta", "overlap": "skip", "jitter_minutes": "0", "is_active": "on"}
    return {"connector": a_connector().pk, **usual, **common, **given}


@pytest.mark.parametrize("path", ["/admin/schedules/add/", "/admin/blackouts/add/"])
def test_every_field_has_a_name_in_the_readers_language(ivan, path):
    body = ivan.get(path, headers={"Accept-Language": "de"}).content.decode()
    assert "Quelle" in body and "Connector" not in body


def test_a_schedule_is_shown_before_it_is_saved_and_then_due(ivan):
    form = said(how="weekdays")
    looked = ivan.post("/admin/schedules/add/", {**form, "look": "1"})
    assert len(looked.context["next"]) == 5 and "Monday to Friday at 02:00, Europe/Berlin" in looked.content.decode()
    assert not SyncSchedule.objects.exists()
    ivan.post("/admin/schedules/add/", form)
    row = SyncSchedule.objects.get()
    assert row.cron == "0 2 * * 1-5" and row.next_due_at > clock.now()


@pytest.mark.parametrize(
    ("given", "cron"),
    [
        ({"how": "daily", "at": "22:30"}, "30 22 * * *"),
        ({"how": "days", "days": ["0", "3"]}, "0 2 * * 0,3"),
        ({"how": "monthly", "day": "15"}, "0 2 15 * *"),
        ({"how": "hours", "every_hours": "4", "minute": "10"}, "10 */4 * * *"),
        ({"how": "minutes", "every_minutes": "30"}, "*/30 * * * *"),
        ({"how": "expert", "cron": " 0  2 L * * "}, "0 2 L * *"),
        ({"how": "daily", "day": "31", "minute": "99", "cron": "nonsense"}, "0 2 * * *"),
    ],
)
def test_what_is_said_in_plain_words_becomes_a_line_of_the_timetable(ivan, given, cron):
    assert ivan.post("/admin/schedules/add/", said(**given)).status_code == 302
    assert SyncSchedule.objects.get().cron == cron


@pytest.mark.parametrize(("cron", "how"), [("0 3 * * 0", "days"), ("0 3 * * 1#2", "expert")])
def test_the_form_asks_again_in_the_words_in_which_the_line_can_be_told(ivan, cron, how):
    row = a_schedule(cron)
    page = ivan.get(f"/admin/schedules/{row.pk}/")
    assert page.context["form"]["how"].value() == how
    assert [choice.data["selected"] for choice in page.context["form"]["how"] if choice.data["value"] == how] == [True]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"how": "expert", "cron": "every night"}, "cron"),
        ({"how": "expert", "cron": "* * * * *"}, "cron"),
        ({"how": "expert", "cron": "0 0 31 2 *"}, "cron"),
        ({"how": "expert"}, "cron"),
        ({"how": "days"}, "days"),
        ({"how": "daily", "at": ""}, "at"),
        ({"how": "daily", "at": "25:00"}, "at"),
        ({"how": "monthly", "day": "31"}, "day"),
        ({"how": "often"}, "how"),
        ({"time_zone": "Berlin"}, "time_zone"),
        ({"mode": "people"}, "mode"),
        ({"overlap": "both"}, "overlap"),
        ({"how": "minutes", "jitter_minutes": "15"}, "jitter_minutes"),
    ],
)
def test_what_is_no_timetable_is_refused_with_words(ivan, given, field):
    answer = ivan.post("/admin/schedules/add/", said(**given))
    assert answer.status_code == 400 and list(answer.context["form"].errors) == [field]
    assert not SyncSchedule.objects.exists()


def test_a_line_says_what_becomes_of_it_while_a_run_is_at_work_and_when_it_begins_with_its_spread(ivan):
    row = a_schedule(overlap="wait", jitter_minutes=20)
    answer = ivan.get("/admin/schedules/")
    assert "waits for a run that is at work" in answer.content.decode() and "up to 20 minutes later" in answer.content.decode()
    (line,) = answer.context["lines"]
    assert line["next"][0] == row.next_due(clock.now()), "the very minute that the hash has drawn"


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
