"""Systems that are written to."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from config.errors import NotSupported, RetryLater
from integrations.sandbox.server import Running
from integrations.vendors.base import Change, Receipt, Vendor
from tests.contracts.vendor.how import Values, moodle_accounts
from tests.contracts.vendor.source import SourceContract


class TargetContract(SourceContract):
    """For systems that are written to. `account` gives the values of a new account; `changed` one field and another value for it."""

    target: ClassVar[str] = "users"
    changed: ClassVar[tuple[str, str]] = ("department", "Night Shift")

    def account(self, name: str) -> Values:
        return {
            "username": name,
            "firstname": name.title(),
            "lastname": "Contract",
            "email": f"{name}@contract.example",
            "idnumber": f"P-{name}",
            "department": "Day Shift",
        }

    def create(self, name: str, **values: Any) -> Change:
        return Change(f"create:{name}", "create", {**self.account(name), **values})

    def held(self, subject: Vendor, remote_id: str) -> Values:
        (record,) = subject.read_back(self.target, [remote_id])
        return record.payload

    def made(self, subject: Vendor, name: str) -> str:
        (receipt,) = subject.push(self.target, [self.create(name)])
        assert receipt.error is None
        return receipt.remote_id

    def one(self, receipts: list[Receipt]) -> Receipt:
        (receipt,) = receipts
        return receipt

    def test_what_was_created_can_be_read_back(self, subject: Vendor) -> None:
        held = self.held(subject, self.made(subject, "ada"))
        assert {name: held.get(name) for name in self.account("ada")} == self.account("ada")
        assert not held.get("suspended")

    def test_what_is_written_beside_the_account_is_read_back_or_declared_as_never_shown(self, subject: Vendor) -> None:
        declared = subject.target(self.target)
        assert set(declared.unseen) <= set(declared.operations)
        remote_id = self.made(subject, "ada")
        if "cohorts" in declared.operations and "cohorts" not in declared.unseen:
            assert subject.memberships(self.target, {remote_id: {"nobody-is-in-this"}}) == {remote_id: set()}
        beside = {"cohorts", "set_manager"} & set(declared.operations)
        assert beside <= {"cohorts", *declared.unseen}  # a manager that can be read is an ordinary field

    def test_a_create_that_is_sent_twice_makes_one_account(self, subject: Vendor, sandbox: Running) -> None:
        before = len(moodle_accounts(sandbox))
        first = self.made(subject, "ada")
        assert self.made(subject, "ada") == first and len(moodle_accounts(sandbox)) == before + 1

    def test_a_create_whose_answer_was_lost_makes_one_account(self, subject: Vendor, sandbox: Running) -> None:
        before = len(moodle_accounts(sandbox))
        changes = [self.create("ada"), self.create("bea")]
        for lost in range(1, 4):  # whichever call of the push it hits
            sandbox.faults.set(self.vendor, cut_off=lost)
            with pytest.raises(RetryLater):
                subject.push(self.target, changes)
            sandbox.faults.clear(self.vendor)
        receipts = subject.push(self.target, changes)
        assert [receipt.error for receipt in receipts] == [None, None]
        assert len(moodle_accounts(sandbox)) == before + 2

    def test_a_bad_row_does_not_take_the_others_with_it(self, subject: Vendor) -> None:
        self.made(subject, "ada")
        names = [f"p{number}" for number in range(12)]
        changes = [self.create(name, **({"email": self.account("ada")["email"]} if name in ("p4", "p9") else {})) for name in names]
        receipts = subject.push(self.target, changes)
        assert [receipt.key for receipt in receipts] == [change.key for change in changes]
        failed = {receipt.key: receipt.error.code for receipt in receipts if receipt.error}
        assert failed == {"create:p4": "already_exists", "create:p9": "already_exists"}

    def test_an_update_changes_what_it_names_and_nothing_else(self, subject: Vendor) -> None:
        remote_id = self.made(subject, "ada")
        before, (name, value) = self.held(subject, remote_id), self.changed
        assert self.one(subject.push(self.target, [Change("u", "update", {name: value}, remote_id)])).error is None
        assert self.held(subject, remote_id) == before | {name: value}

    def test_an_account_is_suspended_and_opened_again(self, subject: Vendor) -> None:
        remote_id = self.made(subject, "ada")
        for operation, suspended in (("deactivate", True), ("deactivate", True), ("reactivate", False)):
            assert self.one(subject.push(self.target, [Change(operation, operation, {}, remote_id)])).error is None
            assert self.held(subject, remote_id)["suspended"] is suspended

    def test_an_account_is_found_by_each_of_its_keys(self, subject: Vendor) -> None:
        remote_id = self.made(subject, "ada")
        for by in ("idnumber", "username", "email"):
            value = self.account("ada")[by]
            found = subject.find(self.target, by, [value, "nobody@contract.example"])
            assert [record.external_id for record in found[value]] == [remote_id] and found["nobody@contract.example"] == []

    def test_an_account_that_is_gone_is_an_error_of_its_row(self, subject: Vendor) -> None:
        remote_id = self.made(subject, "ada")
        name, value = self.changed
        changes = [Change("gone", "update", {name: value}, "999999"), Change("there", "update", {name: value}, remote_id)]
        receipts = subject.push(self.target, changes)
        assert [receipt.error.code if receipt.error else "" for receipt in receipts] == ["account_missing", ""]

    def test_nothing_is_ever_deleted(self, subject: Vendor) -> None:
        assert "delete" not in self.kind.target(self.target).operations
        with pytest.raises(NotSupported):
            subject.push(self.target, [Change("d", "delete", {}, "1")])

    def test_an_unknown_target_is_not_supported(self, subject: Vendor) -> None:
        with pytest.raises(NotSupported):
            subject.push("no such target", [])
