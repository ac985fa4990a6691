"""What a bundle may contain, as JSON Schema (2020-12). docs/bundle.schema.json is written from here (manage.py bundle schema)."""

from __future__ import annotations

from typing import Any

from integrations.canonical import ATTRIBUTES, UNIT_ATTRIBUTES
from integrations.mapping.decisions import SECOND_PERSON
from integrations.mapping.rows import NULL_POLICIES, ROUTES, STRENGTHS
from integrations.vendors import VENDORS
from syncjobs.guards.change_limits import RULES, Rule

VERSION = 1
KEY = {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,49}$"}
TEXT = {"type": "string"}
FLAG = {"type": "boolean"}
WHOLE = {"type": "integer", "minimum": 0}

ROW = {
    "type": "object",
    "additionalProperties": False,
    "required": ["fills", "from"],
    "properties": {
        "fills": {
            "type": "string",
            "description": "The attribute it fills; for a target, the target's own field. Ours are: "
            + ", ".join([attribute.key for attribute in ATTRIBUTES] + [f"{unit.key} (units)" for unit in UNIT_ATTRIBUTES]),
        },
        "from": {"type": "string", "description": "JMESPath into the record; the name of a column for files"},
        "by": {"type": "array", "items": TEXT, "description": "Transforms in order, as in trim, date, lookup:locations (docs/mapping.md)"},
        "only_when": TEXT,
        "required": FLAG,
        "when_empty": {"enum": list(NULL_POLICIES)},
        "strength": {"enum": list(STRENGTHS)},
        "direction": {"enum": ["in", "out", "never"]},
        "arrives": {
            "enum": list(ROUTES),
            "description": "Of a target's field: when a change of it is written. Default at_once (docs/mapping.md)",
        },
    },
}
SCHEDULE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["cron"],
    "properties": {
        "cron": {"type": "string", "description": "minute hour day month weekday"},
        "time_zone": {"type": "string", "description": "IANA name, as in Europe/Berlin"},
        "reads": {"enum": ["full", "delta"]},
        "overlap": {
            "enum": ["skip", "wait", "queue"],
            "description": "What falls due while another run of the source is at work: left out, started once it has ended, or queued",
        },
        "jitter_minutes": {**WHOLE, "description": "The start is spread over so many minutes; fewer than lie between two runs"},
        "active": FLAG,
    },
}


def _of_rule(rule: Rule) -> dict[str, Any]:
    if rule.choices:
        return {"enum": [code for code, _ in rule.choices]}
    if isinstance(rule.default, list):
        return {"type": "array", "items": TEXT}
    return WHOLE if isinstance(rule.default, int) else TEXT


POLICY = {
    "type": "object",
    "additionalProperties": False,
    "properties": {SECOND_PERSON: FLAG, **{key: _of_rule(rule) for key, rule in RULES.items()}},
    "description": "docs/operating.md, “Policies”",
}
BLACKOUT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "from", "until"],
    "properties": {
        "name": {**TEXT, "maxLength": 100},
        "connector": {**KEY, "description": "Left out: every connector"},
        "from": {"type": "string", "description": "UTC, as in 2026-12-24T18:00:00+00:00"},
        "until": {"type": "string"},
    },
}
LIMIT = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"people": WHOLE, "share": {"type": "number", "minimum": 0, "maximum": 1}, "most": WHOLE},
}
KINDS = ["create", "update", "deactivate", "reactivate", "link", "all"]
CONNECTOR = {
    "type": "object",
    "additionalProperties": False,
    "required": ["key", "vendor"],
    "properties": {
        "key": KEY,
        "name": TEXT,
        "vendor": {"enum": list(VENDORS)},
        "target": {"type": "boolean", "description": "true: people go there; false: people come from there"},
        "state": {"enum": ["active", "paused", "disabled"]},
        "rank": {**WHOLE, "maximum": 999, "description": "The lower number wins when two sources disagree"},
        "settings": {"type": "object", "description": "The fields of the connector's form; secrets are never part of a bundle"},
        "policy": POLICY,
        "pilot": {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: {"type": "array", "items": TEXT} for name in ("people", "units", "locations")},
        },
        "guard": {"type": "object", "additionalProperties": False, "properties": dict.fromkeys(KINDS, LIMIT)},
        "mappings": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": ROW},
            "description": "Rows by stream (or by target). A stream that is left out gets the vendor's own mapping.",
        },
        "schedules": {"type": "array", "items": SCHEDULE},
    },
}
VALUE_MAP = {
    "type": "object",
    "additionalProperties": False,
    "required": ["key"],
    "properties": {
        "key": KEY,
        "name": TEXT,
        "keep_unknown": FLAG,
        "rows": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["code", "name"],
                "properties": {"code": TEXT, "name": TEXT, "from": TEXT, "until": TEXT},
            },
        },
    },
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Rollcall bundle",
    "description": "All configuration of an installation but its secrets.",
    "type": "object",
    "additionalProperties": False,
    "required": ["rollcall"],
    "properties": {
        "rollcall": {"const": VERSION},
        "value_maps": {"type": "array", "items": VALUE_MAP},
        "connectors": {"type": "array", "items": CONNECTOR},
        "blackouts": {
            "type": "array",
            "items": BLACKOUT,
            "description": "Stretches in which no scheduled run starts; told apart by name and connector",
        },
    },
}
