"""Runs that really ran, seen on their pages: the sums close, and a plan approved on a page is carried out."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from syncjobs.pages.run_troubles import fates, in_plan
from syncjobs.pages.run_words import totals
from syncjobs.pipeline.drive import drive
from syncjobs.runs.models import SyncRun
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Shelf, page, pages, sync, worker
from tests.company import later
from tests.rows import staff

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture(autouse=True)
def _fresh_figures():
    cache.clear()


def book(size: int = 20) -> Book:
    found = Book.of("hr")
    for number in range(1, size + 1):
        found.write(str(number), **worker(number))
    return found


def missing(run: SyncRun) -> int:
    sums = totals(run.counts, in_plan(fates(run)))
    assert sums is not None
    return sums.missing


def test_the_sums_of_every_kind_of_run_close():
    hr = book()
    runs = [sync()]
    later(hours=1)
    hr.write("3", job_title="Senior Analyst")
    hr.write("4", hire_on="31 February")
    hr.write("21", **worker(21))
    runs += [sync(mode=RunMode.DELTA), sync(), sync()]
    everybody = [(key, values) for key, (values, _at) in hr.rows.items()]
    hr.script = [pages(page(everybody[:10], total=21, is_last=False, cursor=10), page(everybody[9:], total=21))]
    runs.append(sync(approve=False))
    assert [missing(run) for run in runs] == [0] * len(runs)
    assert {run.phase for run in runs} >= {"succeeded", "partial"}


def test_leavers_stopped_by_the_guard_are_approved_on_the_page_and_lose_their_access(client):
    hr = book()
    sync()
    later(days=1)
    for number in range(1, 9):
        hr.write(str(number), status="terminated", last_day_on="2026-06-01", termination_on="2026-06-01")
    hr.write("30", **worker(30))
    run = sync(mode=RunMode.DELTA)
    assert run.phase == "succeeded"  # approved by the builder; what follows is held again and decided on the page
    later(days=1)
    for number in range(9, 17):
        hr.write(str(number), status="terminated", last_day_on="2026-06-01", termination_on="2026-06-01")
    held = sync(mode=RunMode.DELTA, approve=False)
    assert held.phase == "held"
    client.force_login(staff("Approver"))
    body = client.get(f"/admin/runs/{held.pk}/").content.decode()
    assert "Stopped before the first write: 8 people would be deactivated" in body
    assert "HR would deactivate 8 people" in client.get("/admin/").content.decode()
    assert ": deactivate</dt><dd>8</dd>" in client.get(f"/admin/runs/{held.pk}/approve/").content.decode(), "said in words, not by a key"
    client.post(f"/admin/runs/{held.pk}/approve/", {"reason": "checked with HR"})
    run = drive(SyncRun.objects.get(pk=held.pk), patience_seconds=30)
    assert run.phase == "succeeded"
    assert sum(account["suspended"] for account in Shelf.of("lms").accounts.values()) == 16
    cache.clear()
    assert "16 people left, all closed" in client.get("/admin/").content.decode()


def test_a_reading_that_broke_off_says_that_there_is_no_plan_yet(client):
    hr = book()
    sync()
    hr.script = [pages(page([("1", worker(1))], total=20))]
    held = sync(approve=False)
    client.force_login(staff("Approver"))
    body = client.get(f"/admin/runs/{held.pk}/").content.decode()
    assert "There is no plan yet" in body and "Go on with what came…" in body
    assert "the source announced 20 and sent 1" in body


def test_a_dry_run_started_on_the_page_writes_nothing(client):
    hr = book()
    sync()
    later(hours=1)
    hr.write("1", department="Digital")
    client.force_login(staff("L&D admin"))
    client.post("/admin/runs/start/?connector=hr&mode=full&dry=1", {"reason": ""})
    run = drive(SyncRun.objects.latest("pk"), patience_seconds=30)
    assert run.is_dry and run.phase == "succeeded"
    assert {account["department"] for account in Shelf.of("lms").accounts.values()} == {"Research"}
    body = client.get(f"/admin/runs/{run.pk}/").content.decode()
    assert "Dry run: nothing was written" in body and "The plan: LMS" in body and "Digital" in body
