"""The configuration of this installation as a bundle: the same tables give the same file, byte for byte. No secrets."""

from __future__ import annotations

from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from integrations.connectors.models import Connector
from integrations.mapping.models import FieldMapping, MappingState, MappingVersion, ValueMap
from integrations.vendors import vendor_class
from syncjobs.bundle.schema import VERSION
from syncjobs.schedules.models import Blackout, Overlap, SyncSchedule

HEAD = "# All configuration of a Rollcall installation but its secrets. Schema: docs/bundle.schema.json\n"


def snapshot() -> dict[str, Any]:
    """The configuration as plain values, in the shape of the schema, without what is at its default."""
    return {
        "rollcall": VERSION,
        "value_maps": [value_map(row) for row in ValueMap.objects.order_by("key").prefetch_related("rows")],
        "connectors": [connector(row) for row in Connector.objects.order_by("rank", "key")],
        "blackouts": [blackout(row) for row in Blackout.objects.select_related("connector").order_by("starts_at", "name", "pk")],
    }


def blackout(row: Blackout) -> dict[str, Any]:
    said = {"name": row.name, "connector": row.connector.key if row.connector else ""}
    return _full({**said, "from": row.starts_at.isoformat(), "until": row.ends_at.isoformat()})


def value_map(row: ValueMap) -> dict[str, Any]:
    rows = sorted(row.rows.all(), key=lambda one: (one.folded, str(one.valid_from or "")))
    return _full(
        {
            "key": row.key,
            "name": row.name,
            "keep_unknown": row.keep_unknown,
            "rows": [
                _full({"code": one.source, "name": one.target, "from": _day(one.valid_from), "until": _day(one.valid_until)})
                for one in rows
            ],
        }
    )


def _day(day: Any) -> str:
    return day.isoformat() if day else ""


def connector(row: Connector) -> dict[str, Any]:
    defaults = {item.key: item.default for item in vendor_class(row.vendor).settings}
    return _full(
        {
            "key": row.key,
            "name": row.name,
            "vendor": row.vendor,
            "target": row.is_target,
            "state": row.state if row.state != "active" else "",
            "rank": row.rank,
            "settings": {key: value for key, value in sorted(row.settings.items()) if value != defaults.get(key) and value is not None},
            "policy": row.policy,
            "pilot": row.pilot,
            "guard": row.guard,
            "mappings": {
                version.stream: [mapping_row(one) for one in version.rows.order_by("position", "id")]
                for version in MappingVersion.objects.filter(connector=row, state=MappingState.PUBLISHED).order_by("stream")
            },
            "schedules": [schedule(one) for one in SyncSchedule.objects.filter(connector=row).order_by("cron", "mode")],
        }
    )


def mapping_row(row: FieldMapping) -> dict[str, Any]:
    return _full(
        {
            "fills": row.target,
            "from": row.source,
            "by": list(row.transforms),
            "only_when": row.condition,
            "required": row.required,
            "when_empty": row.null_policy if row.null_policy != "keep" else "",
            "strength": row.strength if row.strength != "always" else "",
            "direction": row.direction if row.direction == "never" else "",
            "arrives": row.route if row.route != "at_once" else "",
        }
    )


def schedule(row: SyncSchedule) -> dict[str, Any]:
    said: dict[str, Any] = {"cron": row.cron, "time_zone": row.time_zone, "reads": row.mode}
    if row.overlap != Overlap.SKIP:
        said["overlap"] = row.overlap
    if row.jitter_minutes:
        said["jitter_minutes"] = row.jitter_minutes
    return said if row.is_active else {**said, "active": False}


def _full(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty or switched off."""
    return {key: value for key, value in values.items() if value not in ("", None, False, [], {})}


def as_yaml(bundle: dict[str, Any]) -> str:
    """Codes and names of value maps always in quotes, so that no reader takes NO for false."""
    quoted = {
        **bundle,
        "value_maps": [
            {**one, "rows": [{key: DoubleQuotedScalarString(value) for key, value in row.items()} for row in one.get("rows", [])]}
            for one in bundle["value_maps"]
        ],
    }
    yaml = YAML()
    yaml.version = None
    yaml.width = 140
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    yaml.dump({key: value for key, value in quoted.items() if value != []}, out)
    return HEAD + out.getvalue()
