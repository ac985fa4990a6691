"""Records of a run by what became of them: set aside, waiting for a decision, gone, in the plan."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from config.admin_screens import EstimatedPaginator, page, screen
from config.errors import by_code
from config.keyset import stretch
from config.parts.misread import misread
from config.parts.shapes import Filter, Text
from config.roles.masking import sight_of
from config.roles.scopes import scoped_for
from config.say import said, told
from config.templatetags.rollcall import number as shown_number
from config.vocabulary import OUTCOME
from identity.people.models import Link, Person
from integrations.mapping.pages.overview import stream_label
from syncjobs.explain.values import label
from syncjobs.pages.reasons import REASONS, group_reason
from syncjobs.pages.run import seen_run
from syncjobs.runs.models import RecordOutcome


@screen("syncjobs.view_recordoutcome")
def run_records(request: HttpRequest, number: int) -> HttpResponse:
    run, sight = seen_run(request, number), sight_of(request.user)
    asked = {name: request.GET.get(name, "")[:40] for name in ("outcome", "code")}
    filters = _filters(asked)
    wrong = misread(filters)
    seen = scoped_for(request.user, RecordOutcome.objects.filter(run=run))
    rows = seen.none() if wrong else seen.filter(**{name: value for name, value in asked.items() if value})
    total = EstimatedPaginator(rows.order_by("id"), 1).count
    found = stretch(request, rows.order_by().select_related("record__connector"), ("id",))
    people = _people(found.rows)
    for row in found.rows:
        person = people.get(row.pk)
        row.shown_person = person.pk if person else None
        row.shown_name = (sight.name(person.display_name) or person.public_id) if person else ""
        row.shown_stream = stream_label(row.record.connector.vendor, row.record.stream) if row.record else ""
        row.shown_id = sight.number(row.record.external_id) if row.record else ""
        row.shown_detail = said(row.detail) if sight.is_full else ""
        row.why = _why(row.code)
        row.shown_field = label(row.field) if row.field else ""
    context = {
        "run": run,
        "rows": found.rows,
        "filters": filters,
        "has_fields": any(row.field for row in found.rows),
        "word": next((word.label for word in OUTCOME if word.key == asked["outcome"]), ""),
        "kept_code": asked["code"],
        "error": told(by_code(asked["code"])()) if asked["code"] and asked["code"] not in REASONS else "",
        "total": total,
        "pager": found.pager(_("%(count)s of %(total)s") % {"count": shown_number(len(found.rows)), "total": shown_number(total)}),
    }
    return page(request, "syncjobs/run_records.html", context, title=_("Records of a run"), section="runs", status=400 if wrong else 200)


def _people(rows: list[Any]) -> dict[int, Person]:
    """Outcome → whose it is: whom the run found, else whom the record has long belonged to. Somebody only planned has no row yet."""
    links = Link.objects.filter(record_id__any=[row.record_id for row in rows if row.record_id], until=None)
    owners = dict(links.values_list("record_id", "person_id"))
    wanted = {row.pk: row.person_id or owners.get(row.record_id) for row in rows}
    known = Person.objects.only("id", "display_name").in_bulk([person for person in wanted.values() if person])
    return {outcome: known[person] for outcome, person in wanted.items() if person in known}


def _why(code: str) -> str:
    if not code:
        return ""
    return group_reason(code, "") if code in REASONS else _(by_code(code)().sentence)


def _filters(asked: dict[str, str]) -> list[Filter]:
    everything: tuple[tuple[str, Text], ...] = (("", _("all")),)
    return [Filter("outcome", _("What became of them"), asked["outcome"], (*everything, *((word.key, word.label) for word in OUTCOME)))]
