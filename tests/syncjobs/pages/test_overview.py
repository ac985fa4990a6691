"""The overview: order by consequence, honest numbers, masked names, and the same number of queries whatever the rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.cache import cache

from config import clock
from config.roles.masking import DOTS
from integrations.connectors.health import keep
from integrations.connectors.models import Connector, ConnectorIssue, Credential
from integrations.mapping.models import UnmappedValue, ValueMap
from integrations.records.models import Watermark
from integrations.vendors.base import Health, Step
from syncjobs.pages.figures import figures
from syncjobs.pages.needs import Needs
from syncjobs.pages.overview import greeting, headline
from syncjobs.runs.models import SyncRun
from tests.cost import cost
from tests.rows import a_case, a_connector, a_delivery, a_person, a_record, join, staff
from tests.syncjobs.pages.run_rows import a_held_run, a_leaver, a_parked, a_run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_figures():
    cache.clear()


@pytest.fixture
def see(client):
    def as_role(role="L&D admin", path="/admin/", status=200):
        client.force_login(staff(role))
        answer = client.get(path)
        assert answer.status_code == status, answer.status_code
        return answer.content.decode()

    return as_role


def more_of_everything(first: int, size: int) -> None:
    """`size` of each thing that the page lists or counts; enough that each kind has a line “3 more”."""
    source = a_connector()
    for number in range(first, first + size):
        a_leaver(number)
        a_case(a_record(source, f"case{number}", {}))
        a_run(finished_at=clock.now())
        a_parked(a_held_run())
        a_delivery(a_person(1000 + number), state="dead", error_code=f"code_{number}")
        UnmappedValue.objects.create(
            value_map=ValueMap.objects.get_or_create(key="locations", name="Locations")[0],
            connector=source,
            value=f"MUC-{number}",
            folded=f"muc-{number}",
            people=14,
            first_at=clock.now(),
            last_at=clock.now(),
        )


def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(client):
    client.force_login(staff("administrator"))
    more_of_everything(1, 5)
    few = cost(client, "/admin/")
    more_of_everything(100, 20)
    assert cost(client, "/admin/") == few <= 40


def test_who_left_and_can_still_sign_in_stands_first(see):
    a_run()
    a_case(a_record(a_connector(), "w9", {}))
    a_held_run()
    a_leaver(77)
    body = see("administrator")
    told = ("left, and can still sign in to Academy", "would deactivate 4 people", "Two records use the same")
    order = [body.index(words) for words in told]
    assert order == sorted(order)
    assert "Given77 Family77" in body


def test_a_closed_account_of_somebody_who_left_needs_nobody(see):
    a_run()
    a_leaver(77, suspended=True)
    body = see()
    assert "can still sign in" not in body and "1 person left, closed" in body


def test_a_suspended_leaver_is_not_counted_among_people_in_sync(db):
    a_leaver(78, suspended=True)
    assert figures().in_sync == 0


def test_a_held_plan_waits_for_others_where_the_reader_may_only_look(see):
    a_held_run()
    assert "Review plan" not in see() and "waits for others" in see()
    assert "Review plan" in see("Approver")


def test_a_held_deactivation_says_that_access_goes_on_meanwhile(see):
    a_run()
    a_held_run(people=4)
    body = see()
    assert "Until somebody decides, these people keep their access." in body
    assert "4 more in held plans" in body


def test_names_are_masked_for_readers_without_that_right(see):
    a_run()
    a_leaver(77)
    a_case(a_record(a_connector(), "w9", {}), question="Is this account in Academy Jane Doe?", kind="already_there")
    body = see("Integration engineer")
    assert "Family77" not in body and "Jane Doe" not in body
    assert f"G{DOTS} F{DOTS}" in body and "Somebody may be in the learning system already" in body


def test_questions_of_one_kind_are_one_line_for_readers_who_may_not_see_names(see):
    a_run()
    for number in range(4):
        a_case(a_record(a_connector(), f"w{number}", {}), question=f"Is this account in Academy Jane {number}?", kind="already_there")
    body = see("Integration engineer")
    assert body.count("Somebody may be in the learning system already</b> · 4 questions") == 1
    assert "/admin/decisions/?kind=already_there" in body


def test_each_connector_can_be_tested_run_and_paused_by_those_who_may(see):
    a_run()
    it, auditor = see("Integration engineer"), see("Auditor")
    assert "Run now…" in it and ">Test<" in it and "Pause…" in it
    assert "Run now…" not in auditor and ">Test<" not in auditor and "Pause…" not in auditor


def test_what_a_reader_cannot_mend_waits_for_others(see):
    a_run()
    a_case(a_record(a_connector(), "w9", {}))
    assert "One thing needs you; everything else ran." in see("L&D admin")
    body = see("Auditor")
    assert "Nothing needs you; one thing waits for others." in body and "Waits for others" in body


def test_records_set_aside_are_not_passed_over(see):
    a_run(phase="partial", counts={"heard": 250, "parked": 25})
    assert "Workday: 25 records were set aside" in see()


def test_a_failed_connection_names_what_to_do(see):
    a_run()
    ConnectorIssue.objects.create(connector=a_connector(), code="credential_rejected", first_at=clock.now(), last_at=clock.now())
    body = see("Integration engineer")
    assert "Workday: The other side refused our key, token or password." in body and "action needed" in body


def test_each_role_gets_its_own_first_page(see):
    a_run()
    lnd, it, auditor = see("L&D admin"), see("Integration engineer"), see("Auditor")
    assert lnd.index("Needs you") < lnd.index("Last 24 runs")
    assert it.index("Last 24 runs") < it.index("Running now")
    assert auditor.index("What was done last") < auditor.index("Last 24 runs")
    assert "Sync now" in lnd and "Sync now" not in auditor


def test_a_partner_manager_is_told_why_there_is_nothing(see):
    a_leaver(77)
    body = see("Partner manager")
    assert "A partner manager sees the learners of their own accounts." in body
    assert "People in sync" not in body and "Family77" not in body


def test_an_empty_installation_shows_what_to_do_first(see):
    body = see("administrator")
    assert "Add a source" in body and "Set the timetable" in body and body.count("to do") == 6
    a_connector()
    assert see("administrator").count(">to do<") < 6


def test_people_in_sync_are_those_with_an_account_and_nothing_still_to_write(see):
    a_run()
    for number in (1, 2, 3):
        join(a_person(number), a_record(a_connector("academy"), f"{number}", {"suspended": False}))
    person = a_person(4)
    join(person, a_record(a_connector("academy"), "4", {"suspended": False}))
    a_delivery(person, state="pending")
    assert '<span class="rc-kpi-label">People in sync</span><b>3</b>' in see()


def test_the_rate_of_deliveries_never_rounds_up_to_all(see):
    run = a_run()
    person = a_person(1)
    for _number in range(3):
        a_delivery(person, cause=run.cause)
    a_delivery(person, state="dead", error_code="target_refused", cause=run.cause)
    assert "75.00 %" in see()


def test_running_now_is_asked_again_until_the_run_ends(client):
    client.force_login(staff())
    run = a_run(phase="planning", stage="plan", done=1000, total=4000)
    answer = client.get("/admin/overview/running/")
    assert answer.status_code == 200
    assert "Planning: 1,000 of 4,000" in answer.content.decode() and 'hx-trigger="every 2s"' in answer.content.decode()
    SyncRun.objects.filter(pk=run.pk).update(phase="succeeded")
    answer = client.get("/admin/overview/running/")
    assert answer.status_code == 286 and "hx-trigger" not in answer.content.decode()


@pytest.mark.parametrize(("hour", "words"), [(3, "Good evening."), (7, "Good morning."), (13, "Good afternoon."), (20, "Good evening.")])
def test_the_greeting_follows_the_readers_clock(hour, words):
    assert greeting(datetime(2026, 11, 23, hour, tzinfo=UTC)) == words


def test_the_headline_says_only_what_is_so():
    assert headline(Needs(total=7), has_run=True) == "Seven things need you; everything else ran."
    assert headline(Needs(total=1), has_run=False) == "One thing needs you."
    assert headline(Needs(total=40), has_run=True) == "40 things need you; everything else ran."
    assert headline(Needs(), has_run=True) == "Nothing needs you."


def test_nobody_sees_it_without_signing_in(client):
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/overview/running/").status_code == 302


def test_a_source_without_success_for_two_due_times_is_down(see):
    connector = a_connector()
    a_run()
    connector.last_success_at = clock.now() - timedelta(days=3)
    connector.save()
    connector.schedules.create(cron="0 2 * * *", mode="delta")
    body = see("Integration engineer")
    assert "Workday is overdue" in body and "Seven" not in body


def a_late_source() -> None:
    source = a_connector()
    source.last_success_at = clock.now() - timedelta(days=3)
    source.save()
    source.schedules.create(cron="0 2 * * *", mode="delta")


NOTICES: dict[str, tuple[Callable[[], object], str]] = {  # where people are told of something → how it comes about, and its line here
    "syncjobs/runs/held.py": (a_held_run, "Workday would deactivate 4 people"),
    "syncjobs/pipeline/stages.py": (lambda: a_run(phase="failed", error_code="unexpected"), "Workday: the last run failed"),
    "syncjobs/schedules/late.py": (a_late_source, "Workday is overdue"),
    "syncjobs/pipeline/verify.py": (lambda: a_delivery(a_person(1), state="dead"), "1 change did not reach Academy"),
    "syncjobs/pipeline/watch_fields.py": (
        lambda: Watermark.objects.create(connector=a_connector(), stream="workers", vanished={"Title": 4}),
        "Workday: nobody has a value in Title any more",
    ),
    "integrations/connectors/issues.py": (
        lambda: ConnectorIssue.objects.create(
            connector=a_connector(), code="credential_rejected", first_at=clock.now(), last_at=clock.now()
        ),
        "Workday: The other side refused our key, token or password.",
    ),
}


@pytest.mark.parametrize("where", NOTICES)
def test_whatever_is_mailed_stands_here_once_as_long_as_it_is_so(see, where):
    a_run()
    come_about, line = NOTICES[where]
    assert line not in see("administrator")
    come_about()
    assert see("administrator").count(f"<b>{line}</b>") == 1


def test_nothing_is_mailed_that_has_no_line_here():
    code = (path for app in ("config", "integrations", "identity", "syncjobs") for path in (settings.BASE_DIR / app).rglob("*.py"))
    assert {str(path.relative_to(settings.BASE_DIR)) for path in code if re.search(r"^ +notify\(", path.read_text(), re.M)} == set(NOTICES)


def test_a_secret_in_use_for_more_than_a_year_is_asked_to_be_replaced_by_those_who_may(see, settings):
    connector = a_connector()
    a_run()
    Credential.objects.create(connector=connector, name="password", value="geheim", set_at=clock.now() - timedelta(days=400))
    body = see("Integration engineer")
    assert "the secret “Password” is old" in body and "set 400 days ago" in body and "geheim" not in body
    assert "is old" not in see("L&D admin")
    settings.SECRET_DAYS = 0
    assert "is old" not in see("Integration engineer")


def test_a_test_of_the_connection_does_not_make_a_late_source_punctual():
    connector = a_connector()
    long_ago = clock.now() - timedelta(days=3)
    Connector.objects.filter(pk=connector.pk).update(last_success_at=long_ago, failures=2)
    keep(connector, Health([Step("Sign in", True)]))
    connector.refresh_from_db()
    assert (connector.last_success_at, connector.failures) == (long_ago, 0)
