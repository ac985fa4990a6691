"""A write that our own code cannot carry out ends by itself, says so, and takes nobody along."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from config.errors import Unexpected
from integrations.outbound.models import Delivery, DeliveryState
from integrations.vendors.base import Change, Receipt
from syncjobs.runs.models import Phase, SyncRun
from tests.builders import Book, Library, Shelf, sync, worker

pytestmark = pytest.mark.usefixtures("installed")


def fails_over(monkeypatch: pytest.MonkeyPatch, username: str) -> None:
    real = Shelf.push

    def push(shelf: Shelf, change: Change) -> Receipt:
        if change.values.get("username") == username:
            raise KeyError("a fault of ours")
        return real(shelf, change)

    monkeypatch.setattr(Shelf, "push", push)


def test_a_fault_of_ours_over_one_write_is_that_writes_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2, 3):
        Book.of("hr").write(str(number), **worker(number))
    fails_over(monkeypatch, worker(2)["work_email"])
    run = sync()
    made = Delivery.objects.filter(operation="create")
    assert sorted(made.values_list("state", "attempts")) == [("dead", 1), ("delivered", 1), ("delivered", 1)]
    dead = made.get(state=DeliveryState.DEAD)
    assert dead.error_code == Unexpected.code and "see the log" in dead.error_detail
    assert SyncRun.objects.get(pk=run.pk).phase == Phase.PARTIAL


def test_only_what_ends_access_may_use_the_calls_that_are_kept_free(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[tuple[str, bool]] = []
    plain = Library.push

    def push(vendor: Library, target: str, changes: Sequence[Change]) -> Sequence[Receipt]:
        used.extend((change.operation, vendor.line.urgent) for change in changes)
        return plain(vendor, target, changes)

    monkeypatch.setattr(Library, "push", push)
    Book.of("hr").write("1", **worker(1))
    Book.of("hr").write("2", **worker(2))
    sync()
    Book.of("hr").write("1", **worker(1, status="terminated", termination_on="2020-01-02"))
    Book.of("hr").write("2", **worker(2, family_name="Head"))
    sync()
    assert {*used} == {("create", False), ("deactivate", True), ("update", False)}
    assert [operation for operation, _ in used][2] == "deactivate", "before everything else of that night"
