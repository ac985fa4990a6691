"""What support needs to know of a connector, as one JSON: nothing in it is a secret or names anybody.

Only what was chosen to be in it is in it: codes instead of sentences, counts instead of lists, addresses without the ids in them.
What another system answered may quote a person and stays out, however useful it would be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.db.models import Count
from django.utils import translation

from config import clock
from config.health.diagnosis import diagnose
from config.logs import scrub
from config.system.versions import versions
from integrations.connectors.models import Connector, ConnectorIssue, Credential, RequestLog
from integrations.mapping.models import MappingState, MappingVersion
from integrations.outbound.models import Delivery
from integrations.records.models import Watermark
from integrations.vendors import vendor_class
from integrations.wire.redact import HIDDEN, Redactor
from syncjobs.runs.models import Outcome, RecordOutcome, SyncRun
from syncjobs.schedules.models import SyncSchedule

FORMAT = 1
REQUESTS, RUNS, ISSUES = 50, 20, 20
AN_ID = re.compile(r"[^/]*(?:\d|@|%40|•)[^/]*")  # a part of a path that may be somebody's: numbers, addresses
NAMING = ("username", "report_owner")  # settings whose value is the login of somebody, or of a service
REPORT_OF = re.compile(r"/customreport2/[^/]+/([^/?#]+)")  # in the address of a report stands whose it is
A_VERSION = re.compile(r"v\d+(\.\d+)?")


def diagnosis(connector: Connector) -> dict[str, Any]:
    """Plain values, ready for JSON. Reads only; a dozen queries, however much there is."""
    hide = _names(connector)
    return {
        "rollcall_diagnosis": FORMAT,
        "made_at": _at(clock.now()),
        "installation": _installation(),
        "checks": {finding.name: finding.grade.value for finding in diagnose()},
        "connector": _connector(connector),
        "secrets": [
            {"name": row.name, "set_at": _at(row.set_at), "last_used_at": _at(row.last_used_at), "expires_at": _at(row.expires_at)}
            for row in Credential.objects.filter(connector=connector).defer("value").order_by("name")
        ],
        "mappings": list(
            MappingVersion.objects.filter(connector=connector, state=MappingState.PUBLISHED)
            .annotate(rows_in_it=Count("rows"))
            .order_by("stream")
            .values("stream", "number", "rows_in_it")
        ),
        "schedules": list(
            SyncSchedule.objects.filter(connector=connector)
            .order_by("pk")
            .values("cron", "time_zone", "mode", "overlap", "jitter_minutes", "is_active")
        ),
        "read_up_to": [
            {
                "stream": row.stream,
                "mark": _at(row.mark),
                "last_full_at": _at(row.last_full_at),
                "last_full_count": row.last_full_count,
                "vanished": row.vanished,
            }
            for row in Watermark.objects.filter(connector=connector).order_by("stream")
        ],
        "issues": [
            {
                "code": row.code,
                "count": row.count,
                "first_at": _at(row.first_at),
                "last_at": _at(row.last_at),
                "closed_at": _at(row.closed_at),
            }
            for row in ConnectorIssue.objects.filter(connector=connector).order_by("-last_at")[:ISSUES]
        ],
        "runs": _runs(connector),
        "writes": list(
            Delivery.objects.filter(connector=connector).order_by().values("operation", "state", "error_code").annotate(n=Count("id"))
        ),
        "requests": [
            {
                "at": _at(row.at),
                "method": row.method,
                "url": hide.text(without_ids(row.url)),
                "status": row.status,
                "ms": row.ms,
                "received_bytes": row.received_bytes,
                "error": row.error_code,
            }
            for row in RequestLog.objects.filter(connector=connector).order_by("-at", "-id")[:REQUESTS]
        ],
    }


def _installation() -> dict[str, str]:
    """In English, whoever looks: it is read by others."""
    with translation.override("en"):
        return {str(line.label): str(line.value) for line in versions()}


def _connector(connector: Connector) -> dict[str, Any]:
    vendor, hide = vendor_class(connector.vendor), _names(connector)
    return {
        "key": connector.key,
        "vendor": vendor.key,
        "built_against": vendor.version,
        "state": connector.state,
        "receives_people": connector.is_target,
        "rank": connector.rank,
        "settings_version": Connector.history.filter(id=connector.pk).count(),
        "settings": {
            one.key: _plain(connector.settings[one.key], hide)
            for one in vendor.settings
            if one.kind != "secret" and one.key in connector.settings
        },
        "policy": _plain(connector.policy, hide),
        "guard": _plain(connector.guard, hide),
        "pilot": {key: len(values) for key, values in connector.pilot.items()},
        "last_success_at": _at(connector.last_success_at),
        "failures_in_a_row": connector.failures,
        "rests_until": _at(connector.breaker_until),
    }


def _runs(connector: Connector) -> list[dict[str, Any]]:
    runs = list(SyncRun.objects.filter(connector=connector).order_by("-id")[:RUNS])
    aside: dict[int, list[dict[str, Any]]] = {}
    parked: Any = RecordOutcome.objects.filter(run__in=runs, outcome=Outcome.PARKED).order_by().values("run_id", "code", "field")
    for row in parked.annotate(n=Count("id")):
        aside.setdefault(row.pop("run_id"), []).append(row)
    return [
        {
            "number": run.pk,
            "trigger": run.trigger,
            "mode": run.mode,
            "dry": run.is_dry,
            "phase": run.phase,
            "stage": run.stage,
            "error": run.error_code,
            "tries": run.tries,
            "created_at": _at(run.created_at),
            "started_at": _at(run.started_at),
            "finished_at": _at(run.finished_at),
            "counts": {key: value for key, value in run.counts.items() if isinstance(value, int)},
            "mappings": run.counts.get("mappings", {}),
            "set_aside": aside.get(run.pk, []),
        }
        for run in runs
    ]


def without_ids(url: str) -> str:
    """`https://hr.example/api/v1/employees/4711?id=4711` → `https://hr.example/api/v1/employees/•••?id`: where, not about whom."""
    parts = urlsplit(url)
    path = "/".join(HIDDEN if AN_ID.fullmatch(part) and not A_VERSION.fullmatch(part) else part for part in parts.path.split("/"))
    names = "&".join(dict.fromkeys(name for name, _value in parse_qsl(parts.query, keep_blank_values=True)))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}{'?' if names else ''}{names}"


def _names(connector: Connector) -> Redactor:
    logins = [str(connector.settings[key]) for key in NAMING if connector.settings.get(key)]
    owner = REPORT_OF.search(str(connector.settings.get("report_url") or ""))
    return Redactor([*logins, *({owner[1], unquote(owner[1])} if owner else ())])


def _plain(value: Any, hide: Redactor) -> Any:
    """A setting as it stands, without what looks like a key or an e-mail address, and without logins."""
    if isinstance(value, Mapping):
        return {key: _plain(inner, hide) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, hide) for one in value]
    if isinstance(value, str):
        return hide.url(value) if "://" in value else hide.text(scrub(value))
    return value


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
