"""The parts of a page: {% load parts %}. Each takes values from config/parts/shapes.py; config/parts/README.md lists them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.parts.misread import misread
from config.parts.shapes import (
    Button,
    Column,
    CompareRow,
    Consequence,
    Fact,
    Filter,
    Kpi,
    Moment,
    Need,
    Pager,
    PlanGroup,
    Stage,
    Tab,
    Text,
    Weight,
)
from config.vocabulary import word

register = template.Library()

Context = dict[str, Any]


def part(name: str) -> str:
    return f"rollcall/parts/{name}.html"


@register.inclusion_tag(part("kpis"))
def kpis(items: Iterable[Kpi], label: Text = "") -> Context:
    """The strip of numbers: Kpi values, and what they are together (read out)."""
    return {"items": items, "label": label or _("Today")}


@register.inclusion_tag(part("needs"))
def needs(items: Iterable[Need]) -> Context:
    """What waits for a human, most harmful first: Need values."""
    return {"items": list(items)}


@register.inclusion_tag(part("stages"))
def stages(items: Iterable[Stage], label: Text = "") -> Context:
    """How far a run is: Stage values in order, and what they are together (read out)."""
    return {"items": items, "label": label or _("Stages")}


@register.inclusion_tag(part("plan"))
def plan(groups: Iterable[PlanGroup], caption: Text = "") -> Context:
    """What would change, by kind and reason: PlanGroup values."""
    return {"groups": list(groups), "caption": caption or _("The plan")}


@register.inclusion_tag(part("facts"))
def facts(rows: Iterable[Fact], caption: Text = "") -> Context:
    """What is known, where from and why: Fact values."""
    return {"rows": list(rows), "caption": caption or _("Facts")}


@register.inclusion_tag(part("timeline"))
def timeline(moments: Iterable[Moment]) -> Context:
    """What happened, newest first: Moment values."""
    return {"moments": list(moments)}


@register.inclusion_tag(part("evidence"))
def evidence(weights: Iterable[Weight], summary: Text = "", most: int = 50) -> Context:
    """What speaks for and against: Weight values, a sentence below, and the points that fill half the bar.

    Where nothing has points there are no bars: a bar of a made-up length would claim a weight that nobody knows.
    """
    given = list(weights)
    has_points = any(weight.points is not None for weight in given)
    return {"bars": [_bar(weight, most) for weight in given], "summary": summary, "is_in_words": not has_points}


def _bar(weight: Weight, most: int) -> Context:
    points = weight.points if weight.points is not None else (most // 2 if weight.speaks_for else -(most // 2))
    width = min(50, round(abs(points) * 50 / most))
    shown = ("+" if points > 0 else "−") + (str(abs(points)) if weight.points is not None else "")
    return {"label": weight.label, "width": width, "x": 50 if points > 0 else 50 - width, "speaks_for": points > 0, "shown": shown}


@register.inclusion_tag(part("compare"))
def compare(columns: Sequence[Column], rows: Sequence[CompareRow], form: str = "decide", caption: Text = "") -> Context:
    """Side by side: Column and CompareRow values; the radio buttons belong to the form with this id (the decision bar's)."""
    drawn = [{"row": row, "cells": _cells(columns, row)} for row in rows]
    return {
        "columns": columns,
        "rows": drawn,
        "form": form,
        "equal": sum(row.is_equal for row in rows),
        "caption": caption or _("Comparison"),
    }


def _cells(columns: Sequence[Column], row: CompareRow) -> list[Context]:
    first = next((cell for cell in row.cells if cell is not None), None)
    return [
        {"column": column, "value": cell, "other": _other(row.cells, index, first), "is_chosen": row.chosen == column.key}
        for index, (column, cell) in enumerate(zip(columns, row.cells, strict=True))
    ]


def _other(cells: tuple[str | None, ...], index: int, first: str | None) -> str | None:
    """What a cell is compared with: the first side, and the first side with the next one that differs."""
    if cells[index] != first:
        return first
    return next((cell for cell in cells if cell is not None and cell != first), None)


@register.inclusion_tag(part("consequences"))
def consequences(items: Iterable[Consequence]) -> Context:
    """What will happen: Consequence values."""
    return {"items": items}


@register.inclusion_tag(part("decision_bar"), takes_context=True)
def decision_bar(context: Context, buttons: Iterable[Button], **given: Any) -> Context:
    """The bar at the bottom: Button values. Optional: reason (words of the field), required, error, action, form (the id, “decide”),
    carries (config/carried.py)."""
    usual = {"reason": _("Reason, for whoever asks later"), "required": True, "error": "", "action": "", "form": "decide", "carries": ""}
    shown = list(buttons)
    answers = [button for button in shown if not button.href and button.name == "answer"]
    return usual | given | {"buttons": shown, "has_choices": len(answers) > 1, "csrf_token": context.get("csrf_token", "")}


HEIGHTS = {"ok": 18, "warn": 13, "hold": 13, "bad": 9}  # of 18: told apart without colour


@register.simple_tag
def strip(phases: Sequence[str], label: Text = "") -> SafeString:
    """The last runs, oldest first: phases of the vocabulary table “run”, an empty string where none ran."""
    words = [word("run", phase) if phase else None for phase in phases]
    counts = Counter(str(one.label) for one in words if one)
    said = ", ".join(f"{count} {name}" for name, count in counts.items()) or _("none yet")
    tones = [one.tone if one and one.tone in HEIGHTS else "none" for one in words]
    bars = format_html_join(
        "",
        '<rect class="rc-strip-{}" x="{}" y="{}" width="5" height="{}" rx="2"/>',
        ((tone, 7 * index, 18 - HEIGHTS.get(tone, 4), HEIGHTS.get(tone, 4)) for index, tone in enumerate(tones)),
    )
    name = label or _("last %(n)s runs") % {"n": len(words)}
    return format_html(
        '<svg class="rc-strip" width="{0}" height="18" viewBox="0 0 {0} 18" role="img" aria-label="{1}: {2}">{3}</svg>',
        max(7 * len(words) - 2, 1),
        name,
        said,
        bars,
    )


@register.inclusion_tag(part("progress"))
def progress(done: int, total: int | None, sentence: Text, note: Text = "", poll: str = "", refresh: str = "") -> Context:
    """How far: numbers, a bold sentence, a grey one; `poll` is asked every 2 s, `refresh` serves without scripts."""
    return {"done": done, "total": total, "sentence": sentence, "note": note, "poll": poll, "refresh": refresh or poll}


@register.inclusion_tag(part("empty"))
def empty(heading: Text, why: Text = "", button: Text = "", href: str = "", level: int = 3) -> Context:
    """Nothing here: what would be here, why it is not, one button."""
    return {"heading": heading, "why": why, "button": button, "href": href, "level": level}


@register.inclusion_tag(part("error"))
def error(heading: Text, why: Text = "", next_step: Text = "", button: Text = "", href: str = "", code: str = "") -> Context:
    """It went wrong: what, why, who does what next, one button; the code in small type."""
    return {"heading": heading, "why": why, "next_step": next_step, "button": button, "href": href, "code": code}


@register.inclusion_tag(part("skeleton"))
def skeleton(sentence: Text = "", lines: int = 3) -> Context:
    """Still loading: what, and how many grey lines keep its place."""
    return {"sentence": sentence or _("Loading…"), "lines": range(lines)}


@register.inclusion_tag(part("pager"))
def pager(page: Pager) -> Context:
    """Previous and next by key: a Pager value."""
    return {"page": page}


@register.inclusion_tag(part("filters"))
def filters(fields: Sequence[Filter], action: str = "", label: Text = "") -> Context:
    """A row of filters sent by GET: Filter values. Never for names or e-mails: those would stand in the address."""
    is_set = any(one.value for one in fields)
    return {"fields": fields, "action": action, "label": label or _("Filter"), "is_set": is_set, "misread": misread(fields)}


@register.inclusion_tag(part("tabs"))
def tabs(items: Iterable[Tab], label: Text = "") -> Context:
    """Parts of one subject as links: Tab values."""
    return {"items": items, "label": label or _("Sections")}


@register.simple_tag
def announce(text: Text) -> SafeString:
    """In a fragment loaded by htmx: read this out politely. Only when something changed, at most once a phase."""
    return format_html('<p id="live" class="rc-hidden" role="status" hx-swap-oob="innerHTML">{}</p>', text)


@register.simple_tag(takes_context=True)
def here(context: Context) -> str:
    """The address of this page, for “back to here” links."""
    request: HttpRequest = context["request"]
    return request.get_full_path()
