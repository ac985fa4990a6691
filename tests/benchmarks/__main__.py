"""`make bench`: every figure that docs/benchmarks.md speaks of, as JSON. Needs DATABASE_URL of a PostgreSQL server; leaves nothing there.

--quick        10,000 people, once: a smoke test of the benchmarks themselves
--people N     another size (default 100,000)
--repeat N     how often each first load is measured (default 3; the median counts)
--only A,B     of: baselines, bamboohr, csv_file, workday, contention, memory
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.ground import Server, hardware, measured

LOADS = ("bamboohr", "csv_file", "workday")
PARTS = ("baselines", *LOADS, "contention", "memory")
MILLION = 1_000_000


class Session:
    """One sitting at one server: ratios are only made between figures of the same one."""

    def __init__(self, server: Server, data: Path, people: int, repeat: int) -> None:
        self.server, self.data, self.people, self.repeat = server, data, people, repeat

    def once(self, module: str, *args: object) -> dict[str, Any]:
        with self.server.database() as url:
            return measured(module, *map(str, args), url=url, data=self.data)

    def several(self, module: str, *args: object) -> list[dict[str, Any]]:
        return [self.once(module, *args) for _ in range(self.repeat)]

    def baselines(self) -> dict[str, Any]:
        """Rows a second into one table, each the median, and as a share of COPY."""
        found = self.several("baselines", self.people)
        rates = {name: round(median(one[name] for one in found)) for name in found[0]}
        return {
            "rows_per_second": rates,
            "of_copy": {name: round(rate / rates["copy_and_upsert"], 4) for name, rate in rates.items()},
        }

    def load(self, vendor: str) -> dict[str, Any]:
        """The run whose first load took the median time; quiet night, delta and pages once, on the last."""
        runs = [self.once("load", vendor, self.people, "first") for _ in range(self.repeat - 1)]
        whole = self.once("load", vendor, self.people, "pages" if vendor == "bamboohr" else "all")
        ordered = sorted([*runs, whole], key=lambda one: one["first_load"]["people_per_second"])
        chosen = ordered[len(ordered) // 2]
        found = {**whole, "parse": chosen["parse"], "first_load": chosen["first_load"]}
        found["people_per_second_of_every_try"] = [one["first_load"]["people_per_second"] for one in ordered]
        delta = whole["one_percent_changed"]
        found["one_percent_changed"]["of_first_load_without_fetch"] = round(
            (delta["seconds"] - delta["fetch_seconds"]) / whole["first_load"]["seconds"], 4
        )
        return found

    def contention(self) -> dict[str, Any]:
        """On a SQLite file of its own."""
        file = self.data / "contention.sqlite3"
        url = f"sqlite:///{file}"
        self.server.migrate(url, self.data)
        try:
            return measured("contention", str(max(2000, self.people // 5)), url=url, data=self.data)
        finally:
            file.unlink(missing_ok=True)

    def memory(self) -> dict[str, Any]:
        """MB of the process that worked, to a stored plan: at the size of the session and at ten times that (a million)."""
        sizes = (self.people, self.people * 10)
        return {f"{size:,} people": self.once("load", "csv_file", size, "plan")["first_load"]["peak_memory_mb"] for size in sizes}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", default=",".join(PARTS))
    given = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        parser.error("DATABASE_URL of a PostgreSQL server is needed: postgres://user:password@host:5432/any")
    if not os.environ.get("REDIS_URL"):
        sys.stderr.write("REDIS_URL is not set: measured with files in the place of Redis\n")
    people, repeat = (10_000, 1) if given.quick else (given.people, given.repeat)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(url)
        report: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="minutes"), "hardware": hardware(server), "people": people}
        with server.prepared(Path(folder)):
            session = Session(server, Path(folder), people, repeat)
            for part in given.only.split(","):
                report[part] = measure(session, part)
                sys.stderr.write(f"{part} measured\n")
        compare(report)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


def measure(session: Session, part: str) -> dict[str, Any]:
    if part in LOADS:
        return session.load(part)
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "baselines": session.baselines,
        "contention": session.contention,
        "memory": session.memory,
    }
    return parts[part]()


def compare(report: dict[str, Any]) -> None:
    """Our rates as shares of COPY, where both were measured in this session."""
    if "baselines" not in report:
        return
    copy = report["baselines"]["rows_per_second"]["copy_and_upsert"]
    report["of_copy"] = {vendor: round(report[vendor]["first_load"]["people_per_second"] / copy, 3) for vendor in LOADS if vendor in report}


if __name__ == "__main__":
    main()
