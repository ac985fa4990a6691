"""A source's chart as it was last heard, with every unit's path flattened."""

from __future__ import annotations

from config.bulk import upsert_rows
from config.sentences import sentence
from identity.organisation.flatten import paths
from identity.organisation.models import OrgUnit
from integrations.canonical import Kind
from integrations.connectors.models import Connector
from integrations.records.models import UNTRANSLATED, SourceRecord
from integrations.vendors import vendor_class

COLUMNS = ("connector", "external_id", "name", "unit_type", "parent_key", "path", "problem")
IN_CIRCLE = sentence("units contain each other in a circle")
NO_PARENT = sentence("its parent is not in the source")


def write_units(connector: Connector) -> None:
    """Write the units of this source again when any of them waits. In the caller's transaction."""
    streams = [stream.name for stream in vendor_class(connector.vendor).streams if stream.kind == Kind.UNIT]
    units = SourceRecord.objects.filter(connector=connector, stream__in=streams, gone_at=None)
    if not streams or not units.filter(pending=True).exists():
        return
    said = dict(units.values_list("external_id", "values"))
    parents = {key: values.get("parent") or "" for key, values in said.items()}
    flat, cycles = paths(parents)
    circling = {unit for ring in cycles for unit in ring}
    rows = []
    for key, values in said.items():
        problem = IN_CIRCLE if key in circling else NO_PARENT if parents[key] and parents[key] not in parents else ""
        rows.append((connector.pk, key, values.get("name") or key, values.get("unit_type") or "", parents[key], flat[key], problem))
    upsert_rows(OrgUnit, COLUMNS, rows, unique=("connector", "external_id"), update=COLUMNS[2:])
    units.filter(pending=True).exclude(mapping_version=UNTRANSLATED).update(pending=False)
