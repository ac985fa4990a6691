"""Whether old rows go by themselves, when they last did, and how many. What ages stands in an upper package, named here in strings."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from config.system.lines import Line
from config.templatetags.rollcall import lasting, number

KINDS = "syncjobs.ledger.prune.kept"  # () -> kinds with name, says, days
OVERDUE = timedelta(days=2)


def retention(now: datetime) -> list[Line]:
    """`now` without the sandbox's offset. Two queries."""
    turns = apps.get_model("syncjobs.PruneTurn")._default_manager.exclude(finished_at=None)
    last = turns.order_by("-finished_at").first()
    finished_at = last.finished_at if last else None
    return [_by_itself(now, finished_at), *_removed(last.removed if last else {}, last is not None)]


def _by_itself(now: datetime, last: datetime | None) -> Line:
    label = _("Old rows go")
    said = _("last %(span)s ago") % {"span": lasting(max(now - last, timedelta()))} if last else _("not yet")
    if not settings.PRUNE_DAILY:
        return Line(label, _("only by hand (manage.py prune)"), note=said)
    value = _("every day after %(hour)s:00") % {"hour": settings.PRUNE_HOUR}
    if last is None or now - last <= OVERDUE:
        return Line(label, value, note=said)
    return Line(label, value, "warn", said, _("IT: look whether a worker is alive, and at its log. The database grows until then."))


def _removed(removed: dict[str, int], is_known: bool) -> list[Line]:
    """One line a kind: how long it is kept, how many went the last time."""
    lines = []
    for one in import_string(KINDS)():
        value = _("kept for %(n)s days") % {"n": one.days} if one.days > 0 else _("kept for ever")
        gone = _("%(n)s went the last time") % {"n": number(removed.get(one.name, 0))} if is_known and one.days > 0 else ""
        lines.append(Line(str(one.says)[:1].upper() + str(one.says)[1:], value, note=gone))
    return lines
