"""One invented company, Meridian Works, as its HR systems see it. Plain Python; the emulators speak their dialects over it.

Deterministic for a seed and the day of creation. Workers are derived from an index (born.py); only what happened since is
kept: entries per worker, people who came later, and the log of changes. Safe to use from many threads.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from anyascii import anyascii

from config.sentences import sentence
from integrations.sandbox.acts import Acts
from integrations.sandbox.born import FIRST_BAMBOO_ID, FIRST_NUMBER, Birth
from integrations.sandbox.clock import Clock
from integrations.sandbox.extract import FILE_NAME, csv_bytes, csv_text
from integrations.sandbox.journal import Journal
from integrations.sandbox.past import Past
from integrations.sandbox.places import LOCATIONS
from integrations.sandbox.verbs import VERBS, Effect, Refused, mailbox, placed_by_codes
from integrations.sandbox.worker import SYSTEMS, Entry, Unit, Worker, WorldChange

__all__ = ["SYSTEMS", "Clock", "Entry", "Refused", "Unit", "Worker", "World", "WorldChange"]

DEFAULT_SIZE = 1200


class World(Acts):
    """People of the three HR systems, the chart of units, and time.

    `today` is the day of creation: past and future dates hang on it, and a world read back from its journal keeps the one
    it was made with. `now` gives the present (UTC). `drop_folder`, if given, always holds the CSV extract of the day.
    """

    def __init__(
        self,
        seed: int = 7,
        size: int = DEFAULT_SIZE,
        today: date | None = None,
        now: Callable[[], datetime] | None = None,
        *,
        state_dir: Path | None = None,
        drop_folder: Path | None = None,
    ) -> None:
        self.now = now or (lambda: datetime.now(UTC))
        self.drop_folder = drop_folder
        self._lock = threading.RLock()
        self._journal = Journal(state_dir / "world.jsonl" if state_dir else None)
        lines = list(self._journal.lines())
        if lines:
            first = lines[0]
            self._begin(int(first["seed"]), int(first["size"]), date.fromisoformat(first["today"]))
            for line in lines[1:]:
                self._absorb(self._effect(line["verb"], datetime.fromisoformat(line["at"]), line["args"]))
        else:
            self._begin(seed, size, today or self.now().date())
            self._write_first_line()
        self.drop()

    def _begin(self, seed: int, size: int, created_on: date) -> None:
        self.seed, self.size, self.created_on = seed, size, created_on
        self._birth = Birth(seed, size, created_on)
        self.created_at = self._birth.created_at
        self._entries: dict[tuple[str, str], tuple[Entry, ...]] = {}
        self._added: dict[str, list[Worker]] = {hr: [] for hr in SYSTEMS}
        self._added_at: dict[tuple[str, str], int] = {}
        self._added_numbers: dict[tuple[str, str], str] = {}
        self._units: dict[str, Unit] = {}
        self._changes: list[WorldChange] = []
        self._past = {hr: Past(self._birth, hr) for hr in SYSTEMS}
        self._mailboxes: set[str] = set()
        self._doing_at: datetime | None = None

    # ── time ────────────────────────────────────────────────────────────────────────────────────────

    def today(self) -> date:
        """The present day, UTC. Somebody's own day is `world.now().astimezone(ZoneInfo(worker.time_zone))`."""
        return (self._doing_at or self.now()).date()

    # ── people ──────────────────────────────────────────────────────────────────────────────────────

    def count(self, hr: str) -> int:
        """How many records this system holds, erased ones included."""
        return self._birth.count[hr] + len(self._added[hr])

    def workers(self, hr: str, start: int = 0, stop: int | None = None, on: date | None = None) -> Iterator[Worker]:
        """Records [start, stop) in a stable order, as of `on` (default today); later hires come at the end.

        Includes leavers, future hires and erased ones (`deleted`). Costs what is asked for, not what exists.
        """
        day = on or self.today()
        last = self.count(hr) if stop is None else min(stop, self.count(hr))
        for place in range(start, last):
            yield self._at(hr, place).as_of(day)

    def worker(self, hr: str, key: str, on: date | None = None) -> Worker | None:
        """One record by its immutable key, as of `on` (default today); None when nobody ever had it."""
        place = self._place(hr, key)
        return None if place is None else self._at(hr, place).as_of(on or self.today())

    def by_number(self, hr: str, employee_number: str) -> Worker | None:
        """One record by the number it has *today*; where several have had it, the one in force."""
        place = self._numbered(hr, employee_number)
        found = None if place is None else self._at(hr, place).as_of(self.today())
        return found if found and found.employee_number == employee_number else self._renumbered(hr, employee_number)

    def find(self, hr: str, text: str = "", among: int = 20_000) -> Iterator[Worker]:
        """Everybody in whose name, number, e-mail or title each word of `text` occurs, accents and case apart.

        Walks the first `among` people and the newcomers; beyond them only a whole number is found.
        """
        wanted = anyascii(text).lower().split()
        born = self._birth.count[hr]
        numbered = self.by_number(hr, text.strip()) if born > among else None
        if numbered:
            yield numbered
            return
        for worker in chain(self.workers(hr, 0, min(born, among)), self.workers(hr, born)):
            line = f"{worker.given} {worker.preferred} {worker.family} {worker.employee_number} {worker.work_email} {worker.title}"
            if all(word in anyascii(line).lower() for word in wanted):
                yield worker

    def reports_to(self, hr: str, key: str) -> Iterator[Worker]:
        """Direct reports by the primary line. Walks everybody: for pages and tests, not for benchmarks."""
        return (worker for worker in self.workers(hr) if worker.manager_key == key)

    def _at(self, hr: str, place: int) -> Worker:
        born = self._birth.count[hr]
        worker = self._birth.worker(hr, place) if place < born else self._added[hr][place - born]
        entries = self._entries.get((hr, worker.key))
        return replace(worker, entries=entries) if entries else worker

    def _place(self, hr: str, key: str) -> int | None:
        added = self._added_at.get((hr, key))
        return self._birth.count[hr] + added if added is not None else self._birth.index(hr, key)

    def _numbered(self, hr: str, number: str) -> int | None:
        if (hr, number) in self._added_numbers:
            return self._place(hr, self._added_numbers[hr, number])
        for place in range(self._birth.cast[hr], min(self._birth.cast[hr] + 20, self._birth.count[hr])):
            if self._birth.worker(hr, place).employee_number == number:
                return place
        digits = number.lstrip("CBK-")
        place = int(digits) - FIRST_NUMBER[hr] if digits.isascii() and digits.isdigit() else -1
        return place if 0 <= place < self._birth.count[hr] else self._twin_place(hr, number)

    def _twin_place(self, hr: str, number: str) -> int | None:
        if hr != "bamboohr":
            return None
        places = range(max(0, self._birth.cast[hr] - 20), self._birth.cast[hr])
        return next((place for place in places if self._birth.worker(hr, place).employee_number == number), None)

    def _renumbered(self, hr: str, number: str) -> Worker | None:
        for (system, key), entries in self._entries.items():
            if system == hr and any(entry.field == "employee_number" and entry.value == number for entry in entries):
                worker = self.worker(hr, key)
                if worker and worker.employee_number == number:
                    return worker
        return None

    # ── units ───────────────────────────────────────────────────────────────────────────────────────

    def units(self) -> Iterator[Unit]:
        """The supervisory organisations, root first, a parent always before its children (unless somebody moved it)."""
        for index in range(self._birth.unit_count):
            yield self._standing(self._birth.unit(index))

    def unit(self, key: str) -> Unit | None:
        index = self._birth.index("unit", key) if key else None
        return None if index is None else self._standing(self._birth.unit(index))

    def units_above(self, key: str) -> list[Unit]:
        """The unit itself and everything above it, outermost first."""
        chain: list[Unit] = []
        unit = self.unit(key)
        while unit and unit not in chain:
            chain.insert(0, unit)
            unit = self.unit(unit.parent_key)
        return chain

    def _standing(self, unit: Unit) -> Unit:
        """A unit as it stands now: once something has moved, levels are counted afresh."""
        if not self._units:
            return unit
        now, level = self._units.get(unit.key, unit), 1
        above = now.parent_key
        while index := self._birth.index("unit", above) if above else None:
            born = self._birth.unit(index)
            level, above = level + 1, self._units.get(above, born).parent_key
        return replace(now, level=level + (1 if above else 0))

    # ── what happened ───────────────────────────────────────────────────────────────────────────────

    def changes(self, hr: str, since: datetime | None = None, until: datetime | None = None) -> Iterator[WorldChange]:
        """What was entered in [since, until), oldest first.

        Reaching back more than past.NEAR_DAYS before the creation of the world costs a walk over everybody.
        """
        if since is None or since < self.created_at:
            yield from self._past[hr].entered(since, until)
        start = bisect_left(self._changes, since, key=lambda change: change.at) if since else 0
        for change in self._changes[start:]:
            if until is not None and change.at >= until:
                return
            if change.hr == hr:
                yield change

    def effective(self, hr: str, first_on: date, last_on: date) -> list[WorldChange]:
        """What becomes true on a day in [first_on, last_on] whenever it was entered: starts, ends and dated edits."""
        found = [change for change in self._changes if change.hr == hr and first_on <= change.effective_on <= last_on]
        found += self._past[hr].effective(first_on, last_on)
        return sorted(found, key=lambda change: (change.effective_on, change.at))

    def recent(self, limit: int = 50) -> list[WorldChange]:
        """The newest changes of all systems, newest first."""
        return self._changes[: -limit - 1 : -1]

    # ── verbs ───────────────────────────────────────────────────────────────────────────────────────

    def do(self, verb: str, **args: Any) -> Worker | None:
        """Carry out a verb (verbs.py). On disk first, then in memory. Returns the worker it was about, as of today.

        Raises Refused when the world cannot do that.
        """
        with self._lock:
            at = max(
                self.now(), self._changes[-1].at if self._changes else self.created_at
            )  # the log stays in order, whatever the clock does
            given = {name: value for name, value in args.items() if value is not None}
            effect = self._effect(verb, at, given)
            self._journal.append({"at": at.isoformat(), "verb": verb, "args": _as_json(given)})
            self._absorb(effect)
        if any(change.hr == "csv" for change in effect.changes):
            self.drop()
        about = effect.changes[-1] if effect.changes else None
        return self.worker(about.hr, about.key) if about and about.kind != "unit" else None

    def _effect(self, verb: str, at: datetime, args: dict[str, Any]) -> Effect:
        if verb not in VERBS:
            raise Refused(sentence("no verb “%(verb)s”", verb=verb))
        hr = args.get("hr")
        if hr is not None and hr not in SYSTEMS:
            raise Refused(sentence("no HR system “%(system)s”", system=hr))
        self._doing_at = at  # replayed verbs see the day on which they happened
        try:
            return VERBS[verb](self, at, **_with_dates(args))
        except TypeError as error:
            raise Refused(sentence("%(verb)s: %(why)s", verb=verb, why=str(error))) from error
        finally:
            self._doing_at = None

    def _absorb(self, effect: Effect) -> None:
        for worker in effect.added:
            self._added_at[worker.hr, worker.key] = len(self._added[worker.hr])
            self._added_numbers[worker.hr, worker.employee_number] = worker.key
            self._added[worker.hr].append(worker)
            self._mailboxes.add(worker.work_email)
        for hr, key, entry in effect.entries:
            self._entries[hr, key] = tuple(sorted((*self._entries.get((hr, key), ()), entry), key=lambda known: known.effective_on))
        for unit in effect.units:
            self._units[unit.key] = unit
        self._changes += effect.changes

    # ── asked by the verbs ──────────────────────────────────────────────────────────────────────────

    def next_number(self, hr: str, kind: str) -> tuple[str, str]:
        """(employee number, key) of the next record. Numbers never come back, whatever is deleted."""
        ordinal = self._birth.count[hr] + len(self._added[hr])
        number = FIRST_NUMBER[hr] + ordinal
        if hr == "bamboohr":
            return f"B{number}", str(FIRST_BAMBOO_ID + ordinal)
        if hr == "csv":
            return f"K-{number}", f"K-{number}"
        return (f"C{number}" if kind == "contingent" else str(number)), self._birth.key(hr, ordinal)

    def free_email(self, given: str, family: str) -> str:
        """An address for a newcomer that no newcomer has; a namesake from before keeps hers, so later ones count from 2."""
        again = 0
        while (address := mailbox(given, family, again)) in self._mailboxes:
            again = max(2, again + 1)
        return address

    def placed(self, hr: str, unit_key: str, department_code: str, location_code: str, manager_key: str) -> dict[str, Any]:
        """Fields that hang together: a unit brings department and leader, codes bring names. Raises Refused for unknown ones."""
        unit = self.unit(unit_key) if unit_key else None
        if hr == "workday" and unit is None:
            if unit_key:
                raise Refused(sentence("no unit “%(key)s”", key=unit_key))
            unit = self._birth.unit(self._unit_of(department_code))
        if manager_key and self.worker(hr, manager_key) is None:
            raise Refused(sentence("no manager “%(key)s”", key=manager_key))
        known = placed_by_codes(location_code or LOCATIONS[1].code, department_code or (unit.department_code if unit else "D-4100"))
        leader = unit.manager_key if unit and hr == "workday" else self._birth.key(hr, 0)
        return {**known, "unit_key": unit.key if unit else "", "manager_key": manager_key or leader}

    def _unit_of(self, department_code: str) -> int:
        """The outermost unit of a department (default: Engineering)."""
        for index in range(5, 15):
            if self._birth.unit_department(index).code == department_code:
                return index
        return 5

    # ── the extract, and the end ────────────────────────────────────────────────────────────────────

    def csv_text(self, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
        """The CSV system's extract of today as a file's content, erased people left out."""
        return csv_bytes(self._extract(), self.today(), encoding, delimiter)

    def _extract(self) -> Iterable[Worker]:
        return (worker for worker in self.workers("csv") if not worker.deleted)

    def drop(self) -> None:
        """Put the extract into the watched folder, in one step so that nobody reads half a file."""
        if self.drop_folder is None:
            return
        self.drop_folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.drop_folder / f".{FILE_NAME}.part"
        unfinished.write_text(csv_text(self._extract(), self.today()), encoding="utf-8")
        unfinished.replace(self.drop_folder / FILE_NAME)

    def reset(self, today: date | None = None) -> None:
        """Back to the first day, or to a first day `today`. Everything that happened is forgotten."""
        with self._lock:
            self._journal.clear()
            self._begin(self.seed, self.size, today or self.created_on)
            self._write_first_line()
        self.drop()

    def close(self) -> None:
        self._journal.close()

    def _write_first_line(self) -> None:
        self._journal.append({"verb": "create", "seed": self.seed, "size": self.size, "today": self.created_on.isoformat()})


def _as_json(args: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in args.items()}


def _with_dates(args: dict[str, Any]) -> dict[str, Any]:
    """Names that end in _on are days; "2026-05-01" and a date mean the same. Raises Refused for anything else."""
    out = dict(args)
    for name, value in args.items():
        if (name == "on" or name.endswith("_on")) and isinstance(value, str):
            try:
                out[name] = date.fromisoformat(value) if value else None
            except ValueError as error:
                raise Refused(sentence("%(field)s: “%(value)s” is not a day (YYYY-MM-DD)", field=name, value=str(value))) from error
    return out
