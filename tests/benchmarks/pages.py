"""How long pages take over a full database, asked as a browser asks, with everybody's right to see everything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse

from config.roles.models import User
from identity.cases.models import Case
from identity.people.models import Person
from integrations.connectors.models import Connector
from syncjobs.runs.models import SyncRun

TIMES = 11
NAMES = (
    "overview",
    "runs",
    "run",
    "people",
    "person",
    "decisions",
    "case",
    "deliveries",
    "connectors",
    "connector",
    "schedules",
    "joiners",
    "audit",
)


def timings() -> dict[str, Any]:
    """Milliseconds by URL name: the first call and the median of the next; what answers no page is said in words."""
    User.objects.create_superuser("bench", "bench@meridian.example", "a long enough one")
    client = Client(headers={"accept": "text/html"})
    client.force_login(User.objects.get(username="bench"))
    return {name: _timed(client, address) for name, address in (*addresses(), *narrowed(client))}


def addresses() -> Iterator[tuple[str, str]]:
    """Raises NoReverseMatch for a name that no page has; a page about something of which there is none is left out."""
    objects = {"run": SyncRun, "person": Person, "connector": Connector, "case": Case}
    for name in NAMES:
        if name not in objects:
            yield name, reverse(name)
        elif first := objects[name].objects.order_by("pk").first():
            yield name, reverse(name, args=[first.pk])


def narrowed(client: Client) -> Iterator[tuple[str, str]]:
    """Lists as people use them: searched, filtered, paged on. A search is sent once, and its sealed address asked again and again."""
    someone = Person.objects.exclude(department="").order_by("pk").first()
    if someone is None:
        return
    people, runs, audit = reverse("people"), reverse("runs"), reverse("audit")
    for name, typed in (("a name", someone.display_name.split()[-1]), ("an e-mail", someone.email.partition("@")[0]), ("nobody", "qzxv")):
        yield f"people, search for {name}", client.post(people, {"asked": typed}).headers["Location"]
    yield "people, one unit", f"{people}?{urlencode({'unit': someone.department})}"
    yield "people, those who left", f"{people}?standing=left"
    yield "runs, failed", f"{runs}?phase=failed"
    yield "audit, of one person", f"{audit}?{urlencode({'object': someone.public_id})}"


def _timed(client: Client, address: str) -> dict[str, Any]:
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        answer = client.get(address, follow=True)
        taken.append((time.perf_counter() - begun) * 1000)
    return {"status": answer.status_code, "first_ms": round(taken[0], 1), "p50_ms": round(median(taken[1:]), 1)}
