"""Which workers a request means, as a list of WIDs that pages are cut from.

With a frozen As_Of_Entry_DateTime every page is cut from the same list. Without one each page is cut from the list of its own
moment, in the order of the WIDs, so a hire or a leaver in between shifts the rest: somebody comes twice, somebody is missed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from integrations.sandbox.emulators.workday.as_of import ALWAYS, HR, AsOf
from integrations.sandbox.emulators.workday.asking.ask import Asked, Criteria, LogWindow, Reference
from integrations.sandbox.emulators.workday.asking.faults import Violation, invalid
from integrations.sandbox.emulators.workday.clock import ZONE, midnight
from integrations.sandbox.emulators.workday.names import ALPHA_3, position_id, reference_id, transaction, transaction_wid, universal_id, wid
from integrations.sandbox.emulators.workday.settings import Settings
from integrations.sandbox.worker import Worker, WorldChange
from integrations.sandbox.world import World

KEPT = 12  # selections; one of 100,000 workers is about 9 MB


@dataclass
class Selection:
    """`log` holds, for selections by transaction log, what was found for each worker; `invalid` the ids nobody has."""

    keys: list[str]
    log: dict[str, list[WorldChange]] = field(default_factory=dict)
    invalid: list[tuple[str, str]] = field(default_factory=list)


class Selections:
    """Finds and remembers them. Safe to use from many threads."""

    def __init__(self, world: World, settings: Settings) -> None:
        self._world, self._settings = world, settings
        self._kept: OrderedDict[object, Selection] = OrderedDict()
        self._newest: WorldChange | None = None
        self._lock = threading.RLock()

    def find(self, asked: Asked, as_of: AsOf) -> Selection:
        """Raises SoapFault for references to things that do not exist."""
        with self._lock:
            self._forget_what_moved()
            key = (asked.criteria, as_of)
            if key not in self._kept:
                self._kept[key] = self._found(asked.criteria, as_of)
                if len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def reset(self) -> None:
        with self._lock:
            self._kept.clear()
            self._newest = None

    def _forget_what_moved(self) -> None:
        """Drop the unfrozen ones when something was entered since."""
        newest = next(iter(self._world.recent(1)), None)
        if newest is not self._newest:
            self._newest = newest
            for key in [key for key in self._kept if isinstance(key, tuple) and key[1].entered_by is None]:
                del self._kept[key]

    # ── finding ─────────────────────────────────────────────────────────────────────────────────────

    def _found(self, criteria: Criteria, as_of: AsOf) -> Selection:
        log: dict[str, list[WorldChange]] = {}
        invalid_ids: list[tuple[str, str]] = []
        candidates: Iterable[Worker]
        self._refuse_unknown_subscribers(criteria)
        if criteria.references:
            candidates = self._referenced(criteria, invalid_ids)
        elif criteria.windows:
            log = self._logged(criteria.windows, as_of)
            candidates = filter(None, (self._world.worker(HR, key, ALWAYS) for key in log))
        else:
            candidates = self._world.workers(HR, on=ALWAYS)
        fits = self._fitting(criteria, as_of)
        keys = sorted({worker.key for worker in candidates if fits(worker)})
        return Selection(keys, log, invalid_ids)

    def _fitting(self, criteria: Criteria, as_of: AsOf) -> Callable[[Worker], bool]:
        tests = list(self._tests(criteria, as_of))

        def fits(worker: Worker) -> bool:
            seen = as_of.of(worker)
            return seen is not None and all(test(seen) for test in tests)

        return fits

    def _tests(self, criteria: Criteria, as_of: AsOf) -> Iterator[Callable[[Worker], bool]]:
        settings, on = self._settings, as_of.on
        if not (criteria.references or criteria.windows or settings.future_hires_in_full_read):
            yield lambda worker: worker.hire_on <= on
        if settings.visible_units:
            yield lambda worker: worker.unit_key in settings.visible_units
        if criteria.exclude_inactive:
            yield lambda worker: not worker.has_left(on)
        if criteria.exclude_employees:
            yield lambda worker: worker.kind != "employee"
        if criteria.exclude_contingent:
            yield lambda worker: worker.kind != "contingent"
        if criteria.organizations:
            units, companies, centers = self._organizations(criteria)
            yield lambda worker: worker.unit_key in units or worker.company in companies or worker.cost_center in centers
        if criteria.countries:
            countries = self._countries(criteria.countries)
            yield lambda worker: worker.country in countries
        if criteria.positions:
            positions = {value for reference in criteria.positions for _, value in reference.ids}
            yield lambda worker: position_id(worker) in positions or wid("position", worker.key) in positions
        if criteria.events:
            keys = self._keys_of_events(criteria.events)
            yield lambda worker: worker.key in keys
        if criteria.universal:
            people = {value for reference in criteria.universal for _, value in reference.ids}
            yield lambda worker: universal_id(worker) in people or wid("universal", universal_id(worker)) in people

    # ── by reference ────────────────────────────────────────────────────────────────────────────────

    def _referenced(self, criteria: Criteria, invalid_ids: list[tuple[str, str]]) -> Iterator[Worker]:
        violations = []
        for reference in criteria.references:
            found = [self._by_id(kind, value) for kind, value in reference.ids]
            if all(found) and len({worker.key for worker in found if worker}) == 1 and found[0]:
                yield found[0]
                continue
            for number, ((kind, value), worker) in enumerate(zip(reference.ids, found, strict=True), 1):
                if worker is None:
                    invalid_ids.append((kind, value))
                    violations.append(_no_such(kind, value, f"{reference.xpath}/wd:ID[{number}]"))
        if violations and not (criteria.skip_non_existing or criteria.ignore_invalid):
            raise invalid(*violations)
        if not criteria.ignore_invalid:
            invalid_ids.clear()

    def _by_id(self, kind: str, value: str) -> Worker | None:
        """Employee and contingent numbers are two worlds: the same digits may mean two people."""
        if kind == "WID":
            worker = self._world.worker(HR, value, ALWAYS)
        else:
            worker = self._world.by_number(HR, value)
            wanted = "contingent" if kind == "Contingent_Worker_ID" else "employee"
            worker = worker if worker and worker.kind == wanted else None
        return None if worker is None or worker.deleted else worker

    # ── by transaction log ──────────────────────────────────────────────────────────────────────────

    def _logged(self, windows: tuple[LogWindow, ...], as_of: AsOf) -> dict[str, list[WorldChange]]:
        """What was found in any of the windows, by worker."""
        log: dict[str, list[WorldChange]] = {}
        for window in windows:
            types = self._types(window.types)
            for change in self._in_window(window):
                if change.kind == "unit" or (as_of.entered_by and change.at > as_of.entered_by):
                    continue
                if types and not self._is_type(change, types):
                    continue
                known = log.setdefault(change.key, [])
                if change not in known:
                    known.append(change)
        return log

    def _in_window(self, window: LogWindow) -> Iterator[WorldChange]:
        """Both ends inclusive. What is dated a day takes effect when that day begins on the server's clock."""
        lowest, highest = window.effective_from, window.effective_through
        if window.updated_from or window.updated_through or not (lowest or highest):
            until = window.updated_through + timedelta(microseconds=1) if window.updated_through else None
            changes: Iterable[WorldChange] = self._world.changes(HR, window.updated_from, until)
        else:
            changes = self._world.effective(HR, _day(lowest, date(1900, 1, 1)), _day(highest, date(2999, 12, 31)))
        for change in changes:
            if lowest or highest:
                effective = midnight(change.effective_on)
                if (lowest and effective < lowest) or (highest and effective > highest):
                    continue
            yield change

    def _types(self, references: tuple[Reference, ...]) -> set[str]:
        return {value for reference in references for _, value in reference.ids}

    def _is_type(self, change: WorldChange, types: set[str]) -> bool:
        worker = self._world.worker(HR, change.key)
        name = transaction(change, worker.kind if worker else "employee")
        return name in types or wid("transaction type", name) in types

    # ── by other things ─────────────────────────────────────────────────────────────────────────────

    def _organizations(self, criteria: Criteria) -> tuple[set[str], set[str], set[str]]:
        """(unit keys, companies, cost centres) of all references. A unit brings those below it if asked."""
        units, companies, centers = set(), set(), set()
        for reference in criteria.organizations:
            kind, value = reference.ids[0]
            if unit := next((unit for unit in self._world.units() if value in (unit.key, unit.code)), None):
                units.add(unit.key)
            elif company := self._company_or_center("COMPANY", value):
                companies.add(company)
            elif center := self._company_or_center("COST_CENTER", value):
                centers.add(center)
            else:
                raise invalid(_no_such(kind, value, f"{reference.xpath}/wd:ID[1]"))
        if criteria.with_subordinates:
            asked = frozenset(units)
            units |= {unit.key for unit in self._world.units() if any(above.key in asked for above in self._world.units_above(unit.key))}
        return units, companies, centers

    def _company_or_center(self, kind: str, value: str) -> str | None:
        names = {"COMPANY": "company", "COST_CENTER": "cost_center"}
        known = {getattr(worker, names[kind]) for worker in self._world.workers(HR, 0, 400)}
        return next((name for name in known if value in (reference_id(kind, name), wid(kind, name))), None)

    def _countries(self, references: tuple[Reference, ...]) -> set[str]:
        found = set()
        for reference in references:
            kind, value = reference.ids[0]
            country = next((alpha2 for alpha2, alpha3 in ALPHA_3.items() if value in (alpha2, alpha3, wid("country", alpha2))), None)
            if country is None:
                raise invalid(_no_such(kind, value, f"{reference.xpath}/wd:ID[1]"))
            found.add(country)
        return found

    def _keys_of_events(self, references: tuple[Reference, ...]) -> set[str]:
        wanted = {value for reference in references for _, value in reference.ids}
        found = {change.key for change in self._world.changes(HR) if transaction_wid(change) in wanted}
        if not found:
            raise invalid(_no_such(*references[0].ids[0], f"{references[0].xpath}/wd:ID[1]"))
        return found

    def _refuse_unknown_subscribers(self, criteria: Criteria) -> None:
        """Nobody has subscribed to anything in this tenant."""
        for reference in criteria.subscribers:
            raise invalid(_no_such(*reference.ids[0], f"{reference.xpath}/wd:ID[1]"))


def _no_such(kind: str, value: str, xpath: str) -> Violation:
    return Violation(f"Invalid ID value.  '{value}' is not a valid ID value for type = '{kind}'", xpath)


def _day(moment: datetime | None, default: date) -> date:
    return moment.astimezone(ZONE).date() if moment else default
