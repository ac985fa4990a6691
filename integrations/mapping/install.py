"""Rows that come from a file become the mapping in force, at once: for bundles. People go through a draft."""

from __future__ import annotations

from collections.abc import Sequence

from config.audit.models import Cause
from config.errors import MappingInvalid
from config.roles.models import User
from config.sentences import sentence
from integrations.connectors.models import Connector
from integrations.mapping.models import Direction, FieldMapping, MappingState, MappingVersion
from integrations.mapping.rows import RowLike
from integrations.mapping.shapes import shape_of
from integrations.mapping.versions import as_values, draft, of_stream, publish


def install_rows(connector: Connector, stream: str, rows: Sequence[RowLike], author: User | None, cause: Cause) -> MappingVersion:
    """Publish `rows` unless they are in force already. Raises MappingInvalid; refuses to run over somebody's draft."""
    direction = Direction.OUT if shape_of(connector.vendor, stream).is_out else Direction.IN
    wanted = [{**as_values(row), "direction": str(Direction.NEVER if row.direction == Direction.NEVER else direction)} for row in rows]
    standing = of_stream(connector, stream, MappingState.PUBLISHED)
    if standing is not None and [as_values(row) for row in standing.rows.all()] == wanted:
        return standing
    if of_stream(connector, stream, MappingState.DRAFT) is not None:
        raise MappingInvalid(
            sentence(
                "%(connector)s %(stream)s has a draft that somebody is working on; publish it or throw it away first",
                connector=str(connector),
                stream=stream,
            )
        )
    version = draft(connector, stream, author)
    version.rows.all().delete()
    FieldMapping.objects.bulk_create(FieldMapping(mapping=version, position=place, **values) for place, values in enumerate(wanted))
    return publish(version, "From a bundle", cause, cause.at)
