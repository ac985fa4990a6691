"""One open issue per cause; it closes at the first success."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from config.errors import RollcallError
from config.logs import scrub
from config.notices.notify import close, notify
from config.sentences import Sentence, altered, sentence
from integrations.connectors.models import Connector, ConnectorIssue


def report(connector: Connector, error: RollcallError, now: datetime) -> None:
    """Count this trouble on the open issue of its kind, or open one. What a person must mend is also a notice."""
    detail = Sentence(altered(error.detail, scrub))  # a vendor may quote a person or a key; this is read by IT and mailed
    fields = {"detail": detail[:2000], "last_at": now}
    if not ConnectorIssue.objects.filter(connector=connector, code=error.code, closed_at=None).update(count=F("count") + 1, **fields):
        ConnectorIssue.objects.create(connector=connector, code=error.code, first_at=now, **fields)
    Connector.objects.filter(pk=connector.pk).update(failures=F("failures") + 1)
    if not error.retry:
        notify(
            f"connector:{connector.key}:{error.code}",
            "bad",
            sentence("%(name)s: %(what)s", name=connector.name, what=Sentence(error.sentence)),
            body=detail,
            next_step=Sentence(error.next_step),
            owner=error.owner.value,
        )


def answered(connector: Connector, now: datetime) -> None:
    """It can be reached again: close every open issue of this connector."""
    for code in ConnectorIssue.objects.filter(connector=connector, closed_at=None).values_list("code", flat=True):
        close(f"connector:{connector.key}:{code}")
    ConnectorIssue.objects.filter(connector=connector, closed_at=None).update(closed_at=now)
    Connector.objects.filter(pk=connector.pk).update(failures=0)


def succeeded(connector: Connector, now: datetime) -> None:
    """It was read to the end, or took what was written. Lateness is counted from here, so a test of the connection does not come here."""
    answered(connector, now)
    Connector.objects.filter(pk=connector.pk).update(last_success_at=now)
