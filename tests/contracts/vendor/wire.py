"""What the network and the other side can do wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from config.errors import AnswerCutOff, CredentialRejected, RateLimited, RetryLater, UnexpectedAnswer
from integrations.sandbox.server import Running
from integrations.vendors.base import Vendor
from integrations.wire.http import Exchange
from tests.contracts.vendor.how import NOW
from tests.contracts.vendor.source import SourceContract


class VendorContract(SourceContract):
    """For vendors over HTTP: what the network and the other side can do wrong."""

    def break_it(self, sandbox: Running, **switches: Any) -> None:
        sandbox.faults.set(self.vendor, **switches)

    def test_a_wrong_credential_is_an_auth_fault(self, connect: Callable[..., Vendor], sandbox: Running) -> None:
        subject = connect({**self.how.secrets, **self.how.wrong})
        health = subject.check()
        assert not health.ok and any(isinstance(step.error, CredentialRejected) for step in health.steps)
        with pytest.raises(CredentialRejected) as caught:
            self.read(subject, sandbox)
        assert caught.value.retry is False

    def test_being_asked_to_slow_down_is_tried_again_at_the_moment_named(self, subject: Vendor, sandbox: Running) -> None:
        self.how.throttled(sandbox)
        with pytest.raises(RateLimited) as caught:
            self.read(subject, sandbox)
        assert caught.value.retry_at == (NOW + timedelta(seconds=7) if self.how.says_when else None)

    def test_a_page_instead_of_data_is_unexpected_and_tried_again(self, subject: Vendor, sandbox: Running) -> None:
        self.break_it(sandbox, html_instead=True)
        with pytest.raises(UnexpectedAnswer):
            self.read(subject, sandbox)

    @pytest.mark.parametrize("status", [500, 502, 503])
    def test_a_broken_server_is_tried_again(self, subject: Vendor, sandbox: Running, status: int) -> None:
        self.break_it(sandbox, server_error=True, server_error_status=status)
        with pytest.raises(RetryLater):
            self.read(subject, sandbox)

    def test_a_server_that_hangs_up_is_tried_again(self, subject: Vendor, sandbox: Running) -> None:
        self.break_it(sandbox, down=True)
        with pytest.raises(RetryLater):
            self.read(subject, sandbox)

    def test_half_an_answer_is_never_taken_for_a_whole_one(self, subject: Vendor, sandbox: Running) -> None:
        self.break_it(sandbox, cut_off=True)
        with pytest.raises(AnswerCutOff):
            self.read(subject, sandbox)

    @pytest.mark.parametrize("switch", ["down", "html_instead", "server_error", "cut_off"])
    def test_a_connection_test_against_a_broken_side_fails_in_a_step_and_raises_nothing(
        self, subject: Vendor, sandbox: Running, switch: str
    ) -> None:
        self.break_it(sandbox, **{switch: True})
        health = subject.check()
        assert not health.ok and [step.error for step in health.steps if step.error]

    def test_a_last_page_that_was_cut_is_not_called_complete(self, subject: Vendor, sandbox: Running) -> None:
        self.break_it(sandbox, truncate_last_page=True)
        try:
            pages = self.read(subject, sandbox)
        except RetryLater:
            return
        heard = {record.external_id for page in pages for record in page.records}
        announced = pages[-1].total
        assert not self.how.is_paged or not pages[-1].is_last or heard == self.how.truth(sandbox) or len(heard) < (announced or 0)

    def test_people_who_come_twice_are_neither_lost_nor_multiplied(self, subject: Vendor, sandbox: Running) -> None:
        self.break_it(sandbox, duplicate_across_pages=True)
        pages = self.read(subject, sandbox)
        heard = {record.external_id for page in pages for record in page.records}
        truth = self.how.truth(sandbox)
        assert heard <= truth
        assert heard == truth or not pages[-1].is_last or len(heard) < (pages[-1].total or 0)

    def test_an_empty_source_is_no_error_and_names_nobody(self, subject: Vendor, sandbox: Running) -> None:
        self.break_it(sandbox, empty=True)
        pages = self.read(subject, sandbox)
        assert pages and not [record for page in pages for record in page.records]

    def test_neither_secrets_nor_people_stand_in_the_request_log(
        self, subject: Vendor, sandbox: Running, exchanges: list[Exchange]
    ) -> None:
        self.read(subject, sandbox)
        logged = " ".join(exchange.url for exchange in exchanges)
        assert exchanges and not [value for value in self.how.secrets.values() if value in logged]
        assert "@" not in logged
