"""What is common to everything that can be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import jmespath
import pytest

from config.errors import NotSupported, SettingMissing
from integrations.canonical import BY_KEY, Kind
from integrations.mapping.transforms import TRANSFORMS
from integrations.sandbox.server import Running, running_sandbox
from integrations.vendors import vendor_class
from integrations.vendors.base import Page, Vendor, Window
from integrations.wire.http import Exchange, Line
from integrations.wire.safe_url import Guard
from tests.contracts.vendor.how import HOW, NOW, SIZE, How


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
