"""One person: what the HR system knows, and everything that can happen to them next."""

from __future__ import annotations

from integrations.sandbox.exchange import Response
from integrations.sandbox.page.forms import departments, field, form, locations, tick, units
from integrations.sandbox.page.frame import IN, card, chip, in_short, page, table
from integrations.sandbox.page.markup import Child, Html, e
from integrations.sandbox.sandbox import Sandbox
from integrations.sandbox.worker import Worker


def person(sandbox: Sandbox, worker: Worker, done: str = "", refused: str = "", opened: str = "") -> Response:
    """`opened` names the form to show open: the one that was refused."""
    today = sandbox.world.today()
    state = e("div", chip(worker.state(today)), e("span", f"{worker.kind} {IN[worker.hr]}", class_="chip info"), class_="row")
    acts = [e("details", e("summary", words), body, open=verb == opened) for verb, words, body in _acts(sandbox, worker)]
    doing = card("What happens next", e("div", acts, class_="acts")) if acts else None
    left = e("div", card("What the HR system knows", _facts(sandbox, worker)), _history(worker), class_="grid")
    status = 400 if refused else 200
    whole = e("div", left, doing, class_="two")
    return page(sandbox, "/people", worker.full_name, state, whole, done=done, refused=refused, status=status)


def hiring(sandbox: Sandbox, hr: str, given: dict[str, str] | None = None, refused: str = "") -> Response:
    """The form for somebody new. `given` is what was typed when it was refused."""
    typed = given or {}
    where = units(sandbox.world, "Engineering, unless you choose") if hr == "workday" else departments("Engineering, unless you choose")
    kind = tick("contingent", "A contractor, not an employee", typed.get("contingent") == "1") if hr != "bamboohr" else None
    fields = (
        field("given", "First name", typed.get("given", ""), required=True),
        field("family", "Last name", typed.get("family", ""), required=True),
        field("title", "Title", typed.get("title", ""), hint="may stay empty"),
        field("hire_on", "First day", typed.get("hire_on", sandbox.world.today().isoformat()), "date", required=True),
        field("work_email", "Work e-mail", typed.get("work_email", ""), "email", hint="made from the name if empty"),
        where,
        locations(typed.get("location_code", "BER")),
        kind,
    )
    title = f"Hire somebody {IN[hr]}"
    body = card(title, e("div", form(f"/people/{hr}/new", "Hire", *fields), class_="in"))
    return page(sandbox, "/people", title, body, refused=refused, status=400 if refused else 200)


def _facts(sandbox: Sandbox, worker: Worker) -> Html:
    rows: list[tuple[str, Child]] = [
        ("Number", e("span", worker.employee_number, class_="mono")),
        ("Key", e("span", worker.key, class_="mono")),
        ("Work e-mail", worker.work_email),
        ("Private e-mail", worker.home_email),
        ("Title", worker.title),
        ("Department", f"{worker.department} ({worker.department_code})"),
        ("Organisation", " › ".join(unit.name for unit in sandbox.world.units_above(worker.unit_key))),
        ("Manager", _manager(sandbox, worker.hr, worker.manager_key)),
        ("Also reports to", [e("span", _manager(sandbox, worker.hr, key)) for key in worker.matrix_manager_keys]),
        ("Site", f"{worker.location_name} ({worker.location_code}), {worker.time_zone}"),
        ("Company", f"{worker.company}, {worker.cost_center}"),
        ("Hired", in_short(worker.hire_on) + (f", first on {in_short(worker.original_hire_on)}" if worker.is_rehire else "")),
        ("Last day", in_short(worker.last_day_on) if worker.last_day_on else ""),
        ("Employment ends", f"{in_short(worker.termination_on)}, {worker.termination_reason}" if worker.termination_on else ""),
        ("Leave", ", ".join(f"{in_short(first)} to {in_short(last) if last else 'open end'}" for first, last in worker.leave)),
        ("Changed", f"{in_short(worker.changed_at)}, {worker.changed_at:%H:%M} UTC"),
    ]
    return e("dl", [(e("dt", label), e("dd", value)) for label, value in rows if value])


def _manager(sandbox: Sandbox, hr: str, key: str) -> Html | None:
    manager = sandbox.world.worker(hr, key) if key else None
    return e("a", manager.full_name, href=f"/people/{hr}/{key}") if manager else None


def _history(worker: Worker) -> Html | None:
    if not worker.entries:
        return None
    rows = [(in_short(entry.effective_on), entry.field.replace("_", " "), _plain(entry.value)) for entry in reversed(worker.entries)]
    return card("What was changed", table("What was changed", ("True from", "Field", "Value"), rows))


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(" to ".join(str(part or "open end") for part in item) if isinstance(item, tuple) else str(item) for item in value)
    return "–" if value in (None, "") else str(value)


def _acts(sandbox: Sandbox, worker: Worker) -> list[tuple[str, str, Html]]:
    """(verb, its words, its form) for what makes sense in this state."""
    if worker.deleted:
        return []
    today = sandbox.world.today()
    acts: list[tuple[str, str, Html]] = [("rename", "New name or address", _rename(worker)), ("change_title", "New title", _title(worker))]
    if worker.has_left(today):
        back = field("hire_on", "First day back", today.isoformat(), "date", required=True)
        return [*acts, ("rehire", "Hire again", _form(worker, "rehire", "Hire again", back)), _erasing(worker)]
    acts.append(("move", "Move", _move(sandbox, worker)))
    if worker.on_leave(today):
        last = field("on", "Last day of leave", "", "date", hint="yesterday, if empty")
        acts.append(("end_leave", "Back from leave", _form(worker, "end_leave", "End the leave", last)))
    else:
        first = field("from_on", "First day", today.isoformat(), "date", required=True)
        last = field("until_on", "Last day", "", "date", hint="open end, if empty")
        acts.append(("start_leave", "Leave of absence", _form(worker, "start_leave", "Start the leave", first, last)))
    if worker.kind == "contingent":
        on = field("on", "Employee from", today.isoformat(), "date", required=True)
        acts.append(("convert_to_employee", "Becomes an employee", _form(worker, "convert_to_employee", "Make an employee", on)))
    acts.append(_leaving(worker, today.isoformat()))
    return [*acts, _erasing(worker)]


def _form(worker: Worker, verb: str, button: str, *fields: Child, kind: str = "go") -> Html:
    return form(f"/people/{worker.hr}/{worker.key}/{verb}", button, *fields, kind=kind)


def _rename(worker: Worker) -> Html:
    fields = (
        field("given", "First name", worker.given, required=True),
        field("family", "Last name", worker.family, required=True),
        field("preferred", "Preferred first name", worker.preferred),
        field("work_email", "Work e-mail", worker.work_email, "email"),
    )
    return _form(worker, "rename", "Save the name", *fields)


def _title(worker: Worker) -> Html:
    when = field("effective_on", "True from", "", "date", hint="today, if empty")
    return _form(worker, "change_title", "Change the title", field("title", "Title", worker.title, required=True), when)


def _move(sandbox: Sandbox, worker: Worker) -> Html:
    where = units(sandbox.world, "no change") if worker.hr == "workday" else departments("no change")
    manager = field("manager_number", "Manager’s number", "", hint="the leader of the unit, or no change, if empty")
    when = field("effective_on", "True from", "", "date", hint="today, if empty")
    return _form(worker, "move", "Move", where, locations(), manager, when)


def _leaving(worker: Worker, today: str) -> tuple[str, str, Html]:
    if worker.termination_on:
        words = e("p", f"The employment ends on {in_short(worker.termination_on)}.", class_="muted")
        return "rescind_termination", "Stays after all", _form(worker, "rescind_termination", "Take the termination back", words)
    fields = (
        field("last_day_on", "Last day at work", today, "date", required=True),
        field("termination_on", "Last day of employment", "", "date", hint="the same day, if empty"),
        field("reason", "Reason", "Resignation"),
    )
    return "terminate", "Leaves", _form(worker, "terminate", "End the employment", *fields, kind="stop")


def _erasing(worker: Worker) -> tuple[str, str, Html]:
    sure = tick("sure", f"Yes, erase the record of {worker.full_name} {IN[worker.hr]}", required=True)
    return "delete", "Erase the record", _form(worker, "delete", "Erase", sure, kind="stop")
