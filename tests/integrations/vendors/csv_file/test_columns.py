from __future__ import annotations

from typing import Any

import jmespath

from integrations.canonical import BY_KEY
from integrations.vendors.csv_file.columns import MAPPING


def mapped(row: dict[str, str | None]) -> dict[str, Any]:
    return {item.target: jmespath.search(item.source, row) for item in MAPPING}


def test_common_column_names_are_understood() -> None:
    assert {row.target for row in MAPPING} <= set(BY_KEY)
    assert all(len(row.source) <= 500 for row in MAPPING)
    snake = mapped({"employee_number": "7", "first_name": "Zoë", "last_name": "Doe", "work_email": None, "email": "z@meridian.example"})
    spaced = mapped({"Employee ID": "7", "First Name": "Zoë", "Last Name": "Doe", "Work Email": "z@meridian.example"})
    for found in (snake, spaced):
        assert (found["employee_number"], found["given_name"], found["family_name"], found["work_email"]) == (
            "7",
            "Zoë",
            "Doe",
            "z@meridian.example",
        )


def test_a_manager_becomes_a_reporting_line() -> None:
    assert mapped({"Manager ID": "K-1"})["manager_lines"] == [{"type": "primary", "manager": "K-1"}]
