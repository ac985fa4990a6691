"""The one word a connector's state is called by, from what is known of it. Pure: read nothing, write nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from config.errors import by_code
from integrations.connectors.models import ConnectorState


@dataclass(frozen=True, slots=True)
class Signs:
    """What the word is made of.

    `open_codes`: codes of its open issues. `missed`: how many due times passed without a success (syncjobs/schedules/late.py; 2 means
    two or more). `has_failed_since`: its last run failed and nothing newer succeeded.
    """

    state: str
    last_success_at: datetime | None = None
    open_codes: Collection[str] = ()
    missed: int = 0
    has_failed_since: bool = False


def connector_state(signs: Signs) -> str:
    """A key of the vocabulary table “connector”, the most pressing first. What a person switched off stays called so."""
    if signs.state in (ConnectorState.PAUSED, ConnectorState.DISABLED):
        return signs.state
    if any(not by_code(code).retry for code in signs.open_codes):
        return "action needed"
    if signs.has_failed_since or signs.missed > 1:
        return "down"
    if signs.missed == 1:
        return "late"
    return "on time" if signs.last_success_at else "new"
