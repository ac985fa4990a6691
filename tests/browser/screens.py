"""The screens that are photographed: one list. Add a line when a page is added.

`args` are looked up in the installation that is photographed, so that a person or run with something to show is chosen; None means
that there is nothing to show yet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from integrations.sandbox import cast


@dataclass(frozen=True)
class Screen:
    """`name` is the file name; `url_names`, best first; `role` whose eyes see it (“administrator” may do everything)."""

    name: str
    url_names: tuple[str, ...]
    args: Callable[[], tuple[Any, ...] | None] = tuple
    role: str = "administrator"


def first_of(model: str, *order: str, **where: Any) -> Callable[[], tuple[Any, ...] | None]:
    """The first row of a table that fits, as the arguments of an address."""

    def found() -> tuple[Any, ...] | None:
        row = apps.get_model(model)._default_manager.filter(**where).order_by(*order).first()
        return (row.pk,) if row else None

    return found


def planned_person() -> tuple[Any, ...] | None:
    """The last run that plans something for the account of somebody it knows, and that person."""
    change = apps.get_model("syncjobs.PlannedChange").objects.filter(target__isnull=False, kind="update").order_by("-id").first()
    return (change.plan.run_id, change.person_id) if change else None


def field_left_behind() -> tuple[Any, ...] | None:
    """A field of a learning system that an earlier version of its mapping filled and the one in force does not."""
    from integrations.mapping.versions import no_longer_filled

    for version in apps.get_model("integrations.MappingVersion").objects.filter(state="published", connector__is_target=True):
        for field in no_longer_filled(version.connector, version.stream):
            return version.connector.key, version.stream, field
    return None


def tab_of(tab: str) -> Callable[[], tuple[Any, ...] | None]:
    """That tab of the first connector."""

    def found() -> tuple[Any, ...] | None:
        first = first_of("integrations.Connector", "rank")()
        return (*first, tab) if first else None

    return found


def a_secret() -> tuple[Any, ...] | None:
    row = apps.get_model("integrations.Credential").objects.order_by("connector__rank", "id").first()
    return (row.connector_id, row.name) if row else None


def a_fact() -> tuple[Any, ...] | None:
    """Where the title of somebody with two managers comes from."""
    found = first_of("identity.Person", "id", display_name__contains="Rossi")()
    return (*found, "job_title") if found else None


def a_mapping() -> tuple[Any, ...] | None:
    row = (
        apps.get_model("integrations.MappingVersion").objects.filter(state="published", stream="people").order_by("connector__rank").first()
    )
    return (row.connector.key, row.stream) if row else None


def a_value_map() -> tuple[Any, ...] | None:
    row = apps.get_model("integrations.ValueMap").objects.filter(rows__isnull=False).order_by("id").first()
    return (row.key,) if row else None


SCREENS = (
    Screen("overview", ("admin:index",)),
    Screen("overview-lnd", ("admin:index",), role="L&D admin"),
    Screen("overview-it", ("admin:index",), role="Integration engineer"),
    Screen("overview-auditor", ("admin:index",), role="Auditor"),
    Screen("overview-partner", ("admin:index",), role="Partner manager"),
    Screen("decisions", ("decisions", "admin:identity_case_changelist")),
    Screen("case", ("case", "admin:identity_case_change"), first_of("identity.Case", "opened_at", state="open")),
    Screen("runs", ("runs", "admin:syncjobs_syncrun_changelist")),
    Screen(
        "run-held", ("run", "admin:syncjobs_syncrun_change"), first_of("syncjobs.SyncRun", "-id", phase__in=("held", "awaiting approval"))
    ),
    Screen("run", ("run", "admin:syncjobs_syncrun_change"), first_of("syncjobs.SyncRun", "-id", phase="succeeded")),
    Screen("run-partial", ("run",), first_of("syncjobs.SyncRun", "-id", phase="partial")),
    Screen("run-start", ("run-start",)),
    Screen("run-approve", ("run-approve",), first_of("syncjobs.SyncRun", "-id", phase__in=("held", "awaiting approval"))),
    Screen("run-plan", ("run-plan",), first_of("syncjobs.SyncRun", "-id", plan__changes__isnull=False)),
    Screen("run-person", ("run-person",), planned_person),
    Screen("run-records", ("run-records",), first_of("syncjobs.SyncRun", "-id", outcomes__isnull=False)),
    Screen("people", ("people", "admin:identity_person_changelist")),
    Screen("person", ("person", "admin:identity_person_change"), first_of("identity.Person", "id", display_name__contains="Rossi")),
    Screen("first-days", ("joiners",)),
    Screen("deliveries", ("deliveries", "admin:integrations_delivery_changelist")),
    Screen("connectors", ("connectors", "admin:integrations_connector_changelist")),
    Screen("connector", ("connector", "admin:integrations_connector_change"), first_of("integrations.Connector", "rank")),
    Screen("connector-settings", ("connector-tab",), tab_of("settings")),
    Screen("connector-changes", ("connector-tab",), tab_of("changes")),
    Screen("connector-diagnosis", ("connector-diagnosis",), first_of("integrations.Connector", "rank")),
    Screen("connector-limits", ("connector-tab",), tab_of("limits")),
    Screen("connector-mappings", ("connector-tab",), tab_of("mappings")),
    Screen("connector-runs", ("connector-tab",), tab_of("runs")),
    Screen("connector-requests", ("connector-tab",), tab_of("requests")),
    Screen("connector-secrets", ("connector-tab",), tab_of("credentials")),
    Screen("connector-danger", ("connector-tab",), tab_of("danger")),
    Screen("connector-rotate", ("connector-rotate",), a_secret),
    Screen("connector-kinds", ("connector-kinds",)),
    Screen("connector-add", ("connector-add",), lambda: ("moodle",)),
    Screen("delivery", ("delivery",), first_of("integrations.Delivery", "-id")),
    Screen("person-sync", ("person-sync",), first_of("identity.Person", "id", display_name__contains="Rossi")),
    Screen("case-later", ("case-later",), first_of("identity.Case", "opened_at", state="open")),
    Screen("audit-entry", ("audit-entry",), first_of("config.AuditEntry", "-seq", action="run.approve_plan")),
    Screen("schedule-add", ("schedule-add",)),
    Screen("schedule-edit", ("schedule-edit",), first_of("syncjobs.SyncSchedule", "id")),
    Screen("schedule-pause", ("schedule-pause",), first_of("syncjobs.SyncSchedule", "id")),
    Screen("blackout-add", ("blackout-add",)),
    Screen("person-fact", ("person-fact",), a_fact),
    Screen("find", ("find",)),
    Screen("mapping", ("mapping-edit",), a_mapping),
    Screen("mapping-versions", ("mapping-versions",), a_mapping),
    Screen("mapping-publish", ("mapping-publish",), a_mapping),
    Screen("value-map", ("value-map",), a_value_map),
    Screen("help-topic", ("help-topic",), lambda: ("runs",)),
    Screen("remove-values", ("mapping-remove-values",), field_left_behind),
    Screen("mappings", ("mappings", "admin:integrations_mappingversion_changelist")),
    Screen("value-maps", ("value-maps", "admin:integrations_valuemap_changelist")),
    Screen("schedules", ("schedules", "admin:syncjobs_syncschedule_changelist")),
    Screen("audit", ("audit", "admin:config_auditentry_changelist")),
    Screen("staff", ("staff", "admin:config_user_changelist")),
    Screen("system", ("system",)),
    Screen("parts", ("parts",)),
    Screen("help", ("help",)),
)
SANDBOX_PAGES = {  # name → path in the sandbox, which has no logins
    "sandbox": "/",
    "sandbox-people": "/people",
    "sandbox-person": f"/people/workday/{cast.NOOR_VAN_DEN_BERG.key}",
    "sandbox-hire": "/people/workday/new",
    "sandbox-break": "/break",
    "sandbox-accounts": "/accounts",
    "sandbox-calls": "/calls",
}
