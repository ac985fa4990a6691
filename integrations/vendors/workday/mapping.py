"""Where the attributes come from until somebody says otherwise. Sources are JMESPaths into the payload of parse.py.

With reports as source the rows hold the customer's own column names under `report`; the usual aliases are tried second.
"""

from __future__ import annotations

from integrations.vendors.base import MappingRow


def _place(kind: str, key: str) -> str:
    return f"organizations[?type=='{kind}'].{key} | [0]"


def _job(key: str) -> str:
    """The primary job by its mark, not the first one. `|` binds weaker than `||`, hence the brackets around both users."""
    return f"jobs[?primary].{key} | [0]"


# "123" of an employee and "123" of a contractor are two people: a contractor's number says so.
EMPLOYEE_NUMBER = "employee_id || report.Employee_ID || (contingent_worker_id && join('-', ['CW', contingent_worker_id]))"

# Nobody says how Time_Zone_ID is written; if an IANA name is in it, this finds it, and otherwise there is no zone.
IANA = r"regex:[A-Z][A-Za-z]+/[A-Za-z_/-]+|^UTC$"

WORKERS = (
    MappingRow("employee_number", EMPLOYEE_NUMBER, ("trim",), required=True),
    MappingRow("given_name", "name.given || report.Preferred_First_Name || report.First_Name || report.Legal_First_Name", ("trim",)),
    MappingRow("family_name", "name.family || report.Last_Name || report.Legal_Last_Name", ("trim",)),
    MappingRow("middle_name", "name.middle", ("trim",)),
    MappingRow("preferred_name", "names.preferred.given || report.Preferred_First_Name", ("trim",)),
    MappingRow("name_suffix", "name.suffix", ("trim",)),
    MappingRow("username", "user_id || report.User_Name", ("trim",)),
    MappingRow("work_email", "email || report.Work_Email", ("email",)),
    MappingRow("personal_email", "emails[?usage=='HOME'].address | [0]", ("email",)),
    MappingRow("phone", "phones[?usage=='WORK'].number | [0]", ("trim",)),
    MappingRow("worker_type", "worker_type || report.Worker_Type", ("lower",)),
    MappingRow("job_title", f"({_job('title')}) || report.Business_Title", ("trim",)),
    MappingRow("department", f"({_place('BUSINESS_UNIT', 'name')}) || ({_place('SUPERVISORY', 'name')}) || report.Department", ("trim",)),
    MappingRow("unit", "unit_path[-1]"),
    MappingRow("unit_path", "unit_path"),
    MappingRow("company", f"({_place('COMPANY', 'name')}) || report.Company", ("trim",)),
    MappingRow("cost_center", f"({_place('COST_CENTER', 'code')}) || ({_place('COST_CENTER', 'reference_id')})", ("trim",)),
    MappingRow("location", f"({_job('location_id')}) || report.Location_ID || report.Location", ("lookup:workday-location",)),
    MappingRow("country", f"({_job('country')}) || report.Country", ("upper",)),
    MappingRow("language", f"account.language || ({_job('language')})", ("replace:_|-",)),
    MappingRow("time_zone", "account.time_zone || report.Time_Zone", (IANA,)),
    MappingRow("status", "state || report.Status", ("lower",), required=True),
    MappingRow("hire_on", "status.hire_on || report.Hire_Date", ("date",)),
    MappingRow("original_hire_on", "status.original_hire_on", ("date",)),
    # What was rescinded has to go away again; the status section is always there, or the record was rejected.
    MappingRow("last_day_on", "status.last_day_on || contract.end_on || report.Last_Day_of_Work", ("date",), null_policy="clear"),
    MappingRow("termination_on", "status.termination_on || contract.end_on || report.Termination_Date", ("date",), null_policy="clear"),
    MappingRow(
        "termination_reason",
        "termination_reason.name || termination_reason.id || report.Termination_Reason",
        ("trim",),
        null_policy="clear",
    ),
    MappingRow("on_leave", "on_leave", ("boolean",)),
    MappingRow("leave_from_on", "status.leaves[?on_leave].from_on | [0]", ("date",), null_policy="clear"),
    MappingRow("leave_until_on", "status.leaves[?on_leave].until_on | [0]", ("date",), null_policy="clear"),
    MappingRow("manager_lines", "reporting_lines", null_policy="clear"),
)

UNITS = (
    MappingRow("name", "name", ("trim",), required=True),
    MappingRow("code", "reference_id", ("trim",)),
    MappingRow("parent", "parent", null_policy="clear"),
    MappingRow("unit_type", "type", ("lower",)),
    MappingRow("manager", "manager", null_policy="clear"),
)
