"""The nightly extract of the smallest HR system: a spreadsheet somebody exports, one line a person."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date

from integrations.sandbox.worker import Worker

FILE_NAME = "employees.csv"
COLUMNS = (
    "Employee ID",
    "First Name",
    "Last Name",
    "Preferred Name",
    "Work Email",
    "Personal Email",
    "Phone",
    "Job Title",
    "Department",
    "Department Code",
    "Location",
    "Location Code",
    "Country",
    "Language",
    "Worker Type",
    "Status",
    "Hire Date",
    "Termination Date",
    "Manager ID",
    "Salary",
)
STATUS = {"pending": "Pending", "active": "Active", "leave": "On leave", "left": "Terminated"}


def csv_text(workers: Iterable[Worker], today: date, delimiter: str = ",") -> str:
    """Header and one line a person, CRLF, quoted where needed; dates YYYY-MM-DD, what is not known is empty."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(COLUMNS)
    for worker in workers:
        writer.writerow(_row(worker, today))
    return out.getvalue()


def csv_bytes(workers: Iterable[Worker], today: date, encoding: str, delimiter: str) -> bytes:
    """The same in an encoding; letters it does not have become question marks, as bad exports do."""
    return csv_text(workers, today, delimiter).encode(encoding, errors="replace")


def _row(worker: Worker, today: date) -> tuple[str, ...]:
    return (
        worker.employee_number,
        worker.given,
        worker.family,
        worker.preferred,
        worker.work_email,
        worker.home_email,
        worker.phone,
        worker.title,
        worker.department,
        worker.department_code,
        worker.location_name,
        worker.location_code,
        worker.country,
        worker.language,
        worker.kind.capitalize(),
        STATUS[worker.state(today)],
        worker.hire_on.isoformat(),
        worker.termination_on.isoformat() if worker.termination_on else "",
        worker.manager_key,
        worker.pay,
    )
