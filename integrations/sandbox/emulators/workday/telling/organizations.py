"""Where a worker belongs, what they lead and who is above them."""

from __future__ import annotations

from integrations.sandbox.emulators.workday.names import reference_id, wid
from integrations.sandbox.emulators.workday.telling.chart import Chart
from integrations.sandbox.emulators.workday.telling.markup import References, element
from integrations.sandbox.worker import Worker


class Memberships:
    """Organization_Data, and the supervisory part of it for each job."""

    def __init__(self, references: References, chart: Chart, group: frozenset[str]) -> None:
        self._references, self._chart, self._group = references, chart, group
        self._kept: dict[tuple[str, str, str], str] = {}

    def data(self, worker: Worker) -> str:
        written = "".join([f"<wd:Worker_Organization_Data>{membership}</wd:Worker_Organization_Data>" for membership in self._all(worker)])
        return f"<wd:Organization_Data>{written}</wd:Organization_Data>"

    def of_job(self, worker: Worker) -> str:
        unit = self._chart.unit(worker.unit_key)
        if not unit.key:
            return ""
        return (
            "<wd:Position_Organizations_Data><wd:Position_Organization_Data>"
            f"{self._one('SUPERVISORY', unit.key, unit.code, unit.name)}"
            "</wd:Position_Organization_Data></wd:Position_Organizations_Data>"
        )

    def _all(self, worker: Worker) -> list[str]:
        unit, group = self._chart.unit(worker.unit_key), self._group
        written = []
        if unit.key and "Exclude_Supervisory_Organizations" not in group:
            written.append(self._one("SUPERVISORY", unit.key, unit.code, unit.name))
        if worker.company and "Exclude_Companies" not in group:
            written.append(self._named("COMPANY", worker.company, worker.company))
        if worker.cost_center and "Exclude_Cost_Centers" not in group:
            written.append(self._named("COST_CENTER", worker.cost_center, f"{worker.cost_center} {worker.department}"))
        if worker.matrix_manager_keys and "Exclude_Matrix_Organizations" not in group:
            written += [self._one("MATRIX", matrix.key, matrix.code, matrix.name) for matrix in self._chart.matrix_of(worker)]
        return written

    def _named(self, kind: str, value: str, name: str) -> str:
        return self._one(kind, wid(kind, value), reference_id(kind, value), name)

    def _one(self, kind: str, key: str, code: str, name: str) -> str:
        kept = self._kept.get((kind, key, name))
        if kept is None:
            references = self._references
            kept = self._kept[kind, key, name] = (
                f"{references.reference('Organization_Reference', name, key, ('Organization_Reference_ID', code))}"
                f"<wd:Organization_Data>{element('Organization_Reference_ID', code)}{element('Organization_Code', code)}"
                f"{element('Organization_Name', name)}"
                f"{references.thing('Organization_Type_Reference', 'Organization_Type_ID', kind, kind.replace('_', ' ').title())}"
                "</wd:Organization_Data>"
            )
        return kept


def roles(worker: Worker, references: References, chart: Chart) -> str:
    """Role_Data: the units this worker leads."""
    role = references.thing("Organization_Role_Reference", "Organization_Role_ID", "Manager", "Manager")
    written = "".join(
        "<wd:Worker_Role_Assignment_Data>"
        f"{references.reference('Organization_Reference', unit.name, unit.key, ('Organization_Reference_ID', unit.code))}{role}"
        "</wd:Worker_Role_Assignment_Data>"
        for unit in chart.led_by(worker.key)
    )
    return f"<wd:Role_Data>{written}</wd:Role_Data>" if written else ""


def management_chain(worker: Worker, chart: Chart) -> str:
    supervisory, matrix = chart.supervisory(worker), chart.matrix(worker)
    written = ""
    if supervisory:
        written += f"<wd:Worker_Supervisory_Management_Chain_Data>{supervisory}</wd:Worker_Supervisory_Management_Chain_Data>"
    if matrix:
        written += f"<wd:Worker_Matrix_Management_Chain_Data>{matrix}</wd:Worker_Matrix_Management_Chain_Data>"
    return f"<wd:Management_Chain_Data>{written}</wd:Management_Chain_Data>" if written else ""


def chain_of_job(worker: Worker, chart: Chart) -> str:
    supervisory = chart.supervisory(worker)
    if not supervisory:
        return ""
    return (
        "<wd:Position_Management_Chains_Data><wd:Position_Supervisory_Management_Chain_Data>"
        f"{supervisory}</wd:Position_Supervisory_Management_Chain_Data></wd:Position_Management_Chains_Data>"
    )
