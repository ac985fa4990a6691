"""The runs: list, page, plan, decisions. Who may do what, what is masked, and that the cost does not grow with the rows."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core.cache import cache

from config import clock
from config.audit.models import Cause
from config.roles.masking import DOTS
from config.sentences import sentence
from identity.people.models import Link
from integrations.connectors.models import RequestLog
from integrations.outbound.models import Delivery
from syncjobs.plans.models import PlannedChange
from syncjobs.runs.models import SyncRun
from tests.cost import cost
from tests.rows import a_connector, a_person, staff
from tests.syncjobs.pages.run_rows import a_change, a_held_run, a_hold, a_parked, a_plan, a_run, a_write

pytestmark = pytest.mark.django_db
LND, IT, AUDITOR, PARTNER, APPROVER = "L&D admin", "Integration engineer", "Auditor", "Partner manager", "Approver"


@pytest.fixture(autouse=True)
def _fresh_counts():
    cache.clear()


@pytest.fixture
def see(client):
    def as_role(path, role=LND, status=200):
        client.force_login(staff(role))
        answer = client.get(path)
        assert answer.status_code == status, answer.status_code
        return b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()

    return as_role


# ── the list ────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_says_what_changed_and_what_failed(see):
    run = a_run(phase="partial", counts={"heard": 250, "parked": 24, "dead": 1})
    a_plan(run, {"people": {"update": 30}, "academy": {"deactivate": 3, "update": 19}})
    body = see("/admin/runs/")
    assert body.index("deactivate") < body.index("update")
    assert "</span> 3</span>" in body and "<b>25</b>" in body and "2 min" in body
    assert f"· run {run.pk}</span>" in body


def test_the_list_says_first_how_many_ran_wait_and_failed(see):
    a_run()
    assert "1 run so far; none waits, and none of the last day's failed." in see("/admin/runs/")
    a_run(phase="failed", finished_at=clock.now())
    assert "2 runs so far; of the last day's, 1 failed." in see("/admin/runs/")
    a_held_run(2, 2)
    assert "3 runs so far; 1 waits for a decision before its first write." in see("/admin/runs/")


def test_the_list_is_narrowed_by_connector_state_and_trigger(see):
    a_run()
    other = a_run(a_connector("bamboohr"), phase="failed", trigger="manual")
    for asked in ("connector=bamboohr", "phase=failed", "trigger=manual"):
        body = see(f"/admin/runs/?{asked}")
        assert f"/admin/runs/{other.pk}/" in body and "1 run" in body, asked
    assert "No run fits" in see("/admin/runs/?phase=held")


def test_the_list_goes_on_after_the_last_run_shown(client):
    client.force_login(staff())
    for _number in range(60):
        a_run()
    first = client.get("/admin/runs/")
    assert "50 of 60 runs" in first.content.decode()
    after = first.context["pager"].next
    second = client.get(f"/admin/runs/{after}")
    assert len(second.context["lines"]) == 10 and second.context["pager"].previous


def test_the_list_costs_the_same_however_many_runs(client):
    client.force_login(staff())

    a_plan(a_run(), {})
    few = cost(client, "/admin/runs/")
    for _number in range(30):
        a_plan(a_run(), {"academy": {"update": 1}})
    assert cost(client, "/admin/runs/") == few


@pytest.mark.parametrize("path", ["/admin/runs/", "/admin/runs/{run}/", "/admin/runs/{run}/plan/", "/admin/runs/{run}/plan.csv"])
def test_who_may_not_see_runs_is_refused_and_who_is_not_signed_in_is_asked_to(client, path):
    path = path.format(run=a_held_run().pk)
    assert client.get(path).status_code == 302
    client.force_login(staff(PARTNER))
    assert client.get(path).status_code == 403


# ── one run ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_held_run_says_first_what_was_stopped_and_what_happens_if_nobody_decides(see):
    run = a_held_run(people=4, others=2)
    body = see(f"/admin/runs/{run.pk}/", APPROVER)
    assert "Stopped before the first write: 4 people would be deactivated" in body
    assert "In Academy 4 people would be deactivated, 17.6% of 1204; the limit is 5%." in body
    assert "If nobody decides, the run ends" in body
    assert "Approve all 6…" in body and "Do not apply…" in body
    assert 'value="academy:create" checked' in body and 'value="academy:deactivate" checked' not in body


def test_buttons_stand_only_where_they_would_work(see):
    run = a_held_run()
    lnd, approver, auditor = (see(f"/admin/runs/{run.pk}/", role) for role in (LND, APPROVER, AUDITOR))
    assert "/approve/" not in lnd and "/cancel/" in lnd and "your role may look" in lnd
    assert "/approve/" in approver and "/cancel/" not in approver
    assert "/approve/" not in auditor and "/cancel/" not in auditor and "run-start" not in auditor


def test_the_plan_is_grouped_with_the_most_dangerous_first(see):
    run = a_held_run()
    body = see(f"/admin/runs/{run.pk}/")
    assert body.index("The plan: Academy") < body.index("The plan: Our own facts")
    assert body.index("the last day has passed") < body.index("employed, has no account yet")
    assert "Given1 Family1" in body


def test_who_is_skipped_is_in_the_plan_and_no_change_of_it(see):
    run = a_held_run(people=4, others=2)
    a_change(run.plan, 9, "skip", target=a_connector("academy"), reason_code="asked", reason="waits for a decision")
    body = see(f"/admin/runs/{run.pk}/")
    assert "6 changes, and why" in body and "7 changes" not in body and "skip" in body


def test_the_plan_is_downloaded_beside_the_plan_and_not_before_the_decision(see):
    body = see(f"/admin/runs/{a_held_run().pk}/", APPROVER)
    assert body.index("Stopped before the first write") < body.index("The plan: Our own facts") < body.index("Plan as CSV")
    assert "Plan as CSV" not in see(f"/admin/runs/{a_run().pk}/")


def test_the_numbers_of_a_run_add_up_in_words(see):
    body = see(f"/admin/runs/{a_run(counts={'heard': 941, 'same': 941, 'planned': 0}).pk}/")
    assert "941 records read = 941 unchanged + 0 new or changed + 0 set aside" in body
    assert "Complete: all 941 announced records came." in body
    broken = see(f"/admin/runs/{a_run(counts={'heard': 941, 'same': 936}).pk}/")
    assert "5 records are not accounted for" in broken


def test_errors_are_grouped_with_example_next_step_and_owner(see):
    run = a_run(phase="partial", counts={"heard": 30, "same": 8, "parked": 22})
    a_parked(run, 20)
    a_parked(run, 2, "value_missing", field="status", detail="Status is empty")
    body = see(f"/admin/runs/{run.pk}/")
    assert body.index("20 records") < body.index("2 records")
    assert "is not a date" in body and "Correct the value in the source system" in body
    assert "Whoever keeps the source can mend this" in body and "Retry what failed" in body


def test_masked_readers_see_counts_and_steps_but_nobody(see):
    run = a_held_run()
    a_parked(run)
    for path in (
        f"/admin/runs/{run.pk}/",
        f"/admin/runs/{run.pk}/plan/?target=academy",
        f"/admin/runs/{run.pk}/people/1/",
        f"/admin/runs/{run.pk}/records/",
    ):
        body = see(path, IT)
        assert "Family" not in body and "2026-11-20" not in body and "Given7" not in body, path
    assert f"G{DOTS} F{DOTS}" in see(f"/admin/runs/{run.pk}/", IT)
    for kind in ("csv", "json"):
        body = see(f"/admin/runs/{run.pk}/plan.{kind}", IT)
        assert "Family" not in body and "person5@" not in body and DOTS in body


def test_nothing_is_claimed_of_a_write_that_reading_back_cannot_tell(see):
    run = a_run(phase="succeeded", stage="verify")
    a_write(run, 1, operation="set_manager")
    a_write(run, 2, operation="create", verified_at=run.created_at)
    body = see(f"/admin/runs/{run.pk}/")
    assert body.index("Make the account") < body.index("Set the manager"), "in the order in which they are sent"
    assert '<td class="rc-num rc-none" data-k="read back, equal">–</td>' in body


def test_a_whole_plan_is_not_called_by_its_first_group(see):
    run = a_held_run(2, 2)
    whole, group = see(f"/admin/runs/{run.pk}/plan/"), see(f"/admin/runs/{run.pk}/plan/?target=academy&kind=deactivate&reason=left")
    headline = '<h1 id="headline" tabindex="-1">{}</h1>'
    assert headline.format("6 changes") in whole
    assert headline.format("2 changes: Academy") in group


def test_going_on_with_what_came_does_not_speak_of_a_plan_that_is_not_there(see):
    run = a_run(phase="held", stage="fetch")
    a_hold(run, 0, code="fetch_broken", kind="", target_key="", sentence="The reading of Workday broke off 3 times.")
    body = see(f"/admin/runs/{run.pk}/approve/", APPROVER)
    assert "The run goes on with what was read so far." in body and "0 changes" not in body


def test_writes_are_counted_by_operation_and_state(see):
    run = a_run(phase="applying", stage="deliver", done=1, total=3)
    a_write(run, 1, operation="create", verified_at=run.created_at)
    a_write(run, 2, operation="create", state="pending", attempts=2, error_code="timed_out")
    a_write(run, 3, operation="deactivate", state="dead", error_code="target_refused", error_detail="no")
    body = see(f"/admin/runs/{run.pk}/")
    assert "Make the account" in body and "Suspend the account" in body and "retrying" in body
    assert "The other side took too long to answer." in body and "The learning system refused" in body
    assert "Sending to the learning system: 1 of 3" in body


def test_a_run_page_costs_the_same_however_many_people(client):
    client.force_login(staff("administrator"))

    small, large = a_held_run(2, 2), a_held_run(40, 40)
    a_parked(small)
    a_parked(large, 30)
    assert cost(client, f"/admin/runs/{large.pk}/") == cost(client, f"/admin/runs/{small.pk}/")


def test_a_failed_run_says_why_and_what_to_do(see):
    body = see(f"/admin/runs/{a_run(phase='failed', stage='fetch', error_code='credential_rejected', error_detail='401').pk}/")
    assert "The other side refused our key, token or password." in body and "replace the secret" in body
    assert "The run failed before it could plan." in body


def test_a_dry_run_says_that_nothing_was_written(see):
    run = a_run(is_dry=True, stage="guard")
    a_change(a_plan(run, {"academy": {"deactivate": 1}}), 1, target=a_connector("academy"))
    body = see(f"/admin/runs/{run.pk}/")
    assert "Dry run: nothing was written" in body and "Run for real" in body


def test_progress_is_polled_until_the_run_waits_or_ends(client):
    client.force_login(staff())
    run = a_run(phase="planning", stage="fetch", done=300, total=None)
    answer = client.get(f"/admin/runs/{run.pk}/progress/")
    assert answer.status_code == 200 and "Reading from Workday: 300" in answer.content.decode()
    SyncRun.objects.filter(pk=run.pk).update(phase="held", stage="guard")
    answer = client.get(f"/admin/runs/{run.pk}/progress/")
    assert answer.status_code == 286 and answer["HX-Refresh"] == "true"


# ── people of the plan ──────────────────────────────────────────────────────────────────────────────


def test_a_group_lists_everybody_in_it_and_nobody_else(see):
    run = a_held_run(people=3, others=2)
    body = see(f"/admin/runs/{run.pk}/plan/?target=academy&kind=deactivate&reason=left")
    assert "3 changes: Academy" in body and body.count("left after 2026-11-20") == 3
    assert "Nobody is in this part of the plan" in see(f"/admin/runs/{run.pk}/plan/?target=academy&kind=link")


def test_one_person_is_shown_before_and_after_facts_beside_account(see):
    run = a_held_run(people=1)
    body = see(f"/admin/runs/{run.pk}/people/1/")
    assert body.index("Our own facts") < body.index("<h2>Academy</h2>")
    assert "<del>" in body and "</span>open</del>" in body and "</span>closed</ins>" in body
    see(f"/admin/runs/{run.pk}/people/999/", status=404)


def test_no_address_of_a_plan_holds_a_name_or_an_e_mail(see):
    body = see(f"/admin/runs/{a_held_run().pk}/")
    addresses = [piece.split('"')[0] for piece in body.split('href="')[1:]]
    assert not [one for one in addresses if "Family" in one or "@" in one]


def test_the_plan_as_csv_cannot_start_a_formula(see):
    run = a_run()
    a_change(a_plan(run, {}), 1, target=a_connector("academy"), name="=HYPERLINK(1)", after={"city": "@SUM(1)"}, before={})
    rows = list(csv.DictReader(io.StringIO(see(f"/admin/runs/{run.pk}/plan.csv").lstrip("\ufeff"))))
    assert rows[0]["name"] == "'=HYPERLINK(1)" and rows[0]["after"] == "'@SUM(1)" and rows[0]["person"] == "P-000001"


def test_the_plan_as_json_holds_every_change(see):
    run = a_held_run(people=3, others=2)
    told = json.loads(see(f"/admin/runs/{run.pk}/plan.json"))
    assert len(told) == PlannedChange.objects.filter(plan__run=run).count() == 8
    assert {one["target"] for one in told} == {"people", "academy"}
    assert json.loads(see(f"/admin/runs/{a_run().pk}/plan.json")) == []


def test_records_of_a_run_are_listed_by_what_became_of_them(see):
    run = a_run(phase="partial")
    a_parked(run, 2)
    a_parked(run, 1, "value_missing", position=17)
    body = see(f"/admin/runs/{run.pk}/records/?outcome=parked&code=value_missing")
    assert "1 record" in body and "row 17" in body and "Fill the value in the source system" in body
    assert "No record fits" in see(f"/admin/runs/{run.pk}/records/?outcome=gone")


def test_a_record_set_aside_is_shown_with_the_person_it_has_long_belonged_to(see):
    person, run = a_person(7), a_run(phase="partial")
    a_parked(run, 1, record=Link.objects.get(person=person).record)
    body = see(f"/admin/runs/{run.pk}/records/?outcome=parked")
    assert 'href="/admin/people/7/"' in body and "not a person yet" not in body and "Hire date" in body
    assert "Workers <span" in body and "workers <span" not in body  # the stream by its name, not by its key


def test_a_list_of_records_costs_the_same_with_more_of_them(client):
    client.force_login(staff())
    run, path = a_run(phase="partial"), "/admin/runs/{}/records/"
    a_parked(run, 1, record=Link.objects.get(person=a_person(1)).record)
    few = cost(client, path.format(run.pk))
    for number in range(2, 12):
        a_parked(run, 1, record=Link.objects.get(person=a_person(number)).record)
    assert cost(client, path.format(run.pk)) == few


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────


def test_approving_some_kinds_previews_exactly_these_and_then_does_them(client):
    client.force_login(staff(APPROVER))
    run = a_held_run(people=4, others=2)
    path = f"/admin/runs/{run.pk}/approve/?some=1&change=academy:create"
    preview = client.get(path).content.decode()
    assert "2 changes will be made." in preview and "4 changes will not be made" in preview
    assert client.post(path, {"reason": "the leavers are checked first"}).status_code == 302
    run.refresh_from_db()
    assert (run.phase, run.stage) == ("applying", "apply")
    assert PlannedChange.objects.filter(plan__run=run, target__isnull=False, state="refused").count() == 4
    assert Cause.objects.filter(kind="decision", reason="the leavers are checked first").exists()


def test_approving_everything_warns_of_what_people_lose(client):
    client.force_login(staff(APPROVER))
    run = a_held_run(people=4, others=2)
    assert "4 people would lose something" in client.get(f"/admin/runs/{run.pk}/approve/").content.decode()
    client.post(f"/admin/runs/{run.pk}/approve/", {"reason": "checked with HR"})
    assert not PlannedChange.objects.filter(plan__run=run, state="refused").exists()


@pytest.mark.parametrize("send", ["get", "post"])
def test_the_plan_of_a_dry_run_cannot_be_applied(client, send):
    client.force_login(staff(APPROVER))
    run = a_held_run()
    SyncRun.objects.filter(pk=run.pk).update(is_dry=True)
    answer = getattr(client, send)(f"/admin/runs/{run.pk}/approve/", {"reason": "yes"}, follow=True)
    assert "its plan cannot be applied" in answer.content.decode() and "Approve all" not in answer.content.decode()
    run.refresh_from_db()
    assert run.phase == "held"


def test_ticking_nothing_decides_nothing(client):
    client.force_login(staff(APPROVER))
    run = a_held_run()
    answer = client.get(f"/admin/runs/{run.pk}/approve/?some=1", follow=True)
    assert "Tick at least one kind of change" in answer.content.decode()
    run.refresh_from_db()
    assert run.phase == "held"


@pytest.mark.parametrize("verb", ["approve", "refuse"])
def test_a_decision_without_a_reason_is_asked_for_it_and_does_nothing(client, verb):
    client.force_login(staff(APPROVER))
    run = a_held_run()
    answer = client.post(f"/admin/runs/{run.pk}/{verb}/", {"reason": "  "})
    assert answer.status_code == 400 and "Please give a reason" in answer.content.decode()
    run.refresh_from_db()
    assert run.phase == "held" and not Cause.objects.filter(kind="decision").exists()


def test_a_refused_plan_ends_the_run_without_a_write(client):
    client.force_login(staff(APPROVER))
    run = a_held_run()
    client.post(f"/admin/runs/{run.pk}/refuse/", {"reason": "the source was cut off"})
    run.refresh_from_db()
    assert run.phase == "cancelled" and not Delivery.objects.exists()


@pytest.mark.parametrize("verb", ["approve", "refuse"])
def test_who_may_not_approve_is_told_so_and_nothing_happens(client, verb):
    client.force_login(staff(LND))
    run = a_held_run()
    answer = client.post(f"/admin/runs/{run.pk}/{verb}/", {"reason": "because"})
    assert answer.status_code == 403 and "Your role does not allow this." in answer.content.decode()
    run.refresh_from_db()
    assert run.phase == "held"


def test_the_second_of_two_deciders_is_told_that_the_first_was_faster(client):
    client.force_login(staff(APPROVER))
    run = a_held_run()
    client.post(f"/admin/runs/{run.pk}/refuse/", {"reason": "no"})
    answer = client.post(f"/admin/runs/{run.pk}/approve/", {"reason": "yes"})
    body = answer.content.decode()
    assert answer.status_code == 409 and "This plan waits for no decision any more" in body
    assert "change will be made" not in body and "changes will be made" not in body
    assert Cause.objects.filter(kind="decision").count() == 1


def test_an_engineer_sees_which_column_is_missing_and_nobodys_address(see):
    told = sentence("there is no column %(absent)s; the file has %(found)s", absent=["“Vorname”"], found=["jane.doe@meridian.example"])
    run = a_run(phase="failed", stage="fetch", error_code="source_field_missing", error_detail=told)
    engineer, lnd = see(f"/admin/runs/{run.pk}/", IT), see(f"/admin/runs/{run.pk}/", LND)
    assert "there is no column “Vorname”" in engineer and "jane.doe@" not in engineer
    assert "no column “Vorname”" in lnd and "jane.doe@" in lnd


@pytest.mark.parametrize("verb", ["approve", "refuse", "cancel"])
def test_a_run_that_has_ended_offers_no_decision_and_takes_none(client, verb):
    client.force_login(staff(LND if verb == "cancel" else APPROVER))
    run = a_run()
    a_plan(run, {"academy": {"create": 7}}, "applied")
    for answer in (client.get(f"/admin/runs/{run.pk}/{verb}/"), client.post(f"/admin/runs/{run.pk}/{verb}/", {"reason": "late"})):
        body = answer.content.decode()
        assert answer.status_code == 409 and "“succeeded”" in body
        assert "7 changes" not in body and 'name="reason"' not in body
    assert not Cause.objects.filter(kind="decision").exists()


def test_a_run_is_cancelled_with_a_reason(client):
    client.force_login(staff(LND))
    run = a_run(phase="planning", stage="fetch")
    assert "The run stops within seconds." in client.get(f"/admin/runs/{run.pk}/cancel/").content.decode()
    client.post(f"/admin/runs/{run.pk}/cancel/", {"reason": "wrong file"})
    run.refresh_from_db()
    assert run.cancel_asked


def test_what_failed_is_tried_again(client):
    client.force_login(staff(LND))
    run = a_run(phase="partial", counts={"dead": 1})
    row = a_write(run, 1, state="dead", error_code="target_refused")
    client.post(f"/admin/runs/{run.pk}/retry/", {"reason": ""})
    row.refresh_from_db()
    assert row.state == "pending"


def test_a_failed_run_can_be_told_to_go_on_until_a_later_one_has_read_the_source(client):
    client.force_login(staff(LND))
    run = a_run(phase="failed", stage="fetch", error_code="credential_expired", tries=1, counts={})
    assert f"/admin/runs/{run.pk}/retry/" in client.get(f"/admin/runs/{run.pk}/").content.decode()
    assert "The run goes on where it stopped." in client.get(f"/admin/runs/{run.pk}/retry/").content.decode()
    assert client.post(f"/admin/runs/{run.pk}/retry/", {"reason": ""}).url == f"/admin/runs/{run.pk}/"
    run.refresh_from_db()
    assert (run.phase, run.stage, run.error_code, run.tries, run.finished_at) == ("planning", "fetch", "", 0, None)
    SyncRun.objects.filter(pk=run.pk).update(phase="failed", finished_at=run.created_at)
    a_run()
    assert f"/admin/runs/{run.pk}/retry/" not in client.get(f"/admin/runs/{run.pk}/").content.decode()


# ── sync now ────────────────────────────────────────────────────────────────────────────────────────


def test_sync_now_asks_what_previews_it_and_leads_to_the_run(client):
    client.force_login(staff(LND))
    a_connector()
    assert 'value="workday"' in client.get("/admin/runs/start/").content.decode()
    path = "/admin/runs/start/?connector=workday&mode=full&dry=1"
    preview = client.get(path).content.decode()
    assert "Everything will be read." in preview and "Nothing will be written." in preview
    assert not SyncRun.objects.exists()
    answer = client.post(path, {"reason": ""})
    run = SyncRun.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"/admin/runs/{run.pk}/"
    assert run.is_dry and run.mode == "full"


def test_sync_now_says_what_becomes_of_a_plan_that_waits(client):
    client.force_login(staff(LND))
    held = a_held_run()
    path = "/admin/runs/start/?connector=workday&mode=delta"
    assert f"The plan of run {held.pk} waits for a decision; the new plan takes its place." in client.get(path).content.decode()
    assert "takes its place" not in client.get(f"{path}&dry=1").content.decode()


def test_sync_now_is_not_for_readers(client):
    a_connector()
    for role in (AUDITOR, APPROVER):
        client.force_login(staff(role))
        assert client.get("/admin/runs/start/").status_code == 403
        assert client.post("/admin/runs/start/?connector=workday", {"reason": ""}).status_code == 403
    assert not SyncRun.objects.exists()


def test_a_target_or_a_paused_source_cannot_be_read(client):
    client.force_login(staff(LND))
    a_connector("academy")
    paused = a_connector()
    paused.state = "paused"
    paused.save()
    for key in ("academy", "nowhere"):
        assert client.get(f"/admin/runs/start/?connector={key}").status_code == 404
    off = client.post("/admin/runs/start/?connector=workday", {"reason": ""})
    assert off.status_code == 409 and "Workday is switched off" in off.content.decode()
    assert not SyncRun.objects.exists()


def test_a_run_says_who_did_not_come_and_whose_code_has_no_name(see):
    body = see(f"/admin/runs/{a_run(counts={'heard': 0, 'missing': 250, 'unmapped': 91}).pk}/")
    assert "250 records that were known did not come. If the next full read does not bring them either, they count as gone." in body
    assert "91 records carry a code that has no name yet; the names they had stay." in body


def test_a_run_says_how_many_accounts_change_as_its_plan_adds_up(see):
    run, academy = a_run(counts={"heard": 9, "planned": 96}), a_connector("academy")
    a_plan(run, {"people": {"update": 45}, "academy": {"create": 46, "skip": 5}}, state="applied")
    assert "46 changes planned" in see(f"/admin/runs/{run.pk}/")
    skips = a_run(counts={"heard": 9, "planned": 5})
    a_plan(skips, {academy.key: {"skip": 5}}, state="applied")
    assert "no account changes" in see(f"/admin/runs/{skips.pk}/")


def test_a_manager_in_a_plan_is_named_with_the_field(see):
    run = a_run()
    for number in (1, 2, 3):
        a_person(number)
    change = {"reason_code": "facts_changed", "before": {"manager": "P-000002"}, "after": {"manager": "P-000003"}}
    a_change(a_plan(run, {"people": {"update": 1}}), 1, "update", **change)
    body = see(f"/admin/runs/{run.pk}/")
    assert "Given2 Family2" in body and "Given3 Family3" in body and "P-000002" not in body
    assert ": Manager " in body


def test_somebody_whose_plan_is_applied_is_one_click_away(see):
    a_person(1)
    run = a_run()
    a_change(a_plan(run, {}), 1, target=a_connector("academy"), state="applied")
    assert 'href="/admin/people/1/"' in see(f"/admin/runs/{run.pk}/people/1/")


def test_a_run_says_by_which_mappings_and_settings_it_went_and_which_calls_were_made_meanwhile(client):
    client.force_login(staff("Integration engineer"))
    workday = a_connector("workday")
    a_connector("academy")
    used = {"workday": {"workers": 3, "organizations": 1}, "academy": {"users": 2}, "gone": {"workers": 1}}
    run = a_run(workday, counts={"heard": 1, "same": 1, "mappings": used})
    for minutes, url in ((-1, "https://hr.example/during"), (-9, "https://hr.example/before")):
        at = clock.now() + timedelta(minutes=minutes)
        RequestLog.objects.create(connector=workday, at=at, method="GET", url=url, status=200, ms=7)
    assert "mapping version 1, 3" in client.get("/admin/runs/").content.decode()
    page = client.get(f"/admin/runs/{run.pk}/")
    assert [(one.connector, one.stream, one.number) for one in page.context["mappings"]] == [
        ("workday", "organizations", 1),
        ("workday", "workers", 3),
        ("academy", "users", 2),
    ]
    body = page.content.decode()
    assert "/admin/mappings/workday/workers/" in body and page.context["settings_version"] == 0, "made before the connector was, here"
    calls = client.get(f"/admin/connectors/{workday.pk}/requests/?run={run.pk}").content.decode()
    assert f"/admin/connectors/{workday.pk}/requests/?run={run.pk}" in body
    assert "hr.example/during" in calls and "hr.example/before" not in calls
    assert "No request fits" in client.get(f"/admin/connectors/{workday.pk}/requests/?run=no").content.decode()


def test_a_run_that_reads_can_be_paused_by_its_source_and_one_that_writes_cannot(client):
    client.force_login(staff("Integration engineer"))
    reading, writing = a_run(phase="planning", stage="fetch"), a_run(phase="applying", stage="deliver")
    assert "Pause the source" in client.get(f"/admin/runs/{reading.pk}/").content.decode()
    assert "Pause the source" not in client.get(f"/admin/runs/{writing.pk}/").content.decode()


# ── who is outside a pilot group ────────────────────────────────────────────────────────────────────


def test_the_figure_of_who_was_left_alone_leads_to_who_is_outside_the_group_now(see):
    academy = a_connector("academy")
    academy.pilot = {"locations": ["Berlin"]}
    academy.save()
    run = a_run(counts={"heard": 5, "out_of_pilot": 3})
    link = '<a href="/admin/people/?outside=academy">Who is outside that of Academy now</a>'
    assert link in see(f"/admin/runs/{run.pk}/")
    assert "outside=" not in see(f"/admin/runs/{a_run().pk}/")
    assert "3 people are outside the pilot group" in see(f"/admin/runs/{run.pk}/", AUDITOR)
