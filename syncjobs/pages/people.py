"""The list of people: found by any part of a name, e-mail or number, narrowed by standing, unit and who is outside a pilot group.

What was typed never stands in an address, a log line or the browser's history: it is sent by POST and comes back sealed.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.admin_screens import EstimatedPaginator, page, screen
from config.errors import KeyRingUnusable
from config.keyset import stretch
from config.parts.misread import misread, offered
from config.parts.shapes import Filter, Text
from config.roles.masking import Sight, sight_of
from config.roles.scopes import scoped_for
from config.secrets import open_sealed, seal
from config.templatetags.rollcall import number
from config.vocabulary import STANDING
from identity.matching.normalise import folded
from identity.people.models import Person, number_of
from integrations.connectors.models import Connector
from integrations.records.models import SourceRecord
from syncjobs.explain.unjoined import unjoined
from syncjobs.plans.pilot import going_live, outside

LONGEST_SEARCH = 200
SEALED_AS = "people search: "  # what is sealed for another purpose (a stored secret) must not be opened by this address
UNITS_KEPT_SECONDS = 300  # reading all units of 100,000 people takes 40 ms; new ones may wait five minutes
NARROWED = {"standing": "standing", "unit": "department"}  # the address's word → the column
OUTSIDE = "outside"  # the address's word → the key of the connector whose pilot group it is
WORDS = (*NARROWED, OUTSIDE)
COLUMNS = ("id", "display_name", "standing", "job_title", "department", "location", "email", "manager__display_name")


@screen("identity.view_person")
def people(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return HttpResponseRedirect(_address(request))
    sealed, sight = request.GET.get("find", ""), sight_of(request.user)
    asked = _asked(sealed)
    groups = list(going_live())
    filters = _filters(request, groups)
    wrong = misread(filters)
    if sealed and not asked:
        wrong.append(_("What was looked for cannot be read from this address any more, so nobody is shown. Type it again."))
    seen = scoped_for(request.user, Person.objects.all())
    rows = seen.none() if wrong else narrowed(seen, asked, request, sight)
    if group := next((one for one in groups if one.key == request.GET.get(OUTSIDE)), None):
        rows = outside(group, rows)
    shown = stretch(request, rows.select_related("manager").only(*COLUMNS), ("display_name", "id"))
    is_all = not (shown.previous or shown.next)  # then the rows in hand are the number, and a second look through the table is spared
    total = len(shown.rows) if is_all else EstimatedPaginator(rows.order_by("id"), 1).count
    for person in shown.rows:
        person.shown_name = sight.name(person.display_name) or person.public_id
        person.shown_email = sight.email(person.email)
        person.shown_manager = sight.name(person.manager.display_name) if person.manager else ""
    context = {
        "people": shown.rows,
        "is_full": sight.is_full,
        "typed": asked,  # not “asked”: that is what the find box shows
        "unjoined": unjoined(scoped_for(request.user, SourceRecord.objects.all()), asked) if sight.is_full and not shown.previous else [],
        "filters": filters,
        "misread": wrong,
        "is_narrowed": bool(sealed or any(request.GET.get(key) for key in WORDS)),
        "total": total,
        "pager": shown.pager(_shown(len(shown.rows), total)),
    }
    return page(request, "identity/people.html", context, title=_("People"), section="people", status=400 if wrong else 200)


def _address(request: HttpRequest) -> str:
    """This list, with what was typed sealed into the address."""
    asked = " ".join(request.POST.get("asked", "").split())[:LONGEST_SEARCH]
    kept = [(key, value) for key in WORDS if (value := request.POST.get(key, ""))]
    query = urlencode([*([("find", seal(f"{SEALED_AS}{asked}"))] if asked else []), *kept])
    return f"{request.path}?{query}" if query else request.path


def _asked(sealed: str) -> str:
    """What was typed; nothing when the address was cut or the key is gone."""
    if not sealed:
        return ""
    try:
        text = open_sealed(sealed)
    except KeyRingUnusable:
        return ""
    return text.removeprefix(SEALED_AS)[:LONGEST_SEARCH] if text.startswith(SEALED_AS) else ""


def narrowed(rows: QuerySet[Person], asked: str, request: HttpRequest, sight: Sight) -> QuerySet[Person]:
    """Every word of what was asked is somewhere in the person's names, e-mail or numbers.

    Who may not see those finds people by our own number alone: a list that answers to guesses tells what it masks.
    """
    if asked and not sight.is_full:
        rows = rows.filter(pk=number_of(asked) or 0)
    else:
        for word in folded(asked).split():
            rows = rows.filter(search__contains=word)
    for key, column in NARROWED.items():
        if request.GET.get(key):
            rows = rows.filter(**{column: request.GET[key]})
    return rows


def outside_address(connector: Connector) -> str:
    """This list of whom plans leave alone because of the connector's pilot group."""
    return f"{reverse('people')}?{urlencode({OUTSIDE: connector.key})}"


def _filters(request: HttpRequest, groups: Sequence[Connector]) -> list[Filter]:
    everybody: tuple[tuple[str, Text], ...] = (("", _("all")),)
    unit = request.GET.get("unit", "")
    standings = tuple((word.key, word.label) for word in STANDING)
    found = [
        Filter("standing", _("Standing"), request.GET.get("standing", ""), (*everybody, *standings)),
        Filter("unit", _("Business unit"), unit, offered((*everybody, *((one, one) for one in _units())), unit)),
    ]
    if groups or request.GET.get(OUTSIDE):  # a group that is no more is said to be none
        pilots = tuple((one.key, _("Outside the pilot group of %(name)s") % {"name": one.name}) for one in groups)
        found.append(Filter(OUTSIDE, _("Pilot group"), request.GET.get(OUTSIDE, ""), (*everybody, *pilots)))
    return found


def _units() -> list[str]:
    found: list[str] | None = cache.get("rollcall.units")
    if found is None:
        found = [unit for unit in Person.objects.order_by("department").values_list("department", flat=True).distinct()[:300] if unit]
        cache.set("rollcall.units", found, UNITS_KEPT_SECONDS)
    return found


def _shown(count: int, total: int) -> str:
    if count >= total:
        return ngettext("%(n)s person", "%(n)s people", total) % {"n": number(total)}
    return _("%(count)s of %(total)s people") % {"count": number(count), "total": number(total)}
