"""Whether a newer plan of the same source leaves nothing to decide about an older one that waits. Pure."""

from __future__ import annotations

from config.sentences import Sentence, sentence
from syncjobs.runs.models import SyncRun
from syncjobs.schedules.models import RunMode


def overtaken(older: SyncRun, newer: SyncRun) -> Sentence | None:
    """Why the older one ends; None where both stand, and the person's version number sorts out at apply whom they share.

    A run of the whole source plans all that waits, so it says everything an older one of its kind did. A run of chosen people speaks
    of them alone: thirty leavers who wait are not decided because one more person was looked at.
    """
    if (older.mode == RunMode.PEOPLE) != (newer.mode == RunMode.PEOPLE):
        return None
    if older.mode == RunMode.PEOPLE and not all(_chosen(older, who) <= _chosen(newer, who) for who in ("people", "records")):
        return None
    if older.scope.get("ripe") and not newer.scope.get("ripe"):  # only such a run writes what waited for its hour
        return None
    return sentence("overtaken by run %(run)s", run=str(newer.pk))


def _chosen(run: SyncRun, who: str) -> set[int]:
    return set(run.scope.get(who, ()))
