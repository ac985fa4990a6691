"""Employment_Data: jobs, status, contract. Source: docs/vendors/workday.md §5."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from integrations.sandbox.emulators.workday.clock import day
from integrations.sandbox.emulators.workday.names import position_id, reference_id
from integrations.sandbox.emulators.workday.telling.chart import Chart
from integrations.sandbox.emulators.workday.telling.markup import References, element, flag
from integrations.sandbox.emulators.workday.telling.organizations import Memberships, chain_of_job
from integrations.sandbox.worker import Worker

JOB_FIELDS = {"title", "location_code", "unit_key", "manager_key", "department_code", "company", "cost_center"}


@dataclass(frozen=True)
class Employment:
    """`memberships` and `chart` are None where the request or the user's rights leave those parts out."""

    references: References
    on: date
    memberships: Memberships | None
    chart: Chart | None
    with_additional_jobs: bool

    def data(self, worker: Worker) -> str:
        """Somebody who has not started has a status and no job yet: read again as of the hire date."""
        jobs = contract = ""
        if worker.has_started(self.on):
            jobs = self._job(worker, worker.title, position_id(worker), is_primary=True)
            if self.with_additional_jobs and worker.matrix_unit_keys:
                jobs += self._job(worker, f"{worker.title} (project)", f"{position_id(worker)}-2", is_primary=False)
        if worker.kind == "contingent" and worker.termination_on:
            contract = f"<wd:Worker_Contract_Data>{element('Contract_End_Date', day(worker.termination_on))}</wd:Worker_Contract_Data>"
        return f"<wd:Employment_Data>{jobs}{self._status(worker)}{contract}</wd:Employment_Data>"

    # ── jobs ────────────────────────────────────────────────────────────────────────────────────────

    def _job(self, worker: Worker, title: str, number: str, *, is_primary: bool) -> str:
        organizations = self.memberships.of_job(worker) if self.memberships else ""
        chain = chain_of_job(worker, self.chart) if self.chart else ""
        return (
            f'<wd:Worker_Job_Data wd:Primary_Job="{int(is_primary)}">'
            f"{self._position(worker, title, number)}{organizations}{chain}</wd:Worker_Job_Data>"
        )

    def _position(self, worker: Worker, title: str, number: str) -> str:
        is_contingent = worker.kind == "contingent"
        kind, name = ("Contingent_Worker_Type_ID", "Contractor") if is_contingent else ("Employee_Type_ID", "Regular")
        references, profile = self.references, title.partition(",")[0].partition(" (")[0][:80]
        return (
            f'<wd:Position_Data wd:Effective_Date="{day(self._job_since(worker))}">'
            f"{references.thing('Position_Reference', 'Position_ID', number, title[:80])}{element('Position_ID', number)}"
            f"{element('Position_Title', title)}{element('Business_Title', title)}{element('Start_Date', day(worker.hire_on))}"
            f"{element('End_Employment_Date', day(worker.termination_on) if is_contingent else '')}"
            f"{references.thing('Worker_Type_Reference', kind, name, name)}<wd:Job_Profile_Summary_Data>"
            f"{references.thing('Job_Profile_Reference', 'Job_Profile_ID', reference_id('JP', profile), profile)}"
            f"{element('Job_Profile_Name', profile)}</wd:Job_Profile_Summary_Data>{self._site(worker)}</wd:Position_Data>"
        )

    def _job_since(self, worker: Worker) -> date:
        dates = [entry.effective_on for entry in worker.entries if entry.field in JOB_FIELDS and entry.effective_on <= self.on]
        return max(worker.hire_on, *dates) if dates else worker.hire_on

    def _site(self, worker: Worker) -> str:
        references = self.references
        return (
            "<wd:Business_Site_Summary_Data>"
            f"{references.thing('Location_Reference', 'Location_ID', worker.location_code, worker.location_name)}"
            f"{element('Name', worker.location_name)}"
            f"{references.thing('Display_Language_Reference', 'User_Language_ID', worker.language, worker.language)}"
            f"{references.thing('Time_Profile_Reference', 'Time_Profile_ID', 'Standard_Hours_40', '40 hours')}"
            f"<wd:Address_Data>{references.country(worker.country)}</wd:Address_Data></wd:Business_Site_Summary_Data>"
        )

    # ── status ──────────────────────────────────────────────────────────────────────────────────────

    def _status(self, worker: Worker) -> str:
        has_left = worker.has_left(self.on)
        since = worker.termination_on + timedelta(days=1) if has_left and worker.termination_on else worker.hire_on
        hired = day(worker.hire_on)
        ends_on = day(worker.termination_on) if worker.termination_on and worker.termination_on >= worker.hire_on else ""
        return (
            f"<wd:Worker_Status_Data>{flag('Active', worker.has_started(self.on) and not has_left)}"
            f"{element('Active_Status_Date', day(since))}<wd:Hire_Date>{hired}</wd:Hire_Date>"
            f"{element('Original_Hire_Date', day(worker.original_hire_on))}{element('End_Employment_Date', ends_on)}"
            f"{element('Continuous_Service_Date', hired)}{element('First_Day_of_Work', hired)}"
            f"{self._leaving(worker, ends_on, has_left)}{self._leaves(worker)}{flag('Rehire', worker.is_rehire)}</wd:Worker_Status_Data>"
        )

    def _leaving(self, worker: Worker, ends_on: str, has_left: bool) -> str:
        """A contingent worker is not terminated: the contract ends, and only Worker_Contract_Data says when."""
        if worker.kind == "contingent":
            return flag("Hire_Rescinded", False)
        told = ""
        if ends_on:
            reason = worker.termination_reason or "Other"
            told = element("Termination_Date", ends_on) + self.references.thing(
                "Primary_Termination_Reason_Reference", "Termination_Subcategory_ID", reference_id("TERMINATION", reason), reason
            )
        last_day = day(worker.last_day_on) if ends_on else ""
        return f"{flag('Terminated', has_left)}{told}{flag('Hire_Rescinded', False)}{element('Termination_Last_Day_of_Work', last_day)}"

    def _leaves(self, worker: Worker) -> str:
        """All of them: past ones with their end, running ones with On_Leave, future ones without."""
        written = ""
        for first, last in worker.leave:
            is_over = last is not None and last < self.on
            end = element("Leave_End_Date" if is_over else "Estimated_Leave_End_Date", day(last))
            on_leave = flag("On_Leave", first <= self.on and not is_over)
            written += f"<wd:Leave_Status_Data>{on_leave}{element('Leave_Start_Date', day(first))}{end}</wd:Leave_Status_Data>"
        return written
