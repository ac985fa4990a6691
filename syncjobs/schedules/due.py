"""When a schedule is due next, in its own zone, without creep. Daylight saving as Debian's cron does it (cronsim)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import islice, pairwise

from cronsim import CronSim, CronSimError

from config import clock
from config.clock import zone
from config.errors import SettingInvalid
from config.sentences import sentence

CLOSEST = timedelta(minutes=5)  # runs closer together than this would only wait for each other
LOOKED_AT = 25  # due times: a day of an hourly line, weeks of one that names days


def check(cron: str, jitter_minutes: int = 0) -> None:
    """Raises SettingInvalid, naming the field: no line of cron, never due, runs too close, or a start spread into the next one."""
    gaps = [second - first for first, second in pairwise(islice(upcoming(cron, "UTC", clock.now()), LOOKED_AT))]
    if not gaps:
        raise SettingInvalid(sentence("“%(cron)s” is never due", cron=cron), field="cron")
    gap = min(gaps)
    if gap < CLOSEST:
        raise SettingInvalid(sentence("runs need at least five minutes between them"), field="cron")
    if timedelta(minutes=jitter_minutes) >= gap:
        raise SettingInvalid(sentence("the start is spread over more minutes than lie between two runs"), field="jitter_minutes")


def upcoming(cron: str, zone_name: str, after: datetime, jitter_minutes: int = 0, seed: str = "") -> Iterator[datetime]:
    """Due instants (UTC) after `after`, in order, without end. Raises SettingInvalid for a line that is not cron.

    `jitter_minutes` must be less than the time between two lines; `seed` says whose jitter it is.
    """
    try:
        lines = CronSim(cron, (after - timedelta(minutes=jitter_minutes)).astimezone(zone(zone_name)))
    except CronSimError as error:
        raise SettingInvalid(
            sentence("“%(cron)s” is no line of cron, which is like “0 2 * * *”: %(error)s", cron=cron, error=str(error)), field="cron"
        ) from error
    for moment in lines:
        due = moment.astimezone(UTC)
        due += _shift(due, jitter_minutes, seed)
        if due > after:
            yield due


def _shift(due: datetime, jitter_minutes: int, seed: str) -> timedelta:
    """0 to `jitter_minutes` whole minutes. By hash and not by dice: each look gives the same, so the page can say when it will be."""
    if not jitter_minutes:
        return timedelta()
    drawn = blake2b(f"{seed}|{due.isoformat()}".encode(), digest_size=8).digest()
    return timedelta(minutes=int.from_bytes(drawn) % (jitter_minutes + 1))
