"""Who started lately, and whether the account was ready on that day: those it was not ready for first, each with the reason."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config import clock
from config.admin_screens import page, screen
from config.parts.shapes import Chip, Text
from config.roles.masking import Sight, sight_of
from config.roles.scopes import scoped_for
from config.templatetags.rollcall import lasting, number
from identity.lifecycle.joiner import EARLY, IN_TIME, LATE, MISSING, NOT_YET
from identity.people.models import Person
from syncjobs.explain.first_day import FirstDay, Starters, in_words, is_few, starters, starting
from syncjobs.explain.late_start import reasons
from syncjobs.explain.values import words

MOST = 200  # shown; the worst come first, so nobody who waits is left out before somebody who does not
CHIPS: dict[str, tuple[Text, str, str]] = {
    MISSING: (gettext_lazy("no account"), "bad", "×"),
    LATE: (gettext_lazy("late"), "warn", "!"),
    NOT_YET: (gettext_lazy("not yet"), "info", "~"),
    IN_TIME: (gettext_lazy("ready"), "ok", "●"),
    EARLY: (gettext_lazy("ready"), "ok", "●"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One joiner and one learning system, as this reader may see them: without the day, how far from it something was is missing too."""

    person_id: int
    name: str
    day: str
    zone: str
    system: str
    chip: Chip
    told: str
    why: str


@screen("identity.view_person")
def joiners(request: HttpRequest) -> HttpResponse:
    now, sight = clock.now(), sight_of(request.user)
    found = starting(now, scoped_for(request.user, Person.objects.all()))
    shown = found[:MOST]
    why = reasons(shown, has_days=sight.is_full)
    context = {
        "lines": [_line(day, why.get((day.person.pk, day.target_id), ""), sight) for day in shown],
        "told": summary(starters(found, now), is_full=sight.is_full),
        "more": len(found) - len(shown),
    }
    return page(request, "identity/joiners.html", context, title=_("First days"), section="people")


def _line(day: FirstDay, why: str, sight: Sight) -> Line:
    text, tone, sign = CHIPS[day.state]
    name = sight.name(day.person.display_name) or day.person.public_id
    zone = day.zone if sight.is_full else ""
    return Line(
        day.person.pk,
        name,
        words("hire_on", day.on.isoformat(), sight),
        zone,
        day.system,
        Chip(text, tone, sign),
        in_words(day, clock.now()) if sight.is_full else "",
        why,
    )


def summary(known: Starters, *, is_full: bool = True) -> list[str]:
    """The figure in sentences: how many, how far behind the worst was, and how many nobody could have been in time for.

    Who may not see days is given no figure over fewer than three people: it would be a day of one of them.
    """
    if not known.all and not known.told_late:
        return [_("Nobody has started in the last 30 days.")]
    said = []
    if is_few(known.all) and not is_full:
        said.append(_("Fewer than three people started in the last 30 days; how many of so few were ready is not shown."))
    elif known.all:
        counted = {"ready": number(known.ready), "all": number(known.all)}
        said.append(
            ngettext(
                "%(ready)s of %(all)s person who started in the last 30 days had an open account by six that morning, where they work.",
                "%(ready)s of %(all)s people who started in the last 30 days had an open account by six that morning, where they work.",
                known.all,
            )
            % counted
        )
    if is_few(known.behind) and not is_full:
        said.append(_("How far behind it was is not shown where it concerns fewer than three people."))
    elif known.latest is not None:
        said.append(_("The longest was %(span)s behind the beginning of the day.") % {"span": lasting(known.latest)})
    if is_few(known.told_late) and not is_full:
        said.append(_("Fewer than three were named by the source only after the day had begun; nobody could have been in time."))
    elif known.told_late:
        more = ngettext(
            "%(n)s more was named by the source only after the day had begun; nobody could have been in time.",
            "%(n)s more were named by the source only after the day had begun; nobody could have been in time.",
            known.told_late,
        )
        said.append(more % {"n": number(known.told_late)})
    return said
