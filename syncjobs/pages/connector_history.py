"""What was changed about a connector: who, when, why, and each value before and after. Secrets only as set or replaced.

From the histories of the connector, its secrets and its schedules, newest first; what is older stands in the audit trail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from config.sentences import Sentence, sentence
from integrations.connectors.decisions import SaveConnector
from integrations.connectors.models import Connector, ConnectorState, Credential
from integrations.connectors.setting_changes import change
from integrations.vendors import vendor_class
from syncjobs.guards.change_limits import ChangeLimits
from syncjobs.schedules.models import RunMode, SyncSchedule
from syncjobs.schedules.words import overlap_words
from syncjobs.schedules.words import sentence as in_words

HISTORY = "integrations.view_historicalconnector"  # the permission to see it
SHOWN = 50
COLUMNS = ("key", "name", "vendor", "state", "is_target", "settings", "rank", "pilot", "guard", "policy")


@dataclass(frozen=True, slots=True)
class Change:
    """One save. `version` numbers those of the connector itself from 1 on; None for secrets and schedules. `what`: kept or plain texts."""

    at: datetime
    who: str
    why: str
    what: list[str]
    version: int | None = None


def changes(connector: Connector) -> list[Change]:
    """Four queries, however long the history is."""
    found = [*_of_connector(connector), *_of_secrets(connector), *_of_schedules(connector)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:SHOWN]


def version_at(connector: Connector, at: datetime) -> int:
    """Which version of the connector's settings counted then; 0 before there was any."""
    return int(Connector.history.filter(id=connector.pk, history_date__lte=at).count())


def _of_connector(connector: Connector) -> Iterator[Change]:
    rows = list(Connector.history.filter(id=connector.pk).select_related("history_user").order_by("-history_id")[: SHOWN + 1])
    number = version_at(connector, rows[0].history_date) if rows else 0
    for place, (new, old) in enumerate(pairwise([*rows, None])):
        if old is None and new.history_type != "+":
            continue  # the one before it lies further back than is shown
        what = connector_changes(_as_it_was(old), _as_it_was(new)) if old is not None else [sentence("Added")]
        if what:
            yield _change(new, what, number - place)


def _as_it_was(row: Any) -> Connector:
    """Not stored, and without the columns that no history keeps."""
    return Connector(pk=row.id, **{name: getattr(row, name) for name in COLUMNS})


def connector_changes(old: Connector, new: Connector) -> list[str]:
    """A sentence for each thing that differs, in the words of the forms that change it."""
    found: list[str] = []
    if old.state != new.state:
        found.append(change(sentence("State"), _label(old.state), _label(new.state)))
    found += SaveConnector(None, old, {"name": new.name, "settings": new.settings}).differences()
    if old.rank != new.rank:
        found.append(change(sentence("Rank"), str(old.rank), str(new.rank)))
    return found + ChangeLimits(None, old, {"guard": new.guard, "pilot": new.pilot, "policy": new.policy}).differences()


def _label(state: str) -> str:
    return Sentence(ConnectorState(state).label)


def _of_secrets(connector: Connector) -> Iterator[Change]:
    labels = {one.key: Sentence(one.label) for one in vendor_class(connector.vendor).settings if one.kind == "secret"}
    for row in Credential.history.filter(connector_id=connector.pk).select_related("history_user").order_by("-history_id")[:SHOWN]:
        name = labels.get(row.name, row.name)
        match row.history_type:
            case "+":
                yield _change(row, [sentence("%(name)s: set", name=name)])
            case "-":
                yield _change(row, [sentence("%(name)s: removed", name=name)])
            case _:
                yield _change(row, [sentence("%(name)s: replaced", name=name)])


def _of_schedules(connector: Connector) -> Iterator[Change]:
    rows = SyncSchedule.history.filter(connector_id=connector.pk).select_related("history_user").order_by("-history_id")[: SHOWN + 1]
    later: dict[int, Any] = {}
    for row in [*rows, None]:
        if row is None:
            continue
        newer = later.pop(row.id, None)
        if newer is not None and (what := _schedule_changes(row, newer)):
            yield _change(newer, what)
        if row.history_type == "+":
            yield _change(row, [_("Schedule added: %(line)s") % {"line": _line(row)}])
        else:
            later[row.id] = row


def _schedule_changes(old: Any, new: Any) -> list[str]:
    if new.history_type == "-":
        return [_("Schedule removed: %(line)s") % {"line": _line(old)}]
    found = [_("Schedule: %(old)s → %(new)s") % {"old": _line(old), "new": _line(new)}] if _line(old) != _line(new) else []
    if old.paused_until != new.paused_until:
        found.append(
            _("Schedule paused: %(line)s") % {"line": _line(new)} if new.paused_until else _("Pause ended: %(line)s") % {"line": _line(new)}
        )
    return found


def _line(row: Any) -> str:
    """All that the form of a schedule says."""
    parts = [in_words(row.cron, row.time_zone, row.jitter_minutes), RunMode(row.mode).label, overlap_words(row.overlap)]
    return " · ".join([*(str(part) for part in parts), *([] if row.is_active else [_("off")])])


def _change(row: Any, what: Sequence[str], version: int | None = None) -> Change:
    who = str(row.history_user) if row.history_user_id else _("Rollcall, or a command on the server")
    return Change(row.history_date, who, row.history_change_reason or "", list(what), version)
