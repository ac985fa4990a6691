"""A mapped field in which nobody has a value any more is told once, and the news ends by itself when anybody has one again.

Rows that need their value set the record aside, and values that are to be emptied for many are held by the guard; this is about the
others, whose old values stay and go stale without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from config.notices.models import Severity
from config.notices.notify import close, notify
from config.sentences import sentence
from integrations.connectors.models import Connector
from integrations.mapping.translate import Mapping as FieldMappings
from integrations.records.models import Watermark
from integrations.records.vanished import vanished
from syncjobs.runs.context import StreamContext

KEY = "fields.vanished:"


def watch_fields(watermark: Watermark, connector: Connector, stream: StreamContext, window: Mapping[str, Any]) -> None:
    """Compare what a whole read brought with what was known, in the caller's transaction."""
    now = vanished(watermark.vanished, window.get("lost", {}), window.get("filled", ()), optional_fields(stream.mapping))
    if now == watermark.vanished:
        return
    watermark.vanished = now
    watermark.save(update_fields=["vanished"])
    key = f"{KEY}{connector.key}:{stream.stream.name}"
    if not now:
        close(key)
        return
    notify(
        key,
        Severity.WARN,
        sentence("%(name)s: a mapped field came empty for everybody", name=connector.name),
        body=sentence(
            "%(n)s person had a value and nobody has one any more: %(fields)s. What is known is kept, and grows old.",
            "%(n)s people had a value and nobody has one any more: %(fields)s. What is known is kept, and grows old.",
            n=max(now.values()),
            fields=", ".join(now),
        ),
        next_step=sentence(
            "Look whether the column was renamed or left out, then correct the mapping or the source. This ends by itself when it is back."
        ),
        link=reverse("mapping-edit", args=[connector.key, stream.stream.name]),
        owner="lnd",
    )


def optional_fields(mapping: FieldMappings) -> set[str]:
    """The fields of the payload whose rows do not speak up by themselves."""
    return {root for row in mapping.rows if not row.required and row.null_policy != "reject" for root in row.roots}
