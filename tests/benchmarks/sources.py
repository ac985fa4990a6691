"""A source of a given size: a vendor's emulator behind a connector, or an extract in a folder."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from django.conf import settings
from django.db import transaction

from config import clock
from config.audit.cause import because
from config.audit.models import CauseKind
from config.sentences import sentence
from integrations.canonical import Kind
from integrations.connectors.models import Connector, Credential
from integrations.connectors.open import opened
from integrations.mapping.models import ValueMap
from integrations.mapping.value_map_rows import set_row
from integrations.mapping.versions import install_default
from integrations.sandbox.extract import COLUMNS, csv_text
from integrations.sandbox.world import World
from integrations.vendors import vendor_class
from integrations.vendors.base import Window
from syncjobs.demo.company import names_of
from tests.benchmarks.ground import ROOT

SETTINGS: dict[str, dict[str, Any]] = {
    "workday": {"tenant": "meridian", "username": "isu_rollcall", "page_size": 999},
    "bamboohr": {"company": "meridian"},
}
SECRETS = {"workday": {"password": "sandbox-isu-password"}, "bamboohr": {"api_key": "sandbox-bamboohr-key"}}
PATHS = {"workday": "", "bamboohr": "/api/v1"}
CSV_SHARE = 24  # one person in 24 of a world is in the extract


@dataclass
class Source:
    connector: Connector
    people: int
    address: str = ""
    folder: Path | None = None

    def warm(self) -> int:
        """Read everything once without storing it, so that the emulator has its answers ready. The number of people."""
        window = Window(until=clock.now(), as_of=clock.today())
        with opened(self.connector) as vendor:
            people = next(stream.name for stream in vendor.streams if stream.kind == Kind.WORKER)
            return sum(len(page.records) for page in vendor.fetch(people, window))

    def change(self, people: int) -> None:
        """So many get another title."""
        if self.folder is not None:
            _retitle(self.folder / "employees.csv", people)
            return
        box = urlsplit(self.address)
        with urlopen(Request(f"http://{box.netloc}/bench/change?people={people}", method="POST")) as response:
            json.load(response)


@contextmanager
def source(vendor: str, people: int) -> Iterator[Source]:
    if vendor == "csv_file":
        yield _extract(people)
        return
    command = [sys.executable, "-m", "tests.benchmarks.box", vendor, str(people)]
    box = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert box.stdout is not None
        address, count = box.stdout.readline().split()
        settings.SANDBOX_HOSTS = [urlsplit(address).netloc]
        connector = _connector(vendor, {**SETTINGS[vendor], "base_url": address + PATHS[vendor]}, SECRETS[vendor])
        yield Source(connector, int(count), address)
    finally:
        box.kill()
        box.wait()


def _extract(people: int) -> Source:
    folder = settings.DATA_DIR / "files"
    folder.mkdir(parents=True, exist_ok=True)
    today = datetime.now(UTC).date()
    world = World(7, people * CSV_SHARE, today)
    with (folder / "employees.csv").open("w", newline="") as file:
        for start in range(0, people, 5000):
            text = csv_text(world.workers("csv", start, min(start + 5000, people)), today)
            file.write(text if start == 0 else text.partition("\r\n")[2])
    form = {"source": "folder", "folder": str(folder), "pattern": "*.csv", "id_column": COLUMNS[0], "settle_seconds": 0}
    return Source(_connector("csv_file", form, {}), people, folder=folder)


def _retitle(path: Path, people: int) -> None:
    lines = path.read_text().splitlines(keepends=True)
    step = max(1, (len(lines) - 1) // people)
    for index in range(1, len(lines), step):
        cells = lines[index].split(",")
        lines[index] = ",".join([*cells[:7], f"{cells[7]} II", *cells[8:]])
    path.write_text("".join(lines), newline="")


def _connector(vendor: str, form: dict[str, Any], secrets: dict[str, str]) -> Connector:
    connector = Connector.objects.create(key=vendor, name=vendor, vendor=vendor, rank=10, settings=form)
    for name, value in secrets.items():
        Credential.objects.create(connector=connector, name=name, value=value, set_at=clock.now())
    for stream, rows in vendor_class(vendor).default_mapping.items():
        install_default(connector, stream, rows, None)
    _name_codes()
    return connector


@transaction.atomic
def _name_codes() -> None:
    """As in an installation at work: every code has its name, and nothing waits for one."""
    cause = because(CauseKind.SETTING, sentence("Names of the invented company"))
    for value_map in ValueMap.objects.filter(rows=None):
        for row in names_of(value_map):
            set_row(value_map, row, cause, cause.at)
