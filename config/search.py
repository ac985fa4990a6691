"""The find box: a person, a run, a connector or a page, whichever the reader may see.

Asked by POST, so that a name never stands in an address, a log line or the browser's history.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from anyascii import anyascii
from django.apps import apps
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from config.admin_screens import page, screen
from config.navigation import MENU, Text, address, first_address

MOST = 8  # of each kind; more is what the lists are for
PERSON_NUMBER = re.compile(r"^p-0*(\d{1,18})$", re.IGNORECASE)
RUN_NUMBER = re.compile(r"^(?:run\s*)?#?(\d{1,18})$", re.IGNORECASE)


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
    kinds = [kind for kind in _kinds(asked, request.user) if kind.hits] if asked else []
    return page(request, "rollcall/find.html", {"asked": asked, "kinds": kinds}, title="Find", section="")


def _direct(asked: str, user: Any) -> str:
    person = PERSON_NUMBER.match(asked)
    if person and user.has_perm("identity.view_person"):
        return _existing("identity.Person", int(person[1]), ("person", "admin:identity_person_change"))
    if asked.lower().startswith("run ") and (run := RUN_NUMBER.match(asked)) and user.has_perm("syncjobs.view_syncrun"):
        return _existing("syncjobs.SyncRun", int(run[1]), ("run", "admin:syncjobs_syncrun_change"))
    return ""


def _existing(model: str, number: int, names: Iterable[str]) -> str:
    return first_address(names, number) if apps.get_model(model)._base_manager.filter(pk=number).exists() else ""


def _kinds(asked: str, user: Any) -> Iterable[Found]:
    if user.has_perm("identity.view_person"):
        yield _people(asked)
    if user.has_perm("syncjobs.view_syncrun"):
        yield _runs(asked)
    if user.has_perm("integrations.view_connector"):
        yield _connectors(asked)
    yield _pages(asked, user)


def _people(asked: str) -> Found:
    words = anyascii(asked).casefold().split()
    query = Q()
    for word in words:
        query &= Q(search__contains=word)
    rows = list(apps.get_model("identity.Person")._base_manager.filter(query).order_by("display_name", "id")[: MOST + 1])
    hits = [
        Hit(
            str(row),
            " · ".join(filter(None, (row.job_title, row.location, row.public_id))),
            _person_address(row.pk),
            "standing",
            row.standing,
        )
        for row in rows[:MOST]
    ]
    return Found("people", tuple(hits), len(rows) > MOST)


def _person_address(number: int) -> str:
    return first_address(("person", "admin:identity_person_change"), number)


def _runs(asked: str) -> Found:
    match = RUN_NUMBER.match(asked)
    if not match:
        return Found("runs", ())
    rows = apps.get_model("syncjobs.SyncRun")._base_manager.filter(pk=int(match[1])).select_related("connector")
    return Found(
        "runs",
        tuple(
            Hit(f"{row.pk} · {row.connector}", "", first_address(("run", "admin:syncjobs_syncrun_change"), row.pk), "run", row.phase)
            for row in rows
        ),
    )


def _connectors(asked: str) -> Found:
    rows = apps.get_model("integrations.Connector")._base_manager.filter(
        Q(name__icontains=asked) | Q(key__icontains=asked) | Q(vendor__icontains=asked)
    )
    return Found(
        "connectors",
        tuple(
            Hit(row.name, row.vendor, first_address(("connector", "admin:integrations_connector_change"), row.pk)) for row in rows[:MOST]
        ),
    )


def _pages(asked: str, user: Any) -> Found:
    entries = [entry for _group, entries in MENU for entry in entries if asked.casefold() in str(entry.label).casefold()]
    return Found("pages", tuple(Hit(entry.label, "", href) for entry in entries if (href := address(entry, user))))
