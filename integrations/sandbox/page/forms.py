"""Fields of forms. Every field has a visible label; an error is told once, at the top of the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from integrations.sandbox.page.markup import Child, Html, e
from integrations.sandbox.places import DEPARTMENTS, LOCATIONS
from integrations.sandbox.worker import Unit
from integrations.sandbox.world import World

MOST_UNITS = 200  # of a drop-down; a larger company shows the upper part of its chart

Values = Mapping[str, str]


def field(name: str, label: str | Promise, value: str = "", kind: str = "text", hint: str = "", **more: str | int | bool | None) -> Html:
    told = e("small", hint, class_="muted") if hint else None
    return e("label", e("span", label), told, e("input", type=kind, name=name, value=value, autocomplete="off", **more), class_="field")


def choice(name: str, label: str | Promise, options: Iterable[tuple[str, str | Promise]], chosen: str = "", hint: str = "") -> Html:
    told = e("small", hint, class_="muted") if hint else None
    listed = [e("option", words, value=value, selected=value == chosen) for value, words in options]
    return e("label", e("span", label), told, e("select", listed, name=name), class_="field")


def tick(name: str, label: str | Promise, is_on: bool = False, **more: bool) -> Html:
    return e("label", e("input", type="checkbox", name=name, value="1", checked=is_on, **more), e("span", label), class_="tick")


def form(action: str, button: str, *fields: Child, kind: str = "go") -> Html:
    return e("form", *fields, e("div", e("button", button, class_=f"btn {kind}"), class_="row"), method="post", action=action)


def locations(chosen: str = "", stay: str = "") -> Html:
    options = [(stay, _("no change"))] if stay == "" and not chosen else []
    return choice("location_code", _("Site"), [*options, *((site.code, f"{site.name} ({site.code})") for site in LOCATIONS)], chosen)


def departments(first: str) -> Html:
    options = [("", first), *((one.code, f"{one.name} ({one.code})") for one in DEPARTMENTS)]
    return choice("department_code", _("Department"), options)


def units(world: World, first: str) -> Html:
    options = [("", first)]
    options += [(unit.key, f"{'– ' * (unit.level - 1)}{unit.name}") for unit in _as_a_tree(islice(world.units(), MOST_UNITS))]
    return choice("unit_key", _("Supervisory organisation"), options, hint=_("brings department and manager along"))


def _as_a_tree(units: Iterable[Unit]) -> Iterator[Unit]:
    """Each unit right below the one it belongs to. One whose parent is not among them stands at the end."""
    below: dict[str, list[Unit]] = {}
    every = {unit.key: unit for unit in units}
    for unit in every.values():
        below.setdefault(unit.parent_key, []).append(unit)
    roots = [unit for unit in every.values() if unit.parent_key not in every]
    waiting = sorted(roots, key=lambda unit: unit.parent_key != "")
    while waiting:
        unit = waiting.pop(0)
        yield unit
        waiting = [*below.get(unit.key, ()), *waiting]
