from __future__ import annotations

from pathlib import Path

from integrations.vendors.workday.vendor import Workday
from integrations.vendors.workday.workers import SECTIONS

PAGE = (Path(__file__).parents[4] / "docs" / "vendors" / "workday.md").read_text("utf-8")


def test_the_page_names_every_setting() -> None:
    assert [setting.key for setting in Workday.settings if f"`{setting.key}`" not in PAGE] == []


def test_the_page_names_every_domain_the_connection_test_asks_for() -> None:
    assert [domain for _, domain in SECTIONS.values() if domain not in PAGE] == []
