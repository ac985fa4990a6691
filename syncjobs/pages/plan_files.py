"""The plan as a file, a row a change: for spreadsheets (CSV, formulas guarded) and for programs (JSON). Streamed, masked as on screen."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _

from config.admin_screens import screen
from config.roles.masking import Sight, sight_of
from config.roles.scopes import scoped_for
from config.say import spoken
from identity.people.models import public_id
from integrations.mapping.value_map_files import guarded
from syncjobs.pages.reasons import person_reason
from syncjobs.pages.run import seen_run
from syncjobs.pages.run_plan import differences
from syncjobs.plans.models import PlannedChange

AT_ONCE = 2000
COLUMNS = ("target", "change", "state", "person", "name", "reason", "field", "before", "after")


@screen("syncjobs.view_plannedchange")
def plan_csv(request: HttpRequest, number: int) -> Any:
    return _file(_csv(_changes(request, number)), f"plan-of-run-{number}.csv", "text/csv; charset=utf-8")


@screen("syncjobs.view_plannedchange")
def plan_json(request: HttpRequest, number: int) -> Any:
    return _file(_json(_changes(request, number)), f"plan-of-run-{number}.json", "application/json")


def _file(pieces: Iterator[str], name: str, content_type: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        spoken(pieces), content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _changes(request: HttpRequest, number: int) -> Iterator[dict[str, Any]]:
    run, sight = seen_run(request, number), sight_of(request.user)
    rows = scoped_for(request.user, PlannedChange.objects.filter(plan__run=run)).select_related("target").order_by("id")
    return (_change(change, sight) for change in rows.iterator(chunk_size=AT_ONCE))


def _change(change: PlannedChange, sight: Sight) -> dict[str, Any]:
    return {
        "target": change.target.key if change.target else "people",
        "change": change.kind,
        "state": change.state,
        "person": public_id(change.person_id),
        "name": sight.name(change.name),
        "reason": person_reason(change.reason_code, change.reason, sight),
        "fields": [{"field": one.label, "before": one.before, "after": one.after} for one in differences(change, sight)],
    }


def _csv(changes: Iterator[dict[str, Any]]) -> Iterator[str]:
    """A line a field; a change without fields has one line. Begins with the mark by which Excel knows UTF-8."""
    yield "\ufeff" + _line([_(name) for name in COLUMNS])
    for change in changes:
        shared = [change[name] for name in COLUMNS[:6]]
        for one in change["fields"] or [{"field": "", "before": "", "after": ""}]:
            yield _line([*shared, one["field"], one["before"], one["after"]])


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([guarded(str(cell)) for cell in cells])
    return text.getvalue()


def _json(changes: Iterator[dict[str, Any]]) -> Iterator[str]:
    between = "[\n"
    for change in changes:
        yield between + json.dumps(change, ensure_ascii=False)
        between = ",\n"
    yield "[]" if between == "[\n" else "\n]\n"
