"""What can happen at Meridian Works. A verb looks at the world and says what would change; world.do() writes it down.

Arguments are plain JSON values, dates are `date` objects (names ending in `_on`). A verb that makes no sense raises
`Refused` with a sentence for the person who asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from config.sentences import english, sentence
from integrations.sandbox.born import DOMAIN
from integrations.sandbox.names import ascii_name
from integrations.sandbox.places import DEPARTMENT, LOCATION
from integrations.sandbox.worker import Entry, Unit, Worker, WorldChange


class World(Protocol):
    """What a verb may ask of the world (world.py)."""

    def today(self) -> date: ...
    def worker(self, hr: str, key: str) -> Worker | None: ...
    def workers(self, hr: str, start: int = 0, stop: int | None = None) -> Iterator[Worker]: ...
    def unit(self, key: str) -> Unit | None: ...
    def next_number(self, hr: str, kind: str) -> tuple[str, str]: ...
    def free_email(self, given: str, family: str) -> str: ...
    def placed(self, hr: str, unit_key: str, department_code: str, location_code: str, manager_key: str) -> dict[str, Any]: ...


class Refused(ValueError):
    """The world cannot do that. `said` is why, in no language; the message is English."""

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__(english(said))


@dataclass
class Effect:
    """What a verb would change: new workers, dated values of known ones, units, and what the HR system would log."""

    added: list[Worker] = field(default_factory=list)
    entries: list[tuple[str, str, Entry]] = field(default_factory=list)  # (hr, key, entry)
    units: list[Unit] = field(default_factory=list)
    changes: list[WorldChange] = field(default_factory=list)

    def note(self, worker: Worker, kind: str, at: datetime, effective_on: date, **values: Any) -> None:
        self.entries += [(worker.hr, worker.key, Entry(effective_on, name, value, at)) for name, value in values.items()]
        self.changes.append(WorldChange(at, effective_on, worker.hr, worker.key, kind))


def hire(world: World, at: datetime, hr: str, given: str, family: str, hire_on: date | None = None, **values: Any) -> Effect:
    """A new person. Any field of Worker may be given; codes of location, department and unit bring their names along."""
    if not given.strip() or not family.strip():
        raise Refused(sentence("a hire needs a first and a last name"))
    starts_on = hire_on or at.date()
    number, key = world.next_number(hr, str(values.get("kind") or "employee"))
    placed = world.placed(hr, **{name: values.pop(name, "") for name in ("unit_key", "department_code", "location_code", "manager_key")})
    known: dict[str, Any] = {
        "work_email": world.free_email(given, family),
        "language": "en",
        "birth_on": starts_on - timedelta(days=30 * 365),
        "original_hire_on": starts_on,
        "employee_number": number,
        "title": DEPARTMENT[placed["department_code"]].roles[0],
        **placed,
        **{name: value for name, value in values.items() if value not in (None, "")},
    }
    if hr == "csv":
        key = str(known["employee_number"])
        if world.worker(hr, key):
            raise Refused(sentence("%(key)s is taken", key=key))
    worker = _built({**known, "hr": hr, "key": key, "given": given, "family": family, "hire_on": starts_on, "entered_at": at})
    return Effect(added=[worker], changes=[WorldChange(at, starts_on, hr, key, "hire")])


def rename(world: World, at: datetime, hr: str, key: str, effective_on: date | None = None, **names: str | None) -> Effect:
    """New names and, if given, a new address. Allowed: given, family, middle, preferred, suffix, work_email, home_email, phone."""
    allowed = {"given", "family", "middle", "preferred", "suffix", "work_email", "home_email", "phone"}
    return _changed(world, at, hr, key, "rename", effective_on, allowed, names)


def change_title(world: World, at: datetime, hr: str, key: str, title: str, effective_on: date | None = None) -> Effect:
    return _changed(world, at, hr, key, "title", effective_on, {"title"}, {"title": title})


def move(
    world: World,
    at: datetime,
    hr: str,
    key: str,
    unit_key: str = "",
    location_code: str = "",
    manager_key: str = "",
    department_code: str = "",
    effective_on: date | None = None,
) -> Effect:
    """Another unit, site, department or manager; what is not given stays, except that a new unit brings its own leader."""
    worker = _present(world, hr, key)
    placed = world.placed(
        hr,
        unit_key=unit_key or ("" if department_code else worker.unit_key),
        department_code=department_code,
        location_code=location_code or worker.location_code,
        manager_key=manager_key or ("" if unit_key else worker.manager_key),
    )
    if manager_key == key:
        raise Refused(sentence("nobody reports to themselves"))
    if department_code and not unit_key:
        placed["unit_key"] = worker.unit_key
    differing = {name: value for name, value in placed.items() if value != getattr(worker, name)}
    if not differing:
        raise Refused(sentence("that is where they are already"))
    effect = Effect()
    effect.note(worker, "move", at, effective_on or at.date(), **differing)
    return effect


def edit(world: World, at: datetime, hr: str, key: str, effective_on: date | None = None, **values: Any) -> Effect:
    """Any other field, for tests: matrix managers, cost centre, language, pay …"""
    allowed = set(Worker.__dataclass_fields__) - {"hr", "key", "entries", "born", "entered_at"}
    lists = {"matrix_manager_keys", "matrix_unit_keys"}
    given = {name: tuple(value) if name in lists else value for name, value in values.items()}
    return _changed(world, at, hr, key, "edit", effective_on, allowed, given)


def start_leave(world: World, at: datetime, hr: str, key: str, from_on: date | None = None, until_on: date | None = None) -> Effect:
    worker, first = _present(world, hr, key), from_on or at.date()
    if until_on and until_on < first:
        raise Refused(sentence("a leave ends on or after its first day"))
    if worker.on_leave(first):
        raise Refused(sentence("%(name)s is on leave already", name=worker.full_name))
    effect = Effect()
    effect.note(worker, "leave", at, at.date(), leave=(*worker.leave, (first, until_on)))
    return effect


def end_leave(world: World, at: datetime, hr: str, key: str, on: date | None = None) -> Effect:
    """The last day of the running leave is `on` (default: yesterday, so today is a working day)."""
    worker, last = _present(world, hr, key), on or at.date() - timedelta(days=1)
    if not worker.leave:
        raise Refused(sentence("%(name)s is not on leave", name=worker.full_name))
    *earlier, (first, _) = worker.leave
    effect = Effect()
    effect.note(worker, "leave", at, at.date(), leave=tuple(earlier) if last < first else (*earlier, (first, last)))
    return effect


def terminate(
    world: World,
    at: datetime,
    hr: str,
    key: str,
    last_day_on: date | None = None,
    termination_on: date | None = None,
    reason: str = "Resignation",
) -> Effect:
    worker = _present(world, hr, key)
    last_day = last_day_on or at.date()
    ends = termination_on or last_day
    if ends < last_day:
        raise Refused(sentence("the employment ends on or after the last day at work"))
    if ends < worker.hire_on:
        raise Refused(sentence("the employment would end before it began"))
    effect = Effect()
    facts = {"last_day_on": last_day, "termination_on": ends, "termination_reason": reason, "termination_entered_at": at}
    effect.note(worker, "terminate", at, at.date(), **facts)
    effect.changes[-1] = replace(effect.changes[-1], effective_on=ends)
    return effect


def rescind_termination(world: World, at: datetime, hr: str, key: str) -> Effect:
    worker = _known(world, hr, key)
    if worker.termination_on is None:
        raise Refused(sentence("%(name)s is not leaving", name=worker.full_name))
    effect = Effect()
    effect.note(worker, "rescind_termination", at, at.date(), **_staying())
    return effect


def rehire(world: World, at: datetime, hr: str, key: str, hire_on: date | None = None) -> Effect:
    """Back after a termination: same record, new hire date, the first one kept (in a CSV as well)."""
    worker, starts_on = _known(world, hr, key), hire_on or at.date()
    if worker.termination_on is None:
        raise Refused(sentence("%(name)s never left", name=worker.full_name))
    if starts_on <= worker.termination_on:
        raise Refused(sentence("a rehire starts after the employment that ended"))
    effect = Effect()
    effect.note(worker, "rehire", at, starts_on, hire_on=starts_on, **_staying())
    return effect


def convert_to_employee(world: World, at: datetime, hr: str, key: str, on: date | None = None) -> Effect:
    """A contingent record ends the day before `on`; a new employee record with a new key and number begins."""
    worker, starts_on = _present(world, hr, key), on or at.date()
    if worker.kind != "contingent":
        raise Refused(sentence("%(name)s is an employee already", name=worker.full_name))
    number, new_key = world.next_number(hr, "employee")
    effect = Effect()
    last = starts_on - timedelta(days=1)
    ended = {"last_day_on": last, "termination_on": last, "termination_reason": "Converted to employee", "termination_entered_at": at}
    effect.note(worker, "terminate", at, at.date(), **ended)
    successor = replace(
        worker,
        key=number if hr == "csv" else new_key,
        employee_number=number,
        kind="employee",
        hire_on=starts_on,
        original_hire_on=starts_on,
        entered_at=at,
        entries=(),
        born=None,
        **_staying(),
    )
    effect.added.append(successor)
    effect.changes.append(WorldChange(at, starts_on, hr, successor.key, "convert"))
    return effect


def delete(world: World, at: datetime, hr: str, key: str) -> Effect:
    """The record is erased, as if somebody had asked for it under a privacy law."""
    worker = _known(world, hr, key)
    effect = Effect()
    effect.note(worker, "delete", at, date.min, deleted=True)
    effect.changes[-1] = replace(effect.changes[-1], effective_on=at.date())
    return effect


def touch(world: World, at: datetime, hr: str, count: int, start: int = 0, mark: str = "") -> Effect:
    """Change the titles of `count` workers from position `start` on, as a reorganisation of job titles would."""
    effect = Effect()
    suffix = mark or f"(from {at.date().isoformat()})"
    for worker in world.workers(hr, start, start + count):
        title = f"{worker.title.partition(' (')[0]} {suffix}"
        effect.note(worker, "title", at, at.date(), title=title)
    return effect


def rename_unit(world: World, at: datetime, unit_key: str, name: str) -> Effect:
    """A unit gets another name. HR systems log no change of its people for that."""
    unit = _unit(world, unit_key)
    return Effect(units=[replace(unit, name=name)], changes=[WorldChange(at, at.date(), "workday", unit_key, "unit")])


def move_unit(world: World, at: datetime, unit_key: str, parent_key: str) -> Effect:
    """A unit, with everything under it, moves below another one."""
    unit, above = _unit(world, unit_key), _unit(world, parent_key)
    climb: Unit | None = above
    while climb:
        if climb.key == unit_key:
            raise Refused(sentence("a unit cannot hang under itself"))
        climb = world.unit(climb.parent_key)
    moved = replace(unit, parent_key=parent_key, level=above.level + 1)
    return Effect(units=[moved], changes=[WorldChange(at, at.date(), "workday", unit_key, "unit")])


VERBS: dict[str, Callable[..., Effect]] = {
    verb.__name__: verb
    for verb in (
        hire,
        rename,
        change_title,
        move,
        edit,
        start_leave,
        end_leave,
        terminate,
        rescind_termination,
        rehire,
        convert_to_employee,
        delete,
        touch,
        rename_unit,
        move_unit,
    )
}


def placed_by_codes(location_code: str, department_code: str) -> dict[str, Any]:
    """The names behind the codes. Unknown codes are refused."""
    location, department = LOCATION.get(location_code), DEPARTMENT.get(department_code)
    if location is None:
        raise Refused(sentence("no location “%(code)s”", code=location_code))
    if department is None:
        raise Refused(sentence("no department “%(code)s”", code=department_code))
    return {
        "location_code": location.code,
        "location_name": location.name,
        "country": location.country,
        "time_zone": location.time_zone,
        "company": location.company,
        "department": department.name,
        "department_code": department.code,
        "division": department.division,
        "cost_center": department.cost_center,
    }


def mailbox(given: str, family: str, again: int) -> str:
    return f"{ascii_name(given) or 'x'}.{ascii_name(family) or 'x'}{again or ''}@{DOMAIN}"


def _staying() -> dict[str, Any]:
    return {"last_day_on": None, "termination_on": None, "termination_reason": "", "termination_entered_at": None}


def _known(world: World, hr: str, key: str) -> Worker:
    worker = world.worker(hr, key)
    if worker is None or worker.deleted:
        raise Refused(sentence("nobody in %(system)s has the key “%(key)s”", system=hr, key=key))
    return worker


def _present(world: World, hr: str, key: str) -> Worker:
    worker = _known(world, hr, key)
    if worker.has_left(world.today()):
        raise Refused(sentence("%(name)s left on %(day)s", name=worker.full_name, day=worker.termination_on))
    return worker


def _unit(world: World, key: str) -> Unit:
    unit = world.unit(key)
    if unit is None:
        raise Refused(sentence("no unit “%(key)s”", key=key))
    return unit


def _changed(
    world: World, at: datetime, hr: str, key: str, kind: str, effective_on: date | None, allowed: set[str], values: dict[str, Any]
) -> Effect:
    unknown = set(values) - allowed
    if unknown:
        raise Refused(sentence("%(kind)s does not know %(fields)s", kind=kind, fields=sorted(unknown)))
    worker = _known(world, hr, key)
    differing = {name: value for name, value in values.items() if value is not None and value != getattr(worker, name)}
    if not differing:
        raise Refused(sentence("nothing would change"))
    effect = Effect()
    effect.note(worker, kind, at, effective_on or at.date(), **differing)
    return effect


def _built(values: dict[str, Any]) -> Worker:
    unknown = set(values) - set(Worker.__dataclass_fields__)
    if unknown:
        raise Refused(sentence("a worker has no %(fields)s", fields=sorted(unknown)))
    return Worker(**values)
