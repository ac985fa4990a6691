"""The find box: a person, a run, a connector or a page, whichever the reader may see.

Asked by POST, so that a name never stands in an address, a log line or the browser's history.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from anyascii import anyascii
from django.apps import apps
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from config.admin_screens import page, screen
from config.navigation import MENU, Text, address, first_address
from config.roles.masking import sight_of
from config.roles.scopes import scoped_for

MOST = 8  # of each kind; more is what the lists are for
NOT_WORD = re.compile(r"[^a-z0-9]+")  # Person.search holds letters and digits only: “Smith-Jones” and an address are several words there
PERSON_NUMBER = re.compile(r"^p-0*(\d{1,18})$", re.IGNORECASE)
NAMED_RUN = re.compile(r"^run\s*#?(\d{1,18})$", re.IGNORECASE)
RUN_NUMBER = re.compile(r"^#?(\d{1,18})$")
ADDRESSES = {  # URL names, best first
    "person": ("person", "admin:identity_person_change"),
    "run": ("run", "admin:syncjobs_syncrun_change"),
    "connector": ("connector", "admin:integrations_connector_change"),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: what it is called, one grey line, where it is, and its state for a chip (vocabulary table and key)."""

    label: Text
    note: str
    href: str
    table: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """All hits of one kind, and whether there are more than shown."""

    heading: str
    hits: tuple[Hit, ...]
    has_more: bool = False


@screen()
def find(request: HttpRequest) -> HttpResponse:
    """What was asked for. A person or run named by its number opens at once."""
    asked = " ".join(request.POST.get("q", "").split())[:200]
    direct = _direct(asked, request.user)
    if direct:
        return HttpResponseRedirect(direct)
    searches = (_people, _runs, _connectors, _pages) if asked else ()
    kinds = [found for search in searches if (found := search(asked, request.user)).hits]
    return page(request, "rollcall/find.html", {"asked": asked, "kinds": kinds}, title=_("Find"), section="")


def _direct(asked: str, user: Any) -> str:
    """The page of the one thing named by its number, if there is such a thing and the reader may see it."""
    for kind, model, pattern in (("person", "identity.Person", PERSON_NUMBER), ("run", "syncjobs.SyncRun", NAMED_RUN)):
        match = pattern.match(asked)
        if match and _seen(user, model).filter(pk=int(match[1])).exists():
            return _address(kind, int(match[1]))
    return ""


def _people(asked: str, user: Any) -> Found:
    """People all of whose words are in Person.search.

    None for a reader without the right to personal data: whether a guess finds somebody would tell what is masked.
    They name people by our number (`_direct`).
    """
    if not sight_of(user).is_full:
        return Found(_("People"), ())
    query = Q()
    for word in NOT_WORD.split(anyascii(asked).lower()):
        query &= Q(search__contains=word)
    rows = list(_seen(user, "identity.Person").filter(query).order_by("display_name", "id")[: MOST + 1])
    hits = (Hit(row.display_name or row.public_id, _note(row), _address("person", row.pk), "standing", row.standing) for row in rows)
    return Found(_("People"), tuple(hits)[:MOST], len(rows) > MOST)


def _note(person: Any) -> str:
    return " · ".join(filter(None, (person.job_title, person.location, person.public_id)))


def _runs(asked: str, user: Any) -> Found:
    match = RUN_NUMBER.match(asked)
    rows = _seen(user, "syncjobs.SyncRun").filter(pk=int(match[1])).select_related("connector") if match else ()
    return Found(_("Runs"), tuple(Hit(f"{row.pk} · {row.connector}", "", _address("run", row.pk), "run", row.phase) for row in rows))


def _connectors(asked: str, user: Any) -> Found:
    named = Q(name__icontains=asked) | Q(key__icontains=asked) | Q(vendor__icontains=asked)
    rows = _seen(user, "integrations.Connector").filter(named)[:MOST]
    return Found(_("Connectors"), tuple(Hit(row.name, row.vendor, _address("connector", row.pk)) for row in rows))


def _pages(asked: str, user: Any) -> Found:
    entries = [entry for _group, entries in MENU for entry in entries if asked.casefold() in str(entry.label).casefold()]
    return Found(_("Pages"), tuple(Hit(entry.label, "", href) for entry in entries if (href := address(entry, user))))


def _seen(user: Any, model: str) -> QuerySet[Any]:
    """The rows of a table this reader may see; none without the right to view it."""
    return scoped_for(user, apps.get_model(model)._default_manager.all())


def _address(kind: str, number: int) -> str:
    return first_address(ADDRESSES[kind], number)
