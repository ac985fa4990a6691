"""All mappings: which stream of which system, what is in force, what is being worked on."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from config.admin_screens import page, screen
from integrations.connectors.models import Connector
from integrations.mapping.models import MappingState, MappingVersion
from integrations.mapping.unmapped import open_values
from integrations.vendors import vendor_class

VIEW = "integrations.view_mappingversion"


@dataclass(slots=True)
class Stream:
    """One line. `label` as the vendor calls it; `is_out` for a target that is written."""

    connector: Connector
    name: str
    label: str
    is_out: bool
    published: MappingVersion | None = None
    draft: MappingVersion | None = None


@screen(VIEW)
def mappings(request: HttpRequest) -> HttpResponse:
    """Three queries, however many connectors."""
    streams = [stream for connector in Connector.objects.all() for stream in _streams(connector)]
    by_name = {(stream.connector.pk, stream.name): stream for stream in streams}
    standing = MappingVersion.objects.filter(state__in=[MappingState.PUBLISHED, MappingState.DRAFT])
    for version in standing.select_related("author").annotate(size=Count("rows")):
        stream = by_name.get((version.connector_id, version.stream))
        if stream is not None and version.state == MappingState.PUBLISHED:
            stream.published = version
        elif stream is not None:
            stream.draft = version
    context = {
        "streams": streams,
        "waiting": open_values().count(),
        "published": sum(stream.published is not None for stream in streams),
        "drafts": sum(stream.draft is not None for stream in streams),
    }
    return page(request, "integrations/mapping/mappings.html", context, title=_("Mappings"), section="mappings")


def stream_label(vendor: str, name: str) -> str:
    """What a stream is called on screens, in the reader's language; its bare name where this version does not know it."""
    declared = vendor_class(vendor)
    labels = {**{one.name: one.label for one in declared.streams}, **{one.name: one.label for one in declared.targets}}
    return _(labels[name]) if name in labels else name.replace("_", " ").capitalize()


def _streams(connector: Connector) -> list[Stream]:
    declared = vendor_class(connector.vendor)
    written = [Stream(connector, one.name, _(one.label), True) for one in declared.targets]
    names = {one.name for one in written}
    return [Stream(connector, one.name, _(one.label), False) for one in declared.streams if one.name not in names] + written
