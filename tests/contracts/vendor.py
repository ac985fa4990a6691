"""What every vendor must survive, against the sandbox's emulator. A test module binds it in three lines:

    class TestContract(VendorContract, DeltaContract):
        vendor = "bamboohr"

SourceContract is for anything that is read, VendorContract for what is read over HTTP, DeltaContract for streams that know what
changed, TargetContract for what is written. How a vendor is reached in the sandbox stands in HOW, one entry each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import jmespath
import pytest

from config.errors import AnswerCutOff, CredentialRejected, NotSupported, RateLimited, RetryLater, SettingMissing, UnexpectedAnswer
from integrations.canonical import BY_KEY, Kind
from integrations.mapping.transforms import TRANSFORMS
from integrations.sandbox.server import Running, running_sandbox
from integrations.vendors import vendor_class
from integrations.vendors.base import Change, Page, Receipt, Record, Vendor, Window
from integrations.wire.http import Exchange, Line
from integrations.wire.safe_url import Guard

SIZE = 400  # people of the world: two or three pages in each system with the small pages below
NOW = datetime(2026, 6, 10, 8, 0, tzinfo=UTC)  # the line's clock

Values = dict[str, Any]


@dataclass(frozen=True)
class How:
    """How one vendor is reached, and what there is to find.

    `truth` are the ids a full read must bring. `small` makes a read have several pages: module attributes and their values.
    `hr` is the system of the world behind it, "" where there is none. `throttled` switches throttling on, with 7 seconds to wait.
    `says_when`: whether it names the moment to come back.
    `is_paged`: whether a read takes several calls, so that a page can be cut or repeated.
    """

    settings: Callable[[Running], Values]
    secrets: Mapping[str, str]
    stream: str
    truth: Callable[[Running], set[str]]
    small: Mapping[str, int] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    hr: str = ""
    needed: str = "base_url"
    is_paged: bool = True
    throttled: Callable[[Running], None] = lambda sandbox: None
    says_when: bool = True


def living(hr: str) -> Callable[[Running], set[str]]:
    """Everybody of a system, future hires and leavers included."""
    return lambda sandbox: {worker.key for worker in sandbox.world.workers(hr, on=date.max) if not worker.deleted}


def moodle_accounts(sandbox: Running) -> set[str]:
    return {str(user["id"]) for user in sandbox.emulators["moodle"].accounts(limit=10**6)}  # type: ignore[attr-defined]


def throttling(vendor: str, **behaviour: Any) -> Callable[[Running], None]:
    def switch(sandbox: Running) -> None:
        for name, value in behaviour.items():
            setattr(sandbox.emulators[vendor].settings, name, value)  # type: ignore[attr-defined]
        sandbox.faults.set(vendor, rate_limited=True, retry_after=7)

    return switch


HOW: dict[str, How] = {
    "bamboohr": How(
        settings=lambda sandbox: {"company": "meridian", "base_url": sandbox.address("bamboohr") + "/api/v1"},
        secrets={"api_key": "sandbox-bamboohr-key"},
        wrong={"api_key": "wrong"},
        stream="employees",
        truth=living("bamboohr"),
        small={"integrations.vendors.bamboohr.everybody.PAGE": 30, "integrations.vendors.bamboohr.listing.PAGE": 20},
        hr="bamboohr",
        needed="company",
        throttled=throttling("bamboohr", throttle="429"),
    ),
    "workday": How(
        settings=lambda sandbox: {
            "base_url": sandbox.address("workday"),
            "tenant": "meridian",
            "username": "isu_rollcall",
            "page_size": 100,
        },
        secrets={"password": "sandbox-isu-password"},
        wrong={"password": "wrong"},
        stream="workers",
        truth=living("workday"),
        hr="workday",
        throttled=throttling("workday"),
        says_when=False,  # a fault in words
    ),
    "csv_file": How(
        settings=lambda sandbox: {
            "source": "folder",
            "folder": str(sandbox.world.drop_folder),
            "id_column": "Employee ID",
            "settle_seconds": 0,
        },
        secrets={},
        stream="people",
        truth=living("csv"),
        small={"integrations.vendors.csv_file.vendor.BATCH": 10},
        hr="csv",
        needed="id_column",
        is_paged=False,
    ),
    "moodle": How(
        settings=lambda sandbox: {"base_url": sandbox.address("moodle"), "full_listing": True},
        secrets={"token": "moodle-demo-token"},
        wrong={"token": "wrong"},
        stream="users",
        truth=moodle_accounts,
        is_paged=False,
        throttled=throttling("moodle"),
    ),
}


class SourceContract:
    """Set `vendor`; what is common to everything that can be read is tested."""

    vendor: ClassVar[str]

    @property
    def how(self) -> How:
        return HOW[self.vendor]

    @property
    def kind(self) -> type[Vendor]:
        return vendor_class(self.vendor)

    @pytest.fixture
    def sandbox(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
        for name, value in self.how.small.items():
            monkeypatch.setattr(name, value)
        emulators = [self.vendor] if self.vendor != "csv_file" else []
        with running_sandbox(SIZE, vendors=emulators, drop_folder=tmp_path / "drop") as running:
            yield running

    @pytest.fixture
    def exchanges(self) -> list[Exchange]:
        return []

    @pytest.fixture
    def connect(self, sandbox: Running, exchanges: list[Exchange]) -> Iterator[Callable[..., Vendor]]:
        folder = sandbox.world.drop_folder
        guard = Guard(allow_hosts=(sandbox.host,), schemes=("http",), allow_folders=(folder,) if folder else ())
        with closing(Line(guard=guard, log=exchanges.append, clock=lambda: NOW, timeout_seconds=10)) as line:

            def connected(secrets: Mapping[str, str] | None = None, **settings: Any) -> Vendor:
                return self.kind({**self.how.settings(sandbox), **settings}, self.how.secrets if secrets is None else secrets, line)

            yield connected

    @pytest.fixture
    def subject(self, connect: Callable[..., Vendor]) -> Vendor:
        return connect()

    def window(self, sandbox: Running, **more: Any) -> Window:
        return Window(until=sandbox.world.now(), as_of=sandbox.world.today(), **more)

    def read(self, subject: Vendor, sandbox: Running, cursor: Any = None, **more: Any) -> list[Page]:
        return list(subject.fetch(self.how.stream, self.window(sandbox, **more), cursor))

    def test_it_is_in_the_registry_under_its_own_key(self) -> None:
        assert self.kind.key == self.vendor and self.kind.label and self.kind.version

    def test_every_setting_is_explained_and_every_choice_has_its_default_among_its_choices(self) -> None:
        assert len({item.key for item in self.kind.settings}) == len(self.kind.settings)
        for item in self.kind.settings:
            assert item.label, item.key
            assert item.kind in ("text", "url", "integer", "boolean", "choice", "list", "secret"), item.key
            assert item.kind != "choice" or item.default in dict(item.choices), item.key
            assert item.kind != "secret" or item.default is None, item.key

    def test_a_setting_that_is_needed_is_named_when_it_is_empty(self, sandbox: Running) -> None:
        with pytest.raises(SettingMissing) as caught:
            self.kind.checked({**self.how.settings(sandbox), self.how.needed: ""}, self.how.secrets)
        assert caught.value.field == self.how.needed

    def test_secrets_do_not_stay_among_the_settings(self, subject: Vendor) -> None:
        kept = json.dumps(subject.config, default=str)
        assert not [value for value in self.how.secrets.values() if value in kept]

    def test_the_default_mapping_is_understood(self) -> None:
        kinds = {stream.name: stream.kind for stream in self.kind.streams}
        assert self.kind.default_mapping
        for stream, rows in self.kind.default_mapping.items():
            for row in rows:
                jmespath.compile(row.source)
                assert row.null_policy in ("keep", "clear", "reject") and row.strength in ("always", "fill_if_empty", "suggest"), row
                assert all(step.partition(":")[0] in TRANSFORMS for step in row.transforms), row
                assert kinds.get(stream) != Kind.WORKER or row.target in BY_KEY, row

    def test_the_connection_test_passes_in_named_steps(self, subject: Vendor) -> None:
        health = subject.check()
        assert health.steps and health.ok, [step for step in health.steps if not step.ok]
        assert len({step.name for step in health.steps}) == len(health.steps)

    def test_an_unknown_stream_is_not_supported(self, subject: Vendor) -> None:
        with pytest.raises(NotSupported):
            list(subject.fetch("no such stream", Window()))

    def test_a_full_read_brings_everybody_once(self, subject: Vendor, sandbox: Running) -> None:
        pages = self.read(subject, sandbox)
        ids = [record.external_id for page in pages for record in page.records]
        assert sorted(ids) == sorted(self.how.truth(sandbox))
        assert not [one for page in pages for one in page.rejected]

    def test_a_whole_read_proves_itself_as_the_stream_declares(self, subject: Vendor, sandbox: Running) -> None:
        pages = self.read(subject, sandbox)
        assert not any(page.is_last for page in pages[:-1])
        proof = self.kind.stream(self.how.stream).proof
        assert pages[-1].is_last is (proof != "none")
        assert proof != "count" or pages[-1].total == len(self.how.truth(sandbox))

    def test_only_listed_fields_are_handed_out(self, subject: Vendor, sandbox: Running) -> None:
        allowed = set(self.kind.stream(self.how.stream).fields)
        found = {name for page in self.read(subject, sandbox) for record in page.records for name in record.payload}
        assert not allowed or self.kind.stream(self.how.stream).kind == Kind.LEARNER or found <= allowed

    def test_cursors_survive_json_and_reading_goes_on_after_each(self, subject: Vendor, sandbox: Running) -> None:
        pages = self.read(subject, sandbox)
        so_far: set[str] = set()
        for page in pages[:-1]:
            so_far |= {record.external_id for record in page.records}
            rest = self.read(subject, sandbox, cursor=json.loads(json.dumps(page.cursor)))
            again = {record.external_id for one in rest for record in one.records}
            assert again | so_far == self.how.truth(sandbox)
            assert rest[-1].is_last is pages[-1].is_last and rest[-1].total == pages[-1].total

    def test_one_person_can_be_read_alone(self, subject: Vendor, sandbox: Running) -> None:
        wanted = sorted(self.how.truth(sandbox))[3]
        pages = self.read(subject, sandbox, ids=(wanted,))
        assert [record.external_id for page in pages for record in page.records] == [wanted]

    def test_the_connection_is_read_lazily(self, subject: Vendor, exchanges: list[Exchange], sandbox: Running) -> None:
        subject.fetch(self.how.stream, self.window(sandbox))
        assert exchanges == []


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
        assert [receipt.error.code if receipt.error else "" for receipt in receipts] == ["not_found", ""]

    def test_nothing_is_ever_deleted(self, subject: Vendor) -> None:
        assert "delete" not in self.kind.target(self.target).operations
        with pytest.raises(NotSupported):
            subject.push(self.target, [Change("d", "delete", {}, "1")])

    def test_an_unknown_target_is_not_supported(self, subject: Vendor) -> None:
        with pytest.raises(NotSupported):
            subject.push("no such target", [])
