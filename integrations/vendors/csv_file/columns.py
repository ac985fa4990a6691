"""Column names that HR extracts usually have, so that a plain one is understood without a mapping being made first."""

from __future__ import annotations

from integrations.vendors.base import MappingRow

# attribute → names, the likeliest first. Spelled as they stand in a header: a name with a space is another name than one without.
NAMES: dict[str, tuple[str, ...]] = {
    "employee_number": ("employee_number", "employee_id", "Employee Number", "Employee ID", "EmployeeID", "Personnel Number", "id"),
    "given_name": ("first_name", "given_name", "First Name", "FirstName", "Given Name", "first"),
    "family_name": ("last_name", "family_name", "Last Name", "LastName", "Family Name", "Surname", "last"),
    "middle_name": ("middle_name", "Middle Name", "middle"),
    "preferred_name": ("preferred_name", "Preferred Name", "Preferred First Name", "Nickname", "nickname"),
    "name_suffix": ("suffix", "Suffix"),
    "username": ("username", "Username", "User Name", "Login"),
    "work_email": ("work_email", "email", "Work Email", "Work E-mail", "Email", "E-mail", "Email Address"),
    "personal_email": ("personal_email", "home_email", "Personal Email", "Home Email"),
    "phone": ("phone", "Phone", "Work Phone", "Telephone"),
    "worker_type": ("worker_type", "kind", "Worker Type", "Employment Type"),
    "job_title": ("job_title", "title", "Job Title", "Title", "Position"),
    "department": ("department", "Department", "Business Unit", "business_unit"),
    "unit": ("department_code", "Department Code", "Organisation ID", "Org Unit ID"),
    "company": ("company", "Company", "Legal Entity"),
    "cost_center": ("cost_center", "Cost Center", "Cost Centre"),
    "location": ("location", "location_name", "Location", "Office", "Site"),
    "country": ("country", "Country", "Country Code"),
    "language": ("language", "Language"),
    "time_zone": ("time_zone", "Time Zone", "Timezone", "location", "location_name", "Location", "Office", "Site"),
    "status": ("status", "Status", "Employment Status"),
    "hire_on": ("hire_date", "hire_on", "Hire Date", "Start Date", "start_date"),
    "original_hire_on": ("original_hire_date", "original_hire_on", "Original Hire Date"),
    "last_day_on": ("last_day", "last_day_on", "Last Day", "Last Working Day"),
    "termination_on": ("termination_date", "termination_on", "Termination Date", "End Date", "end_date"),
    "termination_reason": ("termination_reason", "Termination Reason"),
    "compliance_flags": ("compliance_flags", "Compliance Flags", "Compliance"),
}
MANAGER = ("manager_employee_number", "manager_id", "manager", "Manager ID", "Manager Employee Number", "Manager Number", "Supervisor ID")

TRANSFORMS: dict[str, tuple[str, ...]] = {
    "work_email": ("email",),
    "personal_email": ("email",),
    "country": ("country",),
    "worker_type": ("lower",),
    "time_zone": ("time_zone:location-time-zone",),  # few files have such a column; where somebody works says it as well
    "status": ("lower", "replace:on leave|leave"),
    "hire_on": ("date",),
    "original_hire_on": ("date",),
    "last_day_on": ("date",),
    "termination_on": ("date",),
    "compliance_flags": ("split:;",),
}
REQUIRED = {"given_name", "family_name"}
MAY_BECOME_EMPTY = {
    "preferred_name",
    "last_day_on",
    "termination_on",
    "termination_reason",
    "compliance_flags",
}  # a rehire, a nickname taken back


def any_of(names: tuple[str, ...]) -> str:
    """A JMESPath for the first of these columns that is there and not empty."""
    return " || ".join(f'"{name}"' for name in names)


MAPPING: tuple[MappingRow, ...] = (
    *(
        MappingRow(
            attribute,
            any_of(names),
            TRANSFORMS.get(attribute, ()),
            required=attribute in REQUIRED,
            null_policy="clear" if attribute in MAY_BECOME_EMPTY else "keep",
        )
        for attribute, names in NAMES.items()
    ),
    MappingRow("manager_lines", f"[{{type: 'primary', manager: {any_of(MANAGER)}}}]", null_policy="clear"),
)
