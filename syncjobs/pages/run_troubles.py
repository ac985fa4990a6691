"""What a run could not do, grouped by cause with who can mend it; and what became of its records and its writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.errors import Owner, by_code
from config.navigation import first_address
from config.parts.shapes import Text
from config.roles.masking import Sight
from config.say import said
from integrations.outbound.models import Delivery, DeliveryState
from syncjobs.explain.values import label, operation_word
from syncjobs.pages.read_back import is_ever_shown
from syncjobs.pages.reasons import group_reason
from syncjobs.runs.models import Outcome, RecordOutcome, SyncRun

OWNERS: dict[str, Text] = {
    Owner.WE: gettext_lazy("Rollcall tries again by itself"),
    Owner.IT: gettext_lazy("IT can mend this"),
    Owner.LND: gettext_lazy("L&D can mend this"),
    Owner.SOURCE: gettext_lazy("Whoever keeps the source can mend this"),
}
# In the order in which they are sent for one person.
ORDER = ("create", "reactivate", "update", "set_manager", "cohorts", "deactivate")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One cause. `example` is empty for readers who may not see what a record says."""

    n: int
    is_record: bool
    sentence: str
    field: str
    example: str
    next_step: str
    owner: Text
    code: str
    href: str
    waiting: int = 0  # writes that need these and are held, so that one cause is one error


@dataclass(frozen=True, slots=True)
class Fate:
    """How many records of one outcome and reason."""

    outcome: str
    why: str
    n: int
    href: str


@dataclass(frozen=True, slots=True)
class Writes:
    """Deliveries of one operation in one state. `tries` counts all attempts; `is_shown`: reading the account back can tell it."""

    operation: Text
    state: str
    n: int
    tries: int
    verified: int
    is_shown: bool


def fates(run: SyncRun) -> list[dict[str, Any]]:
    """Outcomes counted by kind, code and field, with one detail each: one query for what the page says about records."""
    rows: Any = RecordOutcome.objects.filter(run=run).order_by().values("outcome", "code", "field")
    return list(rows.annotate(n=Count("id"), example=Min("detail")).order_by("-n")[:200])


def in_plan(rows: list[dict[str, Any]]) -> int:
    """How many different records the run brought into its plan; the counters of the run count a record on two pages twice."""
    return sum(row["n"] for row in rows if row["outcome"] == Outcome.STAGED and not row["code"])


def outcomes(run: SyncRun, rows: list[dict[str, Any]]) -> list[Fate]:
    return [
        Fate(row["outcome"], group_reason(row["code"], "") if row["code"] in KNOWN else _sentence(row["code"]), row["n"], records(run, row))
        for row in rows
    ]


KNOWN = ("gone", "target_changed", "manager_arrived", "replan")


def _sentence(code: str) -> str:
    return _(by_code(code)().sentence) if code else ""


def troubles(run: SyncRun, rows: list[dict[str, Any]], sight: Sight) -> list[Trouble]:
    """Records set aside, then writes that ended badly or are tried again; the largest group first."""
    found = [_of_records(run, row, sight) for row in rows if row["outcome"] == Outcome.PARKED]
    bad = Q(state=DeliveryState.DEAD) | (Q(state=DeliveryState.PENDING, attempts__gt=0) & ~Q(error_code=""))
    failed: Any = Delivery.objects.filter(bad, cause=run.cause_id).order_by().values("error_code", "state")
    waiting = _waiting(run)
    found += [_of_writes(row, sight, waiting) for row in failed.annotate(n=Count("id"), example=Min("error_detail"))]
    return sorted(found, key=lambda one: -one.n)


def _of_records(run: SyncRun, row: dict[str, Any], sight: Sight) -> Trouble:
    error = by_code(row["code"])
    example = said(row["example"]) if sight.is_full else ""
    href = records(run, row)
    return Trouble(
        row["n"],
        True,
        _(error().sentence),
        label(row["field"]) if row["field"] else "",
        example,
        _(error.next_step),
        OWNERS[error.owner],
        error.code,
        href,
    )


def _waiting(run: SyncRun) -> dict[str, int]:
    """How many writes of this run are held, by the error of the write they wait for."""
    held: Any = Delivery.objects.filter(cause=run.cause_id, state=DeliveryState.HELD).order_by().values("waits_for__error_code")
    return {row["waits_for__error_code"] or "": row["n"] for row in held.annotate(n=Count("id"))}


def _of_writes(row: dict[str, Any], sight: Sight, waiting: dict[str, int]) -> Trouble:
    error = by_code(row["error_code"])
    example = said(row["example"]) if sight.is_full else ""
    href = f"{first_address(('deliveries', 'admin:integrations_delivery_changelist'))}?{urlencode({'state': row['state']})}"
    held = waiting.get(row["error_code"], 0) if row["state"] == DeliveryState.DEAD else 0
    return Trouble(row["n"], False, _(error().sentence), "", example, _(error.next_step), OWNERS[error.owner], error.code, href, held)


def records(run: SyncRun, row: dict[str, Any]) -> str:
    """The list of the records this row counts."""
    return f"{reverse('run-records', args=[run.pk])}?{urlencode({'outcome': row['outcome'], 'code': row['code']})}"


def writes(run: SyncRun) -> list[Writes]:
    """Every write of this run, by operation and state. A pending one that was tried is “retrying”."""
    rows: Any = Delivery.objects.filter(cause=run.cause_id).order_by().values("operation", "state")
    tried = Count("id", filter=Q(attempts__gt=0))
    counted = rows.annotate(n=Count("id"), sum_of_tries=Sum("attempts"), verified=Count("verified_at"), tried=tried)
    return [
        Writes(
            operation_word(row["operation"]),
            "retrying" if row["state"] == DeliveryState.PENDING and row["tried"] else row["state"],
            row["n"],
            row["sum_of_tries"] or 0,
            row["verified"],
            is_ever_shown(row["operation"]),
        )
        for row in sorted(
            counted, key=lambda row: (ORDER.index(row["operation"]) if row["operation"] in ORDER else len(ORDER), row["state"])
        )
    ]
