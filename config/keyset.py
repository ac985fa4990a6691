"""Paging by key: the next page begins after a row, not after a number of rows, so that page 10,000 costs what page 1 costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from config.parts.shapes import Pager, Text

SIZE = 50


@dataclass(frozen=True, slots=True)
class Stretch:
    """The rows of one page in their order, and the addresses of its neighbours (empty at either end)."""

    rows: list[Any]
    previous: str
    next: str

    def pager(self, shown: Text) -> Pager:
        return Pager(shown, self.previous, self.next)


def stretch(request: HttpRequest, rows: QuerySet[Any], order: tuple[str, ...], *, size: int = SIZE, descending: bool = False) -> Stretch:
    """A page of `rows` in `order`, whose last column is the primary key. ?after= and ?before= hold keys of rows, never values.

    One query for the page and, on later pages, one for the row it begins after; a row that is gone meanwhile begins at the start.
    """
    cursor, backwards = _cursor(request)
    edge = rows.model._default_manager.filter(pk=cursor).values_list(*order).first() if cursor else None
    upwards = descending is backwards
    found = rows.filter(_beyond(order, edge, upwards=upwards)) if edge else rows
    is_turned = backwards and edge is not None
    directed = [name if (descending is is_turned) else f"-{name}" for name in order]
    taken: list[Model] = list(found.order_by(*directed)[: size + 1])
    has_more, taken = len(taken) > size, taken[:size]
    if is_turned:
        taken.reverse()
    has_earlier, has_later = (has_more, True) if is_turned else (edge is not None, has_more)
    return Stretch(
        taken,
        _address(request, "before", taken[0]) if taken and has_earlier else "",
        _address(request, "after", taken[-1]) if taken and has_later else "",
    )


def _cursor(request: HttpRequest) -> tuple[int, bool]:
    for name, backwards in (("before", True), ("after", False)):
        text = request.GET.get(name, "")
        if text.isdecimal() and len(text) < 19:
            return int(text), backwards
    return 0, False


def _beyond(order: tuple[str, ...], edge: tuple[Any, ...], *, upwards: bool) -> Q:
    """Rows after `edge`. The first column is also bounded by itself, which is what lets an index begin there."""
    word = "gt" if upwards else "lt"
    beyond = Q()
    for place, name in enumerate(order):
        beyond |= Q(**dict(zip(order[:place], edge[:place], strict=True))) & Q(**{f"{name}__{word}": edge[place]})
    return beyond & Q(**{f"{order[0]}__{word}e": edge[0]})


def _address(request: HttpRequest, name: str, row: Model) -> str:
    kept = [(key, value) for key, value in request.GET.items() if key not in ("before", "after")]
    return "?" + urlencode([*kept, (name, row.pk)])
