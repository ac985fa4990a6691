"""Files as a test writes them, and the connector that reads them."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.errors import RollcallError
from integrations.vendors.base import Page, Rejected, Window
from integrations.vendors.csv_file.vendor import CsvFile
from integrations.wire.http import Line
from integrations.wire.safe_url import Guard

CONGRESS = Path(__file__).parent / "recordings" / "people_in_congress.csv"
WRITTEN = datetime(2026, 5, 20, 3, tzinfo=UTC)
NIGHT = Window(until=WRITTEN + timedelta(hours=1))


def write(path: Path, content: bytes | str, at: datetime = WRITTEN) -> None:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (at.timestamp(), at.timestamp()))


def connector(folder: Path, settings: dict[str, Any], secrets: dict[str, str] | None = None, guard: Guard | None = None) -> CsvFile:
    guard = guard or Guard(allow_folders=[folder], allow_networks=["127.0.0.0/8"])
    return CsvFile(settings, secrets or {}, Line(guard=guard))


def read(vendor: CsvFile, window: Window = NIGHT, cursor: Any = None) -> list[Page]:
    return list(vendor.fetch("people", window, cursor))


def ids(pages: list[Page]) -> list[str]:
    return [record.external_id for page in pages for record in page.records]


def reasons(pages: list[Page]) -> list[tuple[int, type[RollcallError]]]:
    return [(item.position, type(item.error)) for page in pages for item in page.rejected]


def small_pages(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(CsvFile, "page_rows", size)


def told(page: Page) -> tuple[Any, ...]:
    rejected: list[Rejected] = page.rejected
    return page.records, page.cursor, page.is_last, [(item.position, type(item.error), item.error.detail) for item in rejected]
