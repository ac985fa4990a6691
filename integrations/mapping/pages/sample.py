"""A real record to look at while editing: found by its id in the source, drawn at random, or the last one that still waits."""

from __future__ import annotations

import random
from typing import Any

from django.db.models import Max, Min, QuerySet

from integrations.canonical import BY_KEY
from integrations.connectors.models import Connector
from integrations.records.models import SourceRecord, Watermark

READ_FOR_FIELDS = 20  # records: fields that only a few people have appear in some of them
DEEP = 3  # levels of a payload that are offered as paths


# What a person has beyond the attributes when an account is planned (syncjobs/plans/accounts.py).
OUT_ONLY = ("public_id", "display_name", "manager_name", "manager_email", "manager_public_id")


def as_person(values: dict[str, Any]) -> dict[str, Any]:
    """A record's values with examples of what only the person has (OUT_ONLY), which this package does not know."""
    name = " ".join(filter(None, (values.get("preferred_name") or values.get("given_name"), values.get("family_name"))))
    manager = {"manager_name": "Ana Ruiz", "manager_email": "ana.ruiz@example.org", "manager_public_id": "P-000001"}
    return {"public_id": "P-000000", "display_name": name, **manager, **values}


def records_of(connector: Connector, stream: str, is_out: bool = False) -> QuerySet[SourceRecord]:
    """Records of the stream; for a target, records of people as the sources' mappings translate them."""
    if is_out:
        return SourceRecord.objects.filter(connector__is_target=False, gone_at=None, values__has_key="family_name")
    return SourceRecord.objects.filter(connector=connector, stream=stream, gone_at=None)


def pick(records: QuerySet[SourceRecord], how: str, asked: str = "", shown: str = "") -> SourceRecord | None:
    """`how`: find (`asked` is an id in the source), random, waiting (the last one not applied); else `shown` once more, or the newest."""
    if how == "find" and asked.strip():
        return records.filter(external_id=asked.strip()).first() or records.filter(external_id__istartswith=asked.strip()).first()
    if how == "random":
        return _any(records)
    if how == "waiting":
        return records.filter(pending=True).order_by("-pk").first()
    if shown.isdecimal() and len(shown) < 19:
        found = records.filter(pk=int(shown)).first()
        if found:
            return found
    return records.order_by("-pk").first()


def _any(records: QuerySet[SourceRecord]) -> SourceRecord | None:
    """One at random without sorting a million: the first at or after a random key."""
    ends = records.aggregate(low=Min("pk"), high=Max("pk"))
    if ends["low"] is None:
        return None
    return records.filter(pk__gte=random.randint(ends["low"], ends["high"])).order_by("pk").first()


def known_fields(connector: Connector, stream: str, is_out: bool = False) -> list[str]:
    """Paths that occur in recent records, or that came and were not kept, for the list of suggestions. Names of fields only, no values."""
    if is_out:
        return [*BY_KEY, *OUT_ONLY]
    found: set[str] = set()
    for payload in records_of(connector, stream).order_by("-pk").values_list("payload", flat=True)[:READ_FOR_FIELDS]:
        _collect(payload, "", found, DEEP)
    for names in Watermark.objects.filter(connector=connector, stream=stream).values_list("not_kept", flat=True):
        found.update(map(_name, names))
    return sorted(found)


def _collect(value: Any, path: str, found: set[str], levels: int) -> None:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        _collect(value[0], f"{path}[0]", found, levels)
        return
    if path and (not isinstance(value, dict) or not value):
        found.add(path)
        return
    if isinstance(value, dict) and levels:
        for key, inner in value.items():
            _collect(inner, f"{path}.{_name(key)}" if path else _name(key), found, levels - 1)


def _name(key: str) -> str:
    """As it is written in a path."""
    return key if key.replace("_", "a").isalnum() and not key[:1].isdigit() else f'"{key}"'
