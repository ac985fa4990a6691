"""Windows that cannot lose rows (D10): half-open, overlapping, marked by the source's own clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from integrations.records.models import Watermark
from integrations.vendors.base import Window


def next_window(
    watermark: Watermark | None, *, full: bool, overlap_minutes: int, until: datetime, as_of: date, reading: str = ""
) -> Window:
    """What to read now. Everything up to `until` (the source's frozen moment) for a full read, without a mark, and when the mark is
    that of another reading: what changed since then elsewhere says nothing about here."""
    if full or watermark is None or watermark.mark is None or is_other(watermark, reading):
        return Window(until=until, as_of=as_of)
    return Window(since=watermark.mark - timedelta(minutes=overlap_minutes), until=until, as_of=as_of)


def is_other(watermark: Watermark, reading: str) -> bool:
    """Whether something else is read by now, or from elsewhere, than what the mark is of."""
    return bool(watermark.reading) and watermark.reading != reading


def advance(watermark: Watermark, *, mark: datetime | None, fallback: datetime, was_full: bool, count: int, reading: str = "") -> None:
    """Move the mark after the last page of a complete read; backwards only when it was that of another reading, whose clock was another's.
    `fallback` is the window's own end."""
    reached = mark or fallback
    if watermark.mark is None or is_other(watermark, reading) or reached > watermark.mark:
        watermark.mark = reached
    watermark.reading = reading
    if was_full:
        watermark.last_full_at, watermark.last_full_count = reached, count
    watermark.save()


def to_json(window: Window) -> dict[str, object]:
    return {
        "since": window.since.isoformat() if window.since else None,
        "until": window.until.isoformat() if window.until else None,
        "ids": list(window.ids),
        "as_of": window.as_of.isoformat() if window.as_of else None,
    }


def from_json(stored: dict[str, object]) -> Window:
    def instant(key: str) -> datetime | None:
        value = stored.get(key)
        return datetime.fromisoformat(str(value)) if value else None

    ids = stored.get("ids")
    return Window(
        since=instant("since"),
        until=instant("until"),
        ids=tuple(str(one) for one in ids) if isinstance(ids, list) else (),
        as_of=date.fromisoformat(str(stored["as_of"])) if stored.get("as_of") else None,
        known_to=instant("known_to"),
    )
