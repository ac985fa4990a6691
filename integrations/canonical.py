"""Our own vocabulary: what a record is about and which attributes a person can have. Plain Python.

Mappings translate every vendor's words into these. Dates (`…_on`) are ISO `YYYY-MM-DD` in the person's own zone, never
instants; e-mails are lower-case; countries are ISO 3166 alpha-2; languages BCP 47; time zones IANA names.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a record is about."""

    WORKER = "worker"  # somebody's employment, as HR tells it
    UNIT = "unit"  # a department, supervisory organisation or other box of the chart
    LEARNER = "learner"  # an account in a learning system


@dataclass(frozen=True)
class Attribute:
    """One thing we may know about a person. `type`: text, email, date, boolean, country, zone, language, status, lines, list."""

    key: str
    label: str
    type: str = "text"
    personal: bool = True  # masked for people without the right to see personal data
    max_length: int = 500


STATUSES = ("active", "inactive", "leave", "pending", "terminated")  # any other word would mean “active” unsaid

ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute("employee_number", "Employee number", max_length=64),
    Attribute("given_name", "First name", max_length=200),
    Attribute("family_name", "Last name", max_length=200),
    Attribute("middle_name", "Middle name", max_length=200),
    Attribute("preferred_name", "Preferred first name", max_length=200),
    Attribute("name_suffix", "Name suffix", max_length=50),
    Attribute("username", "Sign-in name", max_length=200),
    Attribute("work_email", "Work e-mail", "email", max_length=254),
    Attribute("personal_email", "Private e-mail", "email", max_length=254),
    Attribute("phone", "Phone", max_length=64),
    Attribute("worker_type", "Worker type", personal=False, max_length=40),  # employee, contingent
    Attribute("job_title", "Job title", personal=False),
    Attribute("department", "Business unit", personal=False),
    Attribute("unit", "Organisation unit (id)", personal=False, max_length=200),
    Attribute("unit_path", "Nested units, outermost first", "list", personal=False),
    Attribute("company", "Company", personal=False),
    Attribute("cost_center", "Cost centre", personal=False),
    Attribute("location", "Location", personal=False),
    Attribute("country", "Country", "country", personal=False, max_length=2),
    Attribute("language", "Language", "language", personal=False, max_length=20),
    Attribute("time_zone", "Time zone", "zone", personal=False, max_length=64),
    Attribute("status", "Status at the source", "status", personal=False, max_length=60),
    Attribute("hire_on", "Hire date", "date"),
    Attribute("original_hire_on", "First hire date", "date"),
    Attribute("last_day_on", "Last working day", "date"),
    Attribute("termination_on", "Termination date", "date"),
    Attribute("termination_reason", "Reason for leaving", max_length=200),
    Attribute("on_leave", "On leave", "boolean"),
    Attribute("leave_from_on", "Leave from", "date"),
    Attribute("leave_until_on", "Leave until", "date"),
    # What somebody must be trained for, in the source's own words: "forklift", "GDPR", "data centre access" (R21). Any row may fill it.
    Attribute("compliance_flags", "Compliance flags", "list"),
    # Every reporting line as the source tells it: [{"type": "supervisory", "manager": "<worker id in that source>", "unit": "…"}]
    Attribute("manager_lines", "Reporting lines", "lines", personal=False),
)

BY_KEY = {attribute.key: attribute for attribute in ATTRIBUTES}

# Reporting line types, strongest first: the rule that picks the primary manager walks this order (R28).
LINE_TYPES = ("primary", "supervisory", "functional", "matrix", "project", "other")


class WorkerStatus(StrEnum):
    """What a source's status word is translated to before the lifecycle rules see it."""

    ACTIVE = "active"
    PENDING = "pending"
    LEAVE = "leave"
    TERMINATED = "terminated"


@dataclass(frozen=True)
class UnitAttribute:
    key: str
    label: str


UNIT_ATTRIBUTES = (
    UnitAttribute("name", "Name"),
    UnitAttribute("code", "Code"),
    UnitAttribute("parent", "Parent (unit id)"),
    UnitAttribute("unit_type", "Type"),
    UnitAttribute("manager", "Manager (worker id)"),
)
