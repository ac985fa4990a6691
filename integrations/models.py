"""The tables of the outside world, lowest first. Import a table from the theme that owns it; this page is for Django."""

from integrations.connectors.models import Connector, ConnectorIssue, ConnectorState, Credential, RequestLog
from integrations.mapping.models import FieldMapping, MappingVersion, UnmappedRecord, UnmappedValue, ValueMap, ValueMapRow
from integrations.outbound.models import Attempt, Delivery, DeliveryState
from integrations.records.models import RecordVersion, SourceRecord, Watermark

__all__ = [
    "Attempt",
    "Connector",
    "ConnectorIssue",
    "ConnectorState",
    "Credential",
    "Delivery",
    "DeliveryState",
    "FieldMapping",
    "MappingVersion",
    "RecordVersion",
    "RequestLog",
    "SourceRecord",
    "UnmappedRecord",
    "UnmappedValue",
    "ValueMap",
    "ValueMapRow",
    "Watermark",
]
