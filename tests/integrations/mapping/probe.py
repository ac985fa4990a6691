"""A vendor that only declares: something to read of each kind, and something to write."""

from __future__ import annotations

from integrations.vendors.base import Family, MappingRow, Stream, Target, Vendor


class Probe(Vendor):
    key = "probe"
    label = "Probe"
    family = Family.HRIS
    streams = (Stream("people", "People", "worker"), Stream("units", "Units", "unit"), Stream("learners", "Learners", "learner"))
    targets = (Target("accounts", "Accounts"),)


PEOPLE = (
    MappingRow("employee_number", "id", ("trim",), required=True),
    MappingRow("given_name", "first", ("trim",), required=True),
    MappingRow("family_name", "last", ("trim",), required=True),
    MappingRow("work_email", "email", ("email",)),
    MappingRow("location", "site", ("lookup:locations",)),
    MappingRow("termination_on", "left", ("date",), null_policy="clear"),
)
RECORD = {"id": "42", "first": "Jane", "last": "Doe", "email": "Jane.Doe@meridian.example", "site": "BER-01", "left": ""}
