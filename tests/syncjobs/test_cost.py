"""What a page, a plan and a batch cost: as many queries for many people as for few; and never a question asked inside a transaction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.connectors.models import Connector
from integrations.connectors.open import opened
from integrations.outbound.models import Delivery
from integrations.records.models import SourceRecord
from integrations.wire.http import Line
from syncjobs.pipeline import deliver, stages
from syncjobs.pipeline.stages import work_on
from syncjobs.runs.models import WORKABLE, Trigger
from syncjobs.runs.start import start_run
from syncjobs.schedules.models import RunMode
from tests.builders import Book, Shelf, sync, worker
from tests.company import meridian


def queries_by_stage(monkeypatch: pytest.MonkeyPatch, first: int, last: int, stop_before: str = "deliver") -> dict[str, int]:
    """A run in which these people are new, all on one page and in one batch: the queries of each stage."""
    book = Book.of("hr")
    book.page_size = 1000
    for number in range(first, last + 1):
        book.write(str(number), **worker(number, manager_lines=[{"type": "supervisory", "manager": str(first), "unit": ""}]))
    run = start_run(Connector.objects.get(key="hr"), Trigger.MANUAL, RunMode.FULL)
    counted: dict[str, int] = {}

    def counting(name: str, stage: stages.Stage) -> stages.Stage:
        def staged(*args: Any) -> bool:
            with CaptureQueriesContext(connection) as captured:
                result = stage(*args)
            asked = [one for one in captured if "ANALYZE" not in one["sql"] and not _is_row(one["sql"])]
            counted[name] = counted.get(name, 0) + len(asked)
            return result

        return staged

    with monkeypatch.context() as patch:
        patch.setattr(stages, "STAGES", tuple((name, counting(name, stage)) for name, stage in stages.STAGES))
        while run.stage != stop_before and run.phase in WORKABLE:
            assert work_on(run.pk) or deliver.deliver_due()
            run.refresh_from_db()
    return counted


def _is_row(sql: str) -> bool:
    """On SQLite a statement for many rows is captured once for each. (ANALYZE is told once, when a table has doubled.)"""
    return connection.vendor == "sqlite" and sql.startswith("INSERT")


def free_guard() -> None:
    Connector.objects.filter(key="lms").update(guard={"all": {"people": 100_000, "share": 1, "most": 100_000}})


@pytest.mark.usefixtures("installed")
def test_a_page_a_plan_and_an_apply_cost_the_same_for_ten_people_as_for_a_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    Book.of("hr").write("1", **worker(1))
    sync()
    free_guard()
    few = queries_by_stage(monkeypatch, 2, 11)
    many = queries_by_stage(monkeypatch, 12, 111)
    assert set(few) >= {"fetch", "resolve", "look", "plan", "guard", "apply"}
    monkeypatch.undo()
    compared = ("fetch", "resolve", "look", "plan", "guard", "apply")
    assert {name: many[name] for name in compared} == {name: few[name] for name in compared}


@pytest.mark.usefixtures("installed")
def test_looking_for_newcomers_costs_the_same_where_all_of_them_are_there_already(monkeypatch: pytest.MonkeyPatch) -> None:
    Book.of("hr").write("1", **worker(1))
    sync()
    shelf = Shelf.of("lms").accounts
    for number in range(2, 212):
        shelf[str(number)] = {"username": f"person{number}@meridian.example", "email": f"person{number}@meridian.example", "idnumber": ""}
    costs = [queries_by_stage(monkeypatch, first, last, stop_before="plan")["look"] for first, last in ((2, 6), (7, 11), (12, 211))]
    assert costs[1] == costs[2]  # the first time the way up from a manager ends at once
    assert SourceRecord.objects.filter(connector__key="lms").count() == 211


@pytest.mark.usefixtures("installed")
def test_reading_back_costs_the_same_for_ten_accounts_as_for_two_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    Book.of("hr").write("1", **worker(1))
    sync()
    free_guard()
    costs = [queries_by_stage(monkeypatch, first, last, stop_before="")["verify"] for first, last in ((2, 11), (12, 211))]
    assert costs[0] == costs[1] > 0
    assert Delivery.objects.exclude(verified_at=None).count() == 211


@pytest.mark.usefixtures("installed")
def test_a_batch_of_deliveries_costs_the_same_for_five_as_for_fifty(monkeypatch: pytest.MonkeyPatch) -> None:
    Book.of("hr").write("1", **worker(1))
    sync()
    free_guard()
    costs = []
    for first, last in ((2, 6), (7, 56)):
        queries_by_stage(monkeypatch, first, last)
        target = Connector.objects.get(key="lms")
        with opened(target) as vendor, CaptureQueriesContext(connection) as captured:
            assert deliver.deliver_batch(target, vendor) == last - first + 1
        costs.append(len(captured))
        deliver.deliver_due()
        assert not Delivery.objects.filter(state="pending").exists()
    assert costs[0] == costs[1]


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_no_vendor_is_asked_inside_a_transaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    real = Line._exchange

    def watched(self: Line, *args: Any) -> Any:
        asked.append(connection.in_atomic_block)
        return real(self, *args)

    monkeypatch.setattr(Line, "_exchange", watched)
    with meridian(tmp_path) as company:
        company.night("workday", "bamboohr")
    assert len(asked) > 10 and not any(asked)
