"""The tables of people, lowest first. Import a table from the theme that owns it; this page is for Django."""

from identity.cases.models import Candidate, Case, CaseKind, CaseState, Verdict
from identity.organisation.models import OrgUnit, PrimaryChoice, ReportingLine
from identity.people.models import FactSheet, Link, Person, PersonNumber, Replan, Standing

__all__ = [
    "Candidate",
    "Case",
    "CaseKind",
    "CaseState",
    "FactSheet",
    "Link",
    "OrgUnit",
    "Person",
    "PersonNumber",
    "PrimaryChoice",
    "Replan",
    "ReportingLine",
    "Standing",
    "Verdict",
]
