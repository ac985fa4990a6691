"""The roles and what each may do. The list is the truth: `migrate` makes the groups of an installation equal to it.

An installation that wants another cut adds a group of its own; the groups named here are set back at every migrate.
docs/permissions.md is written from this page.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _  # English in the tables and docs, the reader's language on pages

# Permissions beyond Django's add, change, delete and view: "app.codename" → (model, what it lets people do).
SPECIAL: dict[str, tuple[str, str]] = {
    "config.verify_audit": ("auditentry", _("Verify the audit trail")),
    "config.export_audit": ("auditentry", _("Export the audit trail")),
    "config.operate_sandbox": ("sandboxclock", _("Move the sandbox: hire, rename, break a vendor, advance the day")),
    "integrations.test_connector": ("connector", _("Test a connector")),
    "integrations.pause_connector": ("connector", _("Pause and resume a connector")),
    "integrations.upload_file": ("connector", _("Upload a file for a connector")),
    "integrations.rotate_credential": ("credential", _("Replace a secret of a connector")),
    "integrations.publish_mapping": ("mappingversion", _("Publish a mapping")),
    "integrations.map_value": ("unmappedvalue", _("Give a code its name")),
    "integrations.retry_delivery": ("delivery", _("Send a delivery again, or give it up")),
    "identity.view_personal_data": ("person", _("See names, e-mail addresses, numbers and dates in full")),
    "identity.decide_case": ("case", _("Answer a case: same person, or not")),
    "syncjobs.start_run": ("syncrun", _("Start, cancel and retry runs, and synchronise one person")),
    "syncjobs.approve_plan": ("plan", _("Approve or refuse a plan that a guard holds")),
}

APPS = ("config", "integrations", "identity", "syncjobs")


@dataclass(frozen=True)
class Role:
    """`permissions` are "app.codename" patterns with * for any part; a pattern that matches nothing is a mistake (tested)."""

    name: str
    purpose: str
    permissions: tuple[str, ...]


LND = Role(
    _("L&D admin"),
    _("Owns mappings, value maps and cases; starts and watches runs."),
    (
        "config.operate_sandbox",
        "integrations.view_*",
        "integrations.test_connector",
        "integrations.upload_file",
        "integrations.*_mappingversion",
        "integrations.*_fieldmapping",
        "integrations.*_valuemap",
        "integrations.*_valuemaprow",
        "integrations.publish_mapping",
        "integrations.map_value",
        "integrations.retry_delivery",
        "identity.view_*",
        "identity.decide_case",
        "syncjobs.view_*",
        "syncjobs.start_run",
    ),
)
IT = Role(
    _("Integration engineer"),
    _("Owns connectors, secrets, schedules and the installation; sees people masked."),
    (
        "config.view_*",
        "config.verify_audit",
        "config.operate_sandbox",
        "integrations.view_*",
        "integrations.add_connector",
        "integrations.change_connector",
        "integrations.add_credential",
        "integrations.test_connector",
        "integrations.pause_connector",
        "integrations.upload_file",
        "integrations.rotate_credential",
        "integrations.*_mappingversion",
        "integrations.*_fieldmapping",
        "integrations.retry_delivery",
        "identity.view_person",
        "identity.view_case",
        "identity.view_orgunit",
        "identity.view_reportingline",
        "identity.view_link",
        "syncjobs.view_*",
        "syncjobs.*_syncschedule",
        "syncjobs.*_blackout",
        "syncjobs.start_run",
    ),
)
AUDITOR = Role(
    _("Auditor"),
    _("Reads everything, changes nothing."),
    ("*.view_*", "config.verify_audit", "config.export_audit"),
)
PARTNER = Role(
    _("Partner manager"),
    _("Sees learners of own accounts only. Accounts arrive with the CRM connectors; until then there is nothing to see."),
    (),
)
APPROVER = Role(
    _("Approver"),
    _("The second person: approves plans, holds and mappings made by others."),
    (
        "integrations.view_connector",
        "integrations.view_mappingversion",
        "integrations.view_fieldmapping",
        "integrations.view_valuemap",
        "integrations.view_valuemaprow",
        "integrations.publish_mapping",
        "identity.view_person",
        "syncjobs.view_*",
        "syncjobs.approve_plan",
    ),
)

ROLES: tuple[Role, ...] = (LND, IT, AUDITOR, PARTNER, APPROVER)

# Who is told, by the owner that errors and notices name (config/errors.py). The source's owner is outside: L&D passes it on. A plan that
# waits is told to those who decide and to those whose people they are, as the overview does.
ROLES_OF_OWNER = {
    "it": (IT.name,),
    "lnd": (LND.name,),
    "source": (LND.name,),
    "rollcall": (IT.name,),
    "approver": (APPROVER.name, LND.name),
}
