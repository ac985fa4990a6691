"""Nested units and chains of managers, flattened here; cycles are reported, never followed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def paths(parents: Mapping[str, str]) -> tuple[dict[str, list[str]], list[list[str]]]:
    """unit → parent ("" or an unknown id = outermost) into unit → ids from the outermost down to itself, and the cycles found.

    Units inside or below a cycle get a path that begins where the cycle is left. Depth is unlimited; time is linear.
    """
    done: dict[str, list[str]] = {}
    cycles: list[list[str]] = []
    for start in parents:
        trail: list[str] = []
        place: dict[str, int] = {}
        at = start
        while at and at in parents and at not in done and at not in place:
            place[at] = len(trail)
            trail.append(at)
            at = parents[at]
        above: list[str] = []
        if at in place:  # came back to a unit of this trail
            ring = trail[place[at] :]
            cycles.append(sorted(ring))
            for unit in ring:
                done[unit] = [unit]
            trail = trail[: place[at]]
            above = done[at]
        elif at in done:
            above = done[at]
        for unit in reversed(trail):
            above = [*above, unit]
            done[unit] = above
    return done, cycles


def rings(reports_to: Mapping[int, int], among: Iterable[int]) -> set[int]:
    """People of `among` who report to themselves through others. `reports_to` must hold the managers' own managers as well."""
    caught: set[int] = set()
    cleared: set[int] = set()
    for start in among:
        trail: list[int] = []
        place: dict[int, int] = {}
        at: int | None = start
        while at is not None and at not in cleared and at not in caught and at not in place:
            place[at] = len(trail)
            trail.append(at)
            at = reports_to.get(at)
        if at is not None and at in place:
            caught.update(trail[place[at] :])
            cleared.update(trail[: place[at]])
        else:
            cleared.update(trail)
    return caught
