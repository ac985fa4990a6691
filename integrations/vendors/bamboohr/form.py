"""The connector's form, and what the reading makes of it. Several fields stand for facts that public documents leave open.

Source: docs/vendors/bamboohr.md §11.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from config.errors import SettingInvalid
from config.sentences import sentence
from integrations.vendors.bamboohr.fields import ASKED, dataset_names, extra_fields, lines
from integrations.vendors.bamboohr.status import Words
from integrations.vendors.base import Setting

LONGEST_OVERLAP_MINUTES = 24 * 60

SETTINGS: tuple[Setting, ...] = (
    Setting("company", "Company", required=True, help="The first word of your BambooHR address: acme for https://acme.bamboohr.com."),
    Setting(
        "api_key",
        "API key",
        "secret",
        required=True,
        help="Made in BambooHR under your own picture, API Keys. It sees what the person who made it may see: use an account "
        "of its own that may see all employees, and no pay.",
    ),
    Setting(
        "address",
        "Address",
        "choice",
        default="company",
        choices=(("company", "https://company.bamboohr.com"), ("gateway", "https://api.bamboohr.com (older)")),
        help="Leave as it is, unless the connection test cannot find your company.",
    ),
    Setting("base_url", "Other address", "url", help="Only behind a gateway of your own: the whole address up to and with /v1."),
    Setting(
        "reader",
        "Read by",
        "choice",
        default="report",
        choices=(("report", "Custom report"), ("dataset", "Employee dataset")),
        help="The report is quicker and knows more fields. The dataset is there in case BambooHR ends the report.",
    ),
    Setting(
        "extra_fields",
        "Further fields",
        "list",
        help="Names or numbers of your own fields, one a line. They appear in the mapping under “custom”. Pay, national ids and birth "
        "dates cannot be read.",
    ),
    Setting(
        "manager_field",
        "Manager's id",
        "choice",
        default="supervisorEId",
        choices=(("supervisorEId", "supervisorEId"), ("supervisorId", "supervisorId"), ("reportsToId", "reportsToId of the employee list")),
        help="Which field holds the id of the manager. The connection test compares and tells you. With the dataset, the list is used "
        "unless a name in the dataset is given.",
    ),
    Setting(
        "leave_statuses",
        "Statuses that mean leave",
        "list",
        help="Your own employment statuses for people on leave, one a line, exactly as BambooHR shows them.",
    ),
    Setting(
        "leaver_statuses",
        "Statuses that mean leaving",
        "list",
        default=["Terminated"],
        help="Employment statuses that end an employment, one a line. Used with the employment status table.",
    ),
    Setting(
        "read_status_table",
        "Read the employment status table",
        "boolean",
        default=False,
        help="Tells planned terminations and the days of a leave ahead of time. Costs one large call a run.",
    ),
    Setting(
        "read_job_table",
        "Read the job table",
        "boolean",
        default=False,
        help="Takes title, department, division and location as of today, where a transfer has been entered ahead of time.",
    ),
    Setting(
        "early_leaver",
        "Inactive before the termination date",
        "choice",
        default="terminated",
        choices=(("terminated", "has left"), ("active", "works until that date")),
        help="What to make of somebody whom BambooHR shows as Inactive although the termination date lies ahead.",
    ),
    Setting(
        "completeness",
        "Prove that nobody is missing",
        "choice",
        default="list",
        choices=(("list", "Compare with the list of employees"), ("off", "Do not compare")),
        help="Without it, nobody is ever treated as gone because of being absent.",
    ),
    Setting(
        "overlap_minutes",
        "Overlap in minutes",
        "integer",
        default=10,
        help="How far each reading of changes reaches back behind the last.",
        is_manner=True,
    ),
    Setting(
        "dataset_fields",
        "Names in the dataset",
        "list",
        help="Only for the dataset: one a line, our name = its name, as in workEmail = email. Nothing after the sign leaves the field out.",
    ),
)


@dataclass(frozen=True)
class Terms:
    """The settings as the reading uses them.

    `asked` are the fields of the report; `extra` those of them that were named in the settings; `names` the dataset's words for them.
    """

    asked: tuple[str, ...]
    extra: tuple[str, ...]
    words: Words
    uses_dataset: bool
    names: Mapping[str, str]
    compares_list: bool
    reads_status_table: bool
    reads_job_table: bool
    overlap: timedelta

    @property
    def wants_listed_managers(self) -> bool:
        return self.words.manager == "reportsToId"


def terms(config: Mapping[str, Any]) -> Terms:
    """Raises SettingInvalid, naming the field."""
    extra = extra_fields(config["extra_fields"])
    try:
        overlap = int(config["overlap_minutes"])
    except (TypeError, ValueError) as error:
        raise SettingInvalid(sentence("Overlap: a whole number of minutes"), field="overlap_minutes") from error
    if not 0 <= overlap <= LONGEST_OVERLAP_MINUTES:
        raise SettingInvalid(
            sentence("Overlap: between 0 and %(longest_overlap_minutes)s minutes", longest_overlap_minutes=LONGEST_OVERLAP_MINUTES),
            field="overlap_minutes",
        )
    uses_dataset = config["reader"] == "dataset"
    names = dataset_names(config["dataset_fields"], extra)
    manager = str(config["manager_field"])
    if uses_dataset and manager not in names:
        manager = "reportsToId"  # which every company has in its list of employees
    return Terms(
        asked=ASKED + extra,
        extra=extra,
        words=Words(
            leave=frozenset(lines(config["leave_statuses"])),
            leaver=frozenset(lines(config["leaver_statuses"])),
            manager=manager,
            early_leaver=str(config["early_leaver"]),
        ),
        uses_dataset=uses_dataset,
        names=names,
        compares_list=config["completeness"] == "list",
        reads_status_table=bool(config["read_status_table"]),
        reads_job_table=bool(config["read_job_table"]),
        overlap=timedelta(minutes=overlap),
    )
