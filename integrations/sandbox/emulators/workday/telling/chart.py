"""The supervisory organisations above a worker and who leads them, as they stand now."""

from __future__ import annotations

from integrations.sandbox.emulators.workday.as_of import HR, AsOf
from integrations.sandbox.emulators.workday.names import wid
from integrations.sandbox.emulators.workday.telling.markup import References
from integrations.sandbox.worker import Unit, Worker
from integrations.sandbox.world import World

NOWHERE = Unit("", "", "", "", "", "", "", 0)


class Chart:
    """Chains are written once per unit and kept; a chart serves one state of the world."""

    def __init__(self, world: World, references: References, as_of: AsOf) -> None:
        self._world, self._references, self._as_of = world, references, as_of
        self._units: dict[str, Unit] = {}
        self._above: dict[str, str] = {}
        self._managers: dict[str, str] = {}
        self._led: dict[str, list[Unit]] | None = None

    def unit(self, key: str) -> Unit:
        if key not in self._units:
            self._units[key] = (self._world.unit(key) if key else None) or NOWHERE
        return self._units[key]

    def led_by(self, key: str) -> list[Unit]:
        if self._led is None:
            led: dict[str, list[Unit]] = {}
            for unit in self._world.units():
                led.setdefault(unit.manager_key, []).append(unit)
            self._led = led  # whole, because other threads look at it
        return self._led.get(key, [])

    def supervisory(self, worker: Worker) -> str:
        """From the outermost organisation down to the worker's own: the last entry names the direct manager, or nobody when vacant."""
        unit = self.unit(worker.unit_key)
        return self._chain_above(unit) + self._entry(unit, worker.manager_key) if unit.key else ""

    def matrix(self, worker: Worker) -> str:
        """One entry for each matrix organisation."""
        return "".join(self._entry(unit, unit.manager_key) for unit in self.matrix_of(worker))

    def matrix_of(self, worker: Worker) -> list[Unit]:
        """Matrix organisations have ids of their own; their leader is the matrix manager, who may also come without one."""
        units = [self.unit(key) for key in worker.matrix_unit_keys]
        managers = list(worker.matrix_manager_keys)
        pairs = [(unit, managers[at] if at < len(managers) else unit.manager_key) for at, unit in enumerate(units)]
        pairs += [(NOWHERE, manager) for manager in managers[len(units) :]]
        return [_as_matrix(unit, manager) for unit, manager in pairs]

    def _chain_above(self, unit: Unit) -> str:
        if not unit.parent_key or self.unit(unit.parent_key) is NOWHERE:
            return ""
        kept = self._above.get(unit.parent_key)
        if kept is None:
            parent = self.unit(unit.parent_key)
            kept = self._above[parent.key] = self._chain_above(parent) + self._entry(parent, parent.manager_key)
        return kept

    def _entry(self, unit: Unit, manager_key: str) -> str:
        organization = self._references.reference("Organization_Reference", unit.name, unit.key, ("Organization_Reference_ID", unit.code))
        return f"<wd:Management_Chain_Data>{organization}{self._manager(manager_key)}</wd:Management_Chain_Data>"

    def _manager(self, key: str) -> str:
        if not key:
            return ""
        if key not in self._managers:
            worker = self._world.worker(HR, key)
            seen = self._as_of.of(worker) if worker else None
            on = self._as_of.on
            self._managers[key] = self._references.worker("Manager_Reference", seen, seen.state(on)) if seen else ""
        return self._managers[key]


def _as_matrix(unit: Unit, manager_key: str) -> Unit:
    name = f"{unit.name or 'Project'} Matrix"
    return Unit(wid("matrix", unit.key or manager_key), f"MTX-{unit.code or manager_key[-6:]}", name, "", manager_key, "", "", 1)
