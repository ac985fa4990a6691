from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson

from integrations.vendors import bamboohr
from integrations.vendors.base import Window
from integrations.wire.http import Response
from tests.integrations.vendors.bamboohr.other_side import BASE, TODAY, read, records
from tests.integrations.vendors.scripted_line import Asked, said

RECORDINGS = Path(bamboohr.__file__).parent / "recordings"


def recorded(asked: Asked) -> Response:
    name = {"/employees": "list", "/reports/custom": "report", "/employees/changed": "changed"}[asked.path.removeprefix(BASE)]
    return said(orjson.loads((RECORDINGS / f"employees__{name}.json").read_bytes()))


def test_the_recorded_report_and_list_make_a_complete_read() -> None:
    pages = read(recorded)
    statuses = {one: record.payload["rollcall_status"] for one, record in records(pages).items()}
    assert statuses == {"501": "active", "502": "pending", "503": "terminated"}
    assert pages[-1].is_last and pages[-1].total == 3 and pages[-1].mark == datetime(2026, 6, 9, 10, 13, 20, tzinfo=UTC)


def test_the_recorded_feed_names_who_changed_and_who_was_erased() -> None:
    pages = read(recorded, Window(since=datetime(2026, 6, 8, tzinfo=UTC), as_of=TODAY))
    assert {one: record.deleted for one, record in records(pages).items()} == {"501": False, "504": True}
