"""Meridian Works as this installation's configuration: three HR systems, one Moodle, their value maps and timetables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from config import clock
from config.audit.cause import because
from config.audit.models import CauseKind
from config.roles.models import User
from config.sentences import sentence
from integrations.connectors.models import Connector, Credential
from integrations.mapping.models import ValueMap
from integrations.mapping.value_map_rows import RowValues, set_row
from integrations.mapping.versions import install_default
from integrations.sandbox.places import DEPARTMENTS, LOCATIONS
from integrations.vendors import vendor_class
from syncjobs.demo.models import PieceKind, mark, marked
from syncjobs.plans.models import PlanState
from syncjobs.runs.models import SyncRun
from syncjobs.schedules.models import Overlap, RunMode, SyncSchedule


@dataclass(frozen=True)
class Member:
    """One connector of the demo. `settings` may name {box}, the sandbox's address, and {folder}, its drop folder."""

    key: str
    name: str
    vendor: str
    rank: int
    settings: dict[str, Any]
    secrets: dict[str, str]
    is_target: bool = False
    schedules: tuple[tuple[str, str], ...] = ()
    policy: dict[str, Any] = field(default_factory=dict)


COMPANY = (
    Member(
        "workday",
        "Workday",
        "workday",
        10,
        {"base_url": "{box}/workday", "tenant": "meridian", "username": "isu_rollcall"},
        {"password": "sandbox-isu-password"},
        schedules=(("0 2 * * *", RunMode.DELTA), ("0 3 * * 0", RunMode.FULL)),
    ),
    Member(
        "bamboohr",
        "BambooHR",
        "bamboohr",
        20,
        {"company": "meridian", "base_url": "{box}/bamboohr/api/v1"},
        {"api_key": "sandbox-bamboohr-key"},
        schedules=(("20 2 * * *", RunMode.DELTA), ("20 3 * * 0", RunMode.FULL)),
    ),
    Member(
        "hr-extract",
        "HR extract",
        "csv_file",
        30,
        {"source": "folder", "folder": "{folder}", "pattern": "*.csv", "id_column": "Employee ID", "settle_seconds": 0},
        {},
        schedules=(("40 2 * * *", RunMode.FULL),),
    ),
    Member(
        "academy",
        "Moodle Academy",
        "moodle",
        90,
        {
            "base_url": "{box}/moodle",
            "auth": "oidc",
            "cohorts": ["department = dept-"],
            "create_cohorts": True,
            "full_listing": True,
            "languages": ["en", "de", "es", "fr", "it", "ja", "nl", "pl", "pt", "pt_br", "zh_cn"],
        },
        {"token": "moodle-demo-token"},
        is_target=True,
    ),
)


@transaction.atomic
def make_company(author: User | None, box: str, folder: str) -> list[Connector]:
    """Every connector with its secrets, default mappings, value maps and schedules, marked as the demo's. What exists stays as it is."""
    here = set(ValueMap.objects.values_list("pk", flat=True))
    made = [_member(member, author, box, folder) for member in COMPANY if not Connector.objects.filter(key=member.key).exists()]
    mark(PieceKind.CONNECTOR, made)
    mark(PieceKind.VALUE_MAP, ValueMap.objects.exclude(pk__in=here))
    _fill_value_maps(author)
    return made


def _member(member: Member, author: User | None, box: str, folder: str) -> Connector:
    filled = {key: value.format(box=box, folder=folder) if isinstance(value, str) else value for key, value in member.settings.items()}
    connector = Connector.objects.create(
        key=member.key,
        name=member.name,
        vendor=member.vendor,
        rank=member.rank,
        is_target=member.is_target,
        settings=filled,
        policy=member.policy,
    )
    for name, value in member.secrets.items():
        Credential.objects.create(connector=connector, name=name, value=value, set_at=clock.now())
    for stream, rows in vendor_class(member.vendor).default_mapping.items():
        install_default(connector, stream, rows, author)
    for cron, mode in member.schedules:
        overlap = Overlap.WAIT if mode == RunMode.FULL else Overlap.SKIP  # what reads everything is too rare to be left out
        zone = settings.ORGANISATION_ZONE
        SyncSchedule.objects.create(connector=connector, cron=cron, mode=mode, overlap=overlap, time_zone=zone, owner=author)
    return connector


def names_of(value_map: ValueMap) -> list[RowValues]:
    """The company's names for the codes of this map: of places and departments, and the time zone of each place."""
    if value_map.key == "location-time-zone":
        return [RowValues(place.name, place.time_zone) for place in LOCATIONS]
    places = LOCATIONS if "location" in value_map.key else DEPARTMENTS
    return [RowValues(place.code, place.name) for place in places]


def _fill_value_maps(author: User | None) -> None:
    """Names for every location and department code of the company; the maps themselves came with the default mappings."""
    for value_map in ValueMap.objects.filter(rows=None, pk__in=marked(PieceKind.VALUE_MAP)):
        cause = because(CauseKind.SETTING, sentence("Names of %(map)s", map=str(value_map)), actor=author)
        for row in names_of(value_map):
            set_row(value_map, row, cause, cause.at)


def is_loaded() -> bool:
    """Whether the company is there and every source was read and applied: a load that was broken off goes on at the next start."""
    members = [member.key for member in COMPANY]
    return Connector.objects.filter(key__in=members).exists() and not unread().exists()


def unread() -> QuerySet[Connector]:
    """Sources of the demo of which no plan was ever applied."""
    applied = SyncRun.objects.filter(plan__state=PlanState.APPLIED).values("connector")
    return Connector.objects.filter(is_target=False, pk__in=marked(PieceKind.CONNECTOR)).exclude(pk__in=applied).order_by("rank")
