"""Streams that know what changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from integrations.sandbox.server import Running
from integrations.vendors.base import Page, Record, Vendor
from tests.contracts.vendor.how import NOW
from tests.contracts.vendor.source import SourceContract


class DeltaContract(SourceContract):
    """For streams that know what changed since a moment."""

    def one(self, sandbox: Running) -> str:
        """Somebody who is at work."""
        today = sandbox.world.today()
        workers = sandbox.world.workers(self.how.hr)
        return next(worker.key for worker in workers if worker.state(today) == "active" and worker.manager_key and not worker.deleted)

    def later(self, sandbox: Running, **time: int) -> None:
        assert sandbox.clock is not None
        sandbox.clock.advance(**(time or {"seconds": 5}))

    def delta(self, subject: Vendor, sandbox: Running, since: datetime | None) -> tuple[dict[str, Record], Page]:
        self.later(sandbox)
        pages = self.read(subject, sandbox, since=since)
        return {record.external_id: record for page in pages for record in page.records}, pages[-1]

    def test_a_delta_brings_what_was_entered_after_the_mark(self, subject: Vendor, sandbox: Running) -> None:
        mark = self.read(subject, sandbox)[-1].mark
        key = self.one(sandbox)
        self.later(sandbox)
        sandbox.world.change_title(self.how.hr, key, "Keeper of the Lists")
        found, last = self.delta(subject, sandbox, mark)
        assert key in found and "Keeper of the Lists" in json.dumps(found[key].payload) and last.is_last

    def test_a_delta_is_smaller_than_everybody(self, subject: Vendor, sandbox: Running) -> None:
        mark = self.read(subject, sandbox)[-1].mark
        self.later(sandbox, days=3)
        sandbox.world.change_title(self.how.hr, self.one(sandbox), "Keeper of the Lists")
        found, _ = self.delta(subject, sandbox, max(mark or NOW, sandbox.world.now() - timedelta(hours=1)))
        assert 1 <= len(found) < len(self.how.truth(sandbox)) / 2

    def test_deltas_in_a_row_lose_nobody_and_their_marks_do_not_go_back(self, subject: Vendor, sandbox: Running) -> None:
        mark = self.read(subject, sandbox)[-1].mark
        people = [worker.key for worker in sandbox.world.workers(self.how.hr) if worker.state(sandbox.world.today()) == "active"][:6]
        for number, key in enumerate(people):
            sandbox.world.change_title(self.how.hr, key, f"Keeper {number}")
            found, last = self.delta(subject, sandbox, mark)
            assert key in found and last.mark is not None and mark is not None and last.mark >= mark
            mark = last.mark

    def test_a_leaver_and_a_newcomer_are_in_the_delta(self, subject: Vendor, sandbox: Running) -> None:
        mark = self.read(subject, sandbox)[-1].mark
        self.later(sandbox)
        leaver = self.one(sandbox)
        sandbox.world.terminate(self.how.hr, leaver, sandbox.world.today())
        newcomer = sandbox.world.hire(self.how.hr, "Nia", "Okafor").key
        found, _ = self.delta(subject, sandbox, mark)
        assert {leaver, newcomer} <= set(found)

    def test_nothing_changed_is_one_last_page_without_people(self, connect: Callable[..., Vendor], sandbox: Running) -> None:
        self.later(sandbox, days=3)
        subject = connect()
        found, last = self.delta(subject, sandbox, sandbox.world.now())
        assert found == {} and last.is_last and last.mark is not None
