"""One worker as XML: the sections the response group asks for, less those the user's security domains hide without a word.

Element order is that of schema.py; a test parses the answers against the WSDL.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from integrations.sandbox.emulators.workday.as_of import AsOf
from integrations.sandbox.emulators.workday.clock import day, midnight, moment
from integrations.sandbox.emulators.workday.names import transaction, transaction_wid, universal_id, wid
from integrations.sandbox.emulators.workday.telling.chart import Chart
from integrations.sandbox.emulators.workday.telling.employment import Employment
from integrations.sandbox.emulators.workday.telling.markup import References, element, flag, text
from integrations.sandbox.emulators.workday.telling.organizations import Memberships, management_chain, roles
from integrations.sandbox.emulators.workday.telling.person import personal
from integrations.sandbox.worker import Worker, WorldChange
from integrations.sandbox.world import World


class WorkerWriter:
    """Writes workers as they stand at `as_of`. One serves many pages: what people share is kept ready-made."""

    def __init__(self, world: World, as_of: AsOf, group: frozenset[str], hidden: frozenset[str], with_descriptors: bool) -> None:
        self._on, self._group, self._hidden = as_of.on, group, hidden
        self._references = References(with_descriptors)
        self._chart = Chart(world, self._references, as_of)
        self._memberships = Memberships(self._references, self._chart, group)
        self._employment = Employment(
            references=self._references,
            on=as_of.on,
            memberships=self._memberships if self._shows("Include_Organizations", "organizations") else None,
            chart=self._chart if self._shows("Include_Management_Chain_Data", "management_chain") else None,
            with_additional_jobs="Include_Additional_Jobs" in group,
        )
        self._sections = [write for flag_, domain, write in self._all_sections() if self._shows(flag_, domain)]

    def _shows(self, flag_: str, domain: str) -> bool:
        return flag_ in self._group and domain not in self._hidden

    def _all_sections(self) -> tuple[tuple[str, str, Callable[[Worker], str]], ...]:
        """(flag, security domain, writer), in the order of the schema."""
        return (
            ("Include_Personal_Information", "personal", lambda worker: personal(worker, self._references, self._hidden)),
            ("Include_Employment_Information", "employment", self._employment.data),
            ("Include_Compensation", "compensation", self._compensation),
            ("Include_Organizations", "organizations", self._if_started(self._memberships.data)),
            ("Include_Roles", "roles", self._if_started(lambda worker: roles(worker, self._references, self._chart))),
            ("Include_Management_Chain_Data", "management_chain", self._if_started(lambda worker: management_chain(worker, self._chart))),
        )

    def _if_started(self, write: Callable[[Worker], str]) -> Callable[[Worker], str]:
        """Who has not started belongs nowhere yet."""
        return lambda worker: write(worker) if worker.has_started(self._on) else ""

    def worker(self, worker: Worker, log: list[WorldChange], bad_day: str = "") -> str:
        """`log`: transactions to tell of, when the group asks for them. `bad_day` stands where the hire date would."""
        references, group = self._references, self._group
        reference = references.worker("Worker_Reference", worker, worker.state(self._on)) if "Include_Reference" in group else ""
        data = "".join([write(worker) for write in self._sections])
        if bad_day:
            data = data.replace(f"<wd:Hire_Date>{day(worker.hire_on)}<", f"<wd:Hire_Date>{bad_day}-08:00<")
        if log and "Include_Transaction_Log_Data" in group:
            data += self._transactions(worker, log)
        if self._shows("Include_User_Account", "user_account"):
            data += self._user_account(worker)
        return (
            f"<wd:Worker>{reference}<wd:Worker_Data><wd:Worker_ID>{text(worker.employee_number)}</wd:Worker_ID>"
            f"<wd:User_ID>{text(worker.username)}</wd:User_ID><wd:Universal_ID>{universal_id(worker)}</wd:Universal_ID>"
            f"{data}</wd:Worker_Data></wd:Worker>"
        )

    def _compensation(self, worker: Worker) -> str:
        amount, _, currency = worker.pay.partition(" ")
        if not amount:
            return ""
        money = self._references.thing("Currency_Reference", "Currency_ID", currency, currency)
        return (
            f"<wd:Compensation_Data><wd:Compensation_Guidelines_Data>{element('Total_Base_Pay', amount)}</wd:Compensation_Guidelines_Data>"
            f"<wd:Salary_and_Hourly_Data>{element('Amount', amount)}{money}</wd:Salary_and_Hourly_Data></wd:Compensation_Data>"
        )

    def _user_account(self, worker: Worker) -> str:
        language = self._references.thing("User_Language__Reference", "User_Language_ID", worker.language, worker.language)
        zone = self._references.thing("Time_Zone_Reference", "Time_Zone_ID", worker.time_zone, worker.time_zone)
        return f"<wd:User_Account_Data>{element('User_Name', worker.username)}{language}{zone}</wd:User_Account_Data>"

    # ── transaction log ─────────────────────────────────────────────────────────────────────────────

    def _transactions(self, worker: Worker, log: list[WorldChange]) -> str:
        """A rescind marks both: the event that undoes and the one that is undone."""
        rescinds = [change.at for change in log if change.kind == "rescind_termination"]
        written = "".join(self._transaction(worker, change, rescinds) for change in log)
        return f"<wd:Transaction_Log_Entry_Data>{written}</wd:Transaction_Log_Entry_Data>"

    def _transaction(self, worker: Worker, change: WorldChange, rescinds: list[datetime]) -> str:
        name, references = transaction(change, worker.kind), self._references
        undoes = change.kind == "rescind_termination"
        is_rescind = undoes or (change.kind == "terminate" and any(at > change.at for at in rescinds))
        type_wid = wid("transaction type", name)
        title = f"{'Rescind: ' if undoes else ''}{name}: {worker.full_name}"
        return (
            f"<wd:Transaction_Log_Entry>{references.reference('Transaction_Log_Reference', title, transaction_wid(change))}"
            f"<wd:Transaction_Log_Data>{element('Transaction_Log_Description', title)}"
            f"{element('Transaction_Effective_Moment', moment(midnight(change.effective_on)))}"
            f"{element('Transaction_Entry_Moment', moment(change.at))}"
            f"{references.reference('Transaction_Log_Type_Reference', name, type_wid, ('Business_Process_Type', name))}"
            f"{references.worker('Transaction_Target_Reference', worker, worker.state(self._on))}"
            f"{flag('Is_Rescind_Or_Rescinded', is_rescind)}{flag('Is_Correction_Or_Corrected', False)}"
            "</wd:Transaction_Log_Data></wd:Transaction_Log_Entry>"
        )
