"""Who is in an HR system: searched, twenty-five to a page."""

from __future__ import annotations

from itertools import islice
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.page.frame import IN, KINDS, LABELS, card, chip, empty, in_short, page, table
from integrations.sandbox.page.markup import Child, Html, e
from integrations.sandbox.sandbox import Sandbox
from integrations.sandbox.worker import SYSTEMS, Worker

ON_A_PAGE = 25
COLUMNS = (
    gettext_lazy("Name"),
    gettext_lazy("Number"),
    gettext_lazy("Job title"),
    gettext_lazy("Department"),
    gettext_lazy("Site"),
    gettext_lazy("State"),
    gettext_lazy("Hired"),
)


def people(sandbox: Sandbox, request: Request) -> Response:
    hr = request.param("hr", "workday")
    if hr not in SYSTEMS:
        hr = "workday"
    text, start = request.param("q").strip(), _number(request.param("start"))
    workers = list(islice(sandbox.world.find(hr, text), start, start + ON_A_PAGE + 1)) if text else _stretch(sandbox, hr, start)
    shown, more = workers[:ON_A_PAGE], len(workers) > ON_A_PAGE
    rows = [_row(sandbox, worker) for worker in shown]
    listed = (
        table(_("People"), COLUMNS, rows) if rows else empty(_("Nobody %(where)s matches “%(text)s”.") % {"where": IN[hr], "text": text})
    )
    hire = e("a", _("Hire somebody"), href=f"/people/{hr}/new", class_="btn go")
    title = _("People %(where)s") % {"where": IN[hr]}
    return page(sandbox, "/people", title, _systems(hr), _search(hr, text), card(title, listed, _pages(hr, text, start, more), aside=hire))


def _stretch(sandbox: Sandbox, hr: str, start: int) -> list[Worker]:
    return list(sandbox.world.workers(hr, start, start + ON_A_PAGE + 1))


def _row(sandbox: Sandbox, worker: Worker) -> tuple[Child, ...]:
    name = e("a", worker.full_name, href=f"/people/{worker.hr}/{worker.key}")
    kind = e("span", KINDS[worker.kind], class_="chip") if worker.kind == "contingent" else None
    state = chip(worker.state(sandbox.world.today()))
    ends = _ends(sandbox, worker)
    leaving = e("small", f" {ends}", class_="muted") if ends else None
    return (
        e("span", name, " ", kind),
        e("span", worker.employee_number, class_="mono"),
        worker.title,
        worker.department,
        worker.location_code,
        e("span", state, leaving),
        in_short(worker.hire_on),
    )


def _ends(sandbox: Sandbox, worker: Worker) -> str:
    if worker.termination_on is None:
        return ""
    text = _("left %(day)s") if worker.has_left(sandbox.world.today()) else _("leaves %(day)s")
    return text % {"day": in_short(worker.termination_on)}


def _systems(chosen: str) -> Html:
    links = [e("a", LABELS[hr], href=f"/people?hr={hr}", class_="btn", aria_current="true" if hr == chosen else None) for hr in SYSTEMS]
    return e("nav", links, class_="row", aria_label=_("HR system"))


def _search(hr: str, text: str) -> Html:
    find = e("input", type="search", name="q", value=text, id="q", autocomplete="off", placeholder=_("name, number, e-mail or title"))
    return e(
        "form",
        e("input", type="hidden", name="hr", value=hr),
        e("label", _("Find"), for_="q"),
        find,
        e("button", _("Search"), class_="btn"),
        class_="row find",
        role="search",
    )


def _pages(hr: str, text: str, start: int, more: bool) -> Html | None:
    def link(words: str | Promise, place: int) -> Html:
        return e("a", words, href="/people?" + urlencode({"hr": hr, "q": text, "start": place}), class_="btn")

    earlier = link(_("Earlier"), max(0, start - ON_A_PAGE)) if start else None
    later = link(_("Later"), start + ON_A_PAGE) if more else None
    return e("nav", earlier, later, class_="row in", aria_label=_("Pages")) if earlier or later else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
