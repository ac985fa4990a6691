"""Values and words in templates: {% load rollcall %}. The larger parts are in {% load parts %}."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from difflib import SequenceMatcher
from typing import Any

from django import template
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from config import clock, say, vocabulary
from config.audit.words import key_word

register = template.Library()

DASH = "–"
WORDS = re.compile(r"\w+|\W")
DIGIT = re.compile(r"\d")
NEARLY_THE_SAME = 0.5  # of two words: below that, marking letters is confetti


@register.simple_tag
def chip(table: str, key: str) -> SafeString:
    """A state: {% chip "run" run.phase %}. Tables: config/vocabulary.py."""
    word = vocabulary.word(table, str(key))
    return label(word.label, word.tone, word.sign)


@register.simple_tag
def label(text: Any, tone: str = "idle", sign: str = "") -> SafeString:
    """A chip outside the vocabulary: {% label _("override") "warn" %}. Tones: ok warn bad info hold idle."""
    mark = format_html('<span aria-hidden="true">{}</span>', sign) if sign else ""
    return format_html('<span class="rc-chip rc-chip-{}">{}{}</span>', tone, mark, text)


@register.filter
def keyword(key: str) -> str:
    """What a short key of a count or a kept value is called."""
    return key_word(key)


@register.filter
def said(stored: str) -> str:
    """A kept sentence in the reader's language: {{ hold.sentence|said }}."""
    return say.said(stored)


@register.filter
def number(value: Any) -> str:
    """1204 → 1,204 in the reader's language; nothing → a dash."""
    return DASH if value is None or value == "" else formats.number_format(value, force_grouping=True)


@register.filter
def percent(share: float | None) -> str:
    """0.176 → 17.6 %; 0.0001 → 0.01 %; nothing → a dash."""
    if share is None:
        return DASH
    digits = 1 if round(share * 100, 1) or not share else 2
    return f"{formats.number_format(round(share * 100, digits), decimal_pos=digits)} %"


@register.filter
def lasting(value: timedelta | float | None) -> str:
    """How long, in the two largest units: 850 ms, 1.4 s, 12 min, 3 h 20 min, 2 d 4 h. Takes a timedelta or seconds."""
    if value is None:
        return DASH
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if round(seconds * 1000) < 1000:
        return _("%(n)s ms") % {"n": round(seconds * 1000)}
    if seconds < 60:
        return _("%(n)s s") % {"n": formats.number_format(round(seconds, 1), decimal_pos=1) if seconds < 10 else round(seconds)}
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("%(h)s h %(m)s min") % {"h": hours, "m": minutes} if minutes else _("%(h)s h") % {"h": hours}
    days, hours = divmod(hours, 24)
    return _("%(d)s d %(h)s h") % {"d": days, "h": hours} if hours else _("%(d)s d") % {"d": days}


@register.simple_tag
def ago(at: datetime | date | None, empty: str = DASH) -> SafeString | str:
    """When, relative, with the exact time and zone behind it: {% ago run.finished_at %}. A date stays a day."""
    if at is None:
        return empty
    if not isinstance(at, datetime):
        return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), formats.date_format(at, _("j F Y")), _day(at))
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), exact(local), _relative(local, clock.now())
    )


@register.simple_tag
def moment(at: datetime | None, empty: str = DASH) -> SafeString | str:
    """When, by the clock, for after “since” and “until”, where “3 min ago” is no sentence: {% moment link.since %} → today 14:05."""
    if at is None:
        return empty
    local = timezone.localtime(at)
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), exact(local), _by_clock(local))


@register.filter
def exact(at: datetime | None) -> str:
    """23 November 2026, 02:09:11 Europe/Berlin."""
    if at is None:
        return DASH
    local = timezone.localtime(at)
    return f"{formats.date_format(local, _('j F Y'))}, {local:%H:%M:%S} {timezone.get_current_timezone_name()}"


def _relative(local: datetime, now: datetime) -> str:
    seconds = (now - local).total_seconds()
    pattern = _("%s ago") if seconds >= 0 else _("in %s")
    span = abs(seconds)
    if span < 10:
        return _("just now")
    if span < 60:
        return pattern % (_("%(n)s s") % {"n": int(span)})
    if span < 3600:
        return pattern % (_("%(n)s min") % {"n": int(span // 60)})
    if span < 6 * 3600 and local.date() == timezone.localtime(now).date():
        return pattern % (_("%(h)s h") % {"h": int(span // 3600)})
    return _by_clock(local)


def _by_clock(local: datetime) -> str:
    """“today 14:05”, “23 Nov, 14:05”."""
    days = (local.date() - timezone.localtime(clock.now()).date()).days
    return f"{_day(local.date())}, {local:%H:%M}" if abs(days) > 1 else f"{_day(local.date())} {local:%H:%M}"


def _day(day: date) -> str:
    today = timezone.localtime(clock.now()).date()
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}.get((day - today).days)
    if near:
        return near
    return formats.date_format(day, _("j M") if day.year == today.year else _("j M Y"))


@register.simple_tag
def diff(before: Any, after: Any) -> SafeString:
    """What it was, struck out, and what it becomes: {% diff "Analyst II" "Senior Analyst" %}. An empty side is left out."""
    gone = format_html('<del><span class="rc-hidden">{} </span>{}</del>', _("was"), before) if before not in (None, "") else ""
    come = format_html('<ins><span class="rc-hidden">{} </span>{}</ins>', _("becomes"), after) if after not in (None, "") else ""
    return format_html('<span class="rc-diff">{} {}</span>', gone, come)


@register.simple_tag
def marked(text: str, other: str | None) -> SafeString:
    """The text, with what differs from the other marked; {% marked "José" "Jose" %}. Without another, nothing is marked."""
    if not other or text == other:
        return breaks(text)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", piece) if differs else breaks(piece),) for piece, differs in _pieces(text, other))
    )


def _pieces(text: str, other: str) -> Iterator[tuple[str, bool]]:
    """The text in order, cut into (piece, does it differ). Word by word; inside words that are nearly the same, letter by letter.

    Numbers and days differ as a whole: half a year marked would read as a misprint.
    """
    ours, theirs = WORDS.findall(text), WORDS.findall(other)
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        mine, yours = "".join(ours[i1:i2]), "".join(theirs[j1:j2])
        letters = SequenceMatcher(None, mine, yours, autojunk=False)
        if tag == "replace" and letters.ratio() >= NEARLY_THE_SAME and not DIGIT.search(mine):
            yield from ((mine[a1:a2], step != "equal") for step, a1, a2, _b1, _b2 in letters.get_opcodes() if a1 < a2)
        elif mine:
            yield mine, tag != "equal"


@register.filter
def breaks(text: Any) -> SafeString:
    """The text, which may break after an @ before it breaks inside a word."""
    return format_html_join(mark_safe("@<wbr>"), "{}", ((piece,) for piece in str(text).split("@")))


@register.simple_block_tag
def card(content: SafeString, heading: Any, aside: Any = "", id: str = "") -> SafeString:
    """A surface with a heading: {% card heading aside=_("worst first") %}…{% endcard %}. Plain text goes into <div class="rc-in">."""
    anchor = format_html(' id="{}"', id) if id else ""
    note = format_html("<small>{}</small>", aside) if aside else ""
    return format_html('<section class="rc-card"{}><header><h2>{}</h2>{}</header>{}</section>', anchor, heading, note, content)


@register.simple_block_tag
def notice(content: SafeString, heading: Any, tone: str = "hold") -> SafeString:
    """Something stopped, and why: {% notice heading "hold" %}<p>…</p><div class="rc-row">buttons</div>{% endnotice %}."""
    return format_html('<section class="rc-notice rc-notice-{}"><h2>{}</h2>{}</section>', tone, heading, content)


@register.simple_block_tag
def table(content: SafeString, caption: Any, extra: str = "") -> SafeString:
    """A table in a labelled region that scrolls by keyboard: {% table _("Connectors") %}<thead>…</thead><tbody>…</tbody>{% endtable %}.

    On a phone each row becomes a card; give cells `data-k="word"` where the value does not explain itself. `extra`: more classes.
    """
    return format_html(
        '<div class="rc-scroll" tabindex="0" role="region" aria-label="{0}">'
        '<table class="rc-table rc-stack {1}"><caption>{0}</caption>{2}</table></div>',
        caption,
        extra,
        content,
    )
