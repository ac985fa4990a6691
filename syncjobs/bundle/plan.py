"""What an import would change, item by item and in words; and the import itself, in one transaction. Nothing is ever removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from config import clock
from config.audit.cause import acting_because, because
from config.audit.models import Cause, CauseKind
from config.audit.record import record
from config.bell import ring
from config.errors import BundleInvalid, MappingInvalid, RollcallError
from config.roles.models import User
from config.sentences import english, sentence
from integrations.connectors.models import Connector, ConnectorState, Credential, plans_anew
from integrations.mapping.install import install_rows
from integrations.mapping.models import ValueMap
from integrations.mapping.value_map_rows import RowValues, set_row
from integrations.mapping.value_maps import fold
from integrations.mapping.versions import install_default
from integrations.vendors import vendor_class
from integrations.vendors.base import MappingRow
from syncjobs.bundle import export
from syncjobs.plans.pilot import reached
from syncjobs.schedules.due import check
from syncjobs.schedules.models import Blackout, Overlap, SyncSchedule

FIELDS = {
    "name": "name",
    "vendor": "vendor",
    "target": "is_target",
    "state": "state",
    "rank": "rank",
    "policy": "policy",
    "pilot": "pilot",
    "guard": "guard",
}


@dataclass
class Item:
    """One thing of the bundle: `verb` is create, change or same; `lines` say what differs. `again`: how many people it has planned anew."""

    kind: str
    key: str
    verb: str
    lines: list[str] = field(default_factory=list)
    again: int = 0


def plan(bundle: dict[str, Any]) -> list[Item]:
    """Compare the bundle with the tables. Reads only. Raises BundleInvalid for what no table could hold."""
    maps = {row.key: row for row in ValueMap.objects.prefetch_related("rows")}
    connectors = {row.key: row for row in Connector.objects.all()}
    items = [
        _compared("value map", wanted, export.value_map(maps[wanted["key"]]) if wanted["key"] in maps else None)
        for wanted in bundle.get("value_maps", [])
    ]
    for wanted in bundle.get("connectors", []):
        _check_vendor_settings(wanted)
        current = connectors.get(wanted["key"])
        item = _compared("connector", wanted, export.connector(current) if current else None)
        if current is not None and item.verb == "change" and _plans_anew(current, wanted, item.lines):
            item.again = reached(current).count()
        items.append(item)
    known = connectors.keys() | {wanted["key"] for wanted in bundle.get("connectors", [])}
    standing = {_blackout_key(row): row for row in map(export.blackout, Blackout.objects.select_related("connector"))}
    for wanted in bundle.get("blackouts", []):
        if wanted.get("connector", "") not in known | {""}:
            raise BundleInvalid(f"blackouts “{wanted['name']}”: there is no connector “{wanted['connector']}”", field="connector")
        from_, until = _span(wanted)
        as_stored = {**wanted, "from": from_.isoformat(), "until": until.isoformat()}
        key = _blackout_key(wanted)
        verb = "same" if standing.get(key) == as_stored else "change" if key in standing else "create"
        items.append(Item("blackout", key, verb, ["from", "until"] if verb == "change" else []))
    return items


def _blackout_key(row: dict[str, Any]) -> str:
    return " · ".join(filter(None, (row["name"], row.get("connector", ""))))


def _span(row: dict[str, Any]) -> tuple[datetime, datetime]:
    """From and until in UTC. Raises BundleInvalid."""
    found = []
    for key in ("from", "until"):
        try:
            moment = datetime.fromisoformat(row[key])
        except ValueError as error:
            raise BundleInvalid(f"blackouts “{row['name']}”: “{row[key]}” is not a date with a time", field=key) from error
        found.append((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC))
    if found[0] >= found[1]:
        raise BundleInvalid(f"blackouts “{row['name']}” ends before it begins", field="until")
    return found[0], found[1]


def _plans_anew(current: Connector, wanted: dict[str, Any], differing: list[str]) -> bool:
    """Whether the import decides anew about everybody, as the same change on a page would; the tick sees to it afterwards."""
    columns = {FIELDS.get(name, name): wanted[name] for name in differing if name in FIELDS or name == "settings"}
    is_back = current.is_target and columns.get("state") == ConnectorState.ACTIVE
    return is_back or "mappings" in differing or plans_anew(vars(current), columns, is_target=current.is_target)


def _compared(kind: str, wanted: dict[str, Any], current: dict[str, Any] | None) -> Item:
    if current is None:
        return Item(kind, wanted["key"], "create", sorted(key for key in wanted if key != "key"))
    wanted = _normal(wanted)
    differing = [key for key in wanted if wanted[key] != current.get(key) and (wanted[key] or current.get(key))]
    return Item(kind, wanted["key"], "change" if differing else "same", sorted(differing))


def _normal(wanted: dict[str, Any]) -> dict[str, Any]:
    """As an export of the same would read: defaults left out, rows in order."""
    normal = dict(wanted)
    if "rows" in normal:
        normal["rows"] = sorted(normal["rows"], key=lambda row: (fold(row["code"]), row.get("from", "")))
    if "settings" in normal:
        defaults = {item.key: item.default for item in vendor_class(normal["vendor"]).settings}
        normal["settings"] = {
            key: value for key, value in sorted(normal["settings"].items()) if value != defaults.get(key) and value is not None
        }
    if "mappings" in normal:
        normal["mappings"] = {stream: [_normal_row(row) for row in rows] for stream, rows in sorted(normal["mappings"].items())}
    if "schedules" in normal:
        normal["schedules"] = sorted((_normal_schedule(row) for row in normal["schedules"]), key=lambda row: (row["cron"], row["reads"]))
    return normal


def _normal_row(row: dict[str, Any]) -> dict[str, Any]:
    dull: dict[str, Any] = {
        "when_empty": "keep",
        "strength": "always",
        "direction": None,
        "required": False,
        "by": [],
        "only_when": "",
        "arrives": "at_once",
    }
    return {key: value for key, value in row.items() if dull.get(key, object()) != value and not (key == "direction" and value != "never")}


def _normal_schedule(row: dict[str, Any]) -> dict[str, Any]:
    said = {"cron": row["cron"], "time_zone": row.get("time_zone", settings.ORGANISATION_ZONE), "reads": row.get("reads", "delta")}
    own = {key: row[key] for key, dull in (("overlap", Overlap.SKIP), ("jitter_minutes", 0)) if row.get(key, dull) != dull}
    return {**said, **own} if row.get("active", True) else {**said, **own, "active": False}


def _check_vendor_settings(wanted: dict[str, Any]) -> None:
    cls = vendor_class(wanted["vendor"])
    known = {item.key: item for item in cls.settings}
    unknown = sorted(set(wanted.get("settings", {})) - set(known))
    if unknown:
        raise BundleInvalid(f"connectors.{wanted['key']}.settings: {cls.label} has no {', '.join(unknown)}; it has {', '.join(known)}")
    held = [key for key in wanted.get("settings", {}) if known[key].kind == "secret"]
    if held:
        raise BundleInvalid(f"connectors.{wanted['key']}.settings: {', '.join(held)} is a secret; secrets are entered in the connector")
    streams = {stream.name for stream in cls.streams} | {target.name for target in cls.targets}
    strange = sorted(set(wanted.get("mappings", {})) - streams)
    if strange:
        raise BundleInvalid(
            f"connectors.{wanted['key']}.mappings: {cls.label} has no {', '.join(strange)}; it has {', '.join(sorted(streams))}"
        )


def carry_out(bundle: dict[str, Any], actor: User | None = None, reason: str = "") -> list[Item]:
    """Import everything or nothing. Raises BundleInvalid."""
    items = plan(bundle)
    verbs = {(item.kind, item.key): item.verb for item in items}
    try:
        with transaction.atomic():
            cause = because(CauseKind.SETTING, sentence("Bundle import"), reason=reason, actor=actor)
            with acting_because(cause):
                for wanted in bundle.get("value_maps", []):
                    if verbs["value map", wanted["key"]] != "same":
                        _write_map(wanted, cause)
                for wanted in bundle.get("connectors", []):
                    if verbs["connector", wanted["key"]] != "same":
                        _write_connector(wanted, actor, cause)
                for wanted in bundle.get("blackouts", []):
                    if verbs["blackout", _blackout_key(wanted)] != "same":
                        _write_blackout(wanted)
            changed = {f"{item.kind} {item.key}": item.verb for item in items if item.verb != "same"}
            if changed:
                record(cause, "bundle.imported", "bundle", cause.at.isoformat(), after=changed)
                ring("default")
    except BundleInvalid:
        raise
    except RollcallError as error:
        raise BundleInvalid(str(error), field=error.field) from error
    return items


def _write_map(wanted: dict[str, Any], cause: Cause) -> None:
    value_map, _ = ValueMap.objects.get_or_create(key=wanted["key"], defaults={"name": wanted.get("name", wanted["key"])})
    value_map.name = wanted.get("name", value_map.name)
    value_map.keep_unknown = wanted.get("keep_unknown", value_map.keep_unknown)
    value_map.save()
    for row in wanted.get("rows", []):
        set_row(value_map, RowValues(row["code"], row["name"], _day(row, "from"), _day(row, "until")), cause, cause.at)


def _day(row: dict[str, Any], key: str) -> date | None:
    try:
        return date.fromisoformat(row[key]) if row.get(key) else None
    except ValueError as error:
        raise BundleInvalid(f"“{row[key]}” is not a day (YYYY-MM-DD)", field=key) from error


def _write_connector(wanted: dict[str, Any], actor: User | None, cause: Cause) -> None:
    connector = Connector.objects.filter(key=wanted["key"]).first() or Connector(key=wanted["key"], name=wanted["key"])
    cls = vendor_class(wanted["vendor"])
    for name, column in FIELDS.items():
        if name in wanted:
            setattr(connector, column, wanted[name])
    if "target" not in wanted and connector.pk is None:
        connector.is_target = bool(cls.targets)
    if "settings" in wanted:
        connector.settings = wanted["settings"]
    secrets = dict(Credential.objects.filter(connector=connector).values_list("name", "value")) if connector.pk else {}
    cls.checked(connector.settings, {**{item.key: "—" for item in cls.settings if item.kind == "secret"}, **secrets})
    connector.save()
    for stream, rows in cls.default_mapping.items():
        if stream not in wanted.get("mappings", {}):
            install_default(connector, stream, rows, actor)
    for stream, rows in wanted.get("mappings", {}).items():
        try:
            install_rows(connector, stream, [_mapping_row(row) for row in rows], actor, cause)
        except MappingInvalid as error:
            raise BundleInvalid(f"connectors.{connector.key}.mappings.{stream}: {english(error.detail)}", field=error.field) from error
    if "schedules" in wanted:
        _write_schedules(connector, wanted["schedules"])


def _mapping_row(row: dict[str, Any]) -> MappingRow:
    return MappingRow(
        target=row["fills"],
        source=row["from"],
        transforms=tuple(row.get("by", ())),
        required=row.get("required", False),
        null_policy=row.get("when_empty", "keep"),
        strength=row.get("strength", "always"),
        condition=row.get("only_when", ""),
        route=row.get("arrives", "at_once"),
        direction=row.get("direction", ""),
    )


def _write_blackout(wanted: dict[str, Any]) -> None:
    connector = Connector.objects.get(key=wanted["connector"]) if wanted.get("connector") else None
    standing = Blackout.objects.filter(name=wanted["name"], connector=connector).order_by("pk").first()
    row = standing or Blackout(name=wanted["name"], connector=connector)
    row.starts_at, row.ends_at = _span(wanted)
    row.save()


def _write_schedules(connector: Connector, wanted: list[dict[str, Any]]) -> None:
    """The timetable becomes what the bundle says: schedules are told apart by cron line and what they read."""
    standing = {(row.cron, row.mode): row for row in SyncSchedule.objects.filter(connector=connector)}
    for item in (_normal_schedule(row) for row in wanted):
        row = standing.pop((item["cron"], item["reads"]), None) or SyncSchedule(connector=connector, cron=item["cron"], mode=item["reads"])
        row.time_zone, row.is_active = item["time_zone"], item.get("active", True)
        row.overlap, row.jitter_minutes = item.get("overlap", Overlap.SKIP), item.get("jitter_minutes", 0)
        check(row.cron, row.jitter_minutes)
        row.next_due_at = row.next_due(clock.now())
        row.save()
    for row in standing.values():
        row.delete()
