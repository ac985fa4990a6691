"""How each vendor is reached in the sandbox, and what there is to find: one entry of HOW each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from integrations.sandbox.server import Running

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
        small={"integrations.vendors.bamboohr.vendor.BambooHR.page_rows": 30, "integrations.vendors.bamboohr.listing.PAGE": 20},
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
        small={"integrations.vendors.csv_file.vendor.CsvFile.page_rows": 10},
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
