"""One person: what the HR system knows, and everything that can happen to them next."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.sandbox.exchange import Response
from integrations.sandbox.page.forms import departments, field, form, locations, tick, units
from integrations.sandbox.page.frame import IN, KINDS, card, chip, in_short, page, table
from integrations.sandbox.page.markup import Child, Html, e
from integrations.sandbox.sandbox import Sandbox
from integrations.sandbox.worker import Entry, Worker


def person(sandbox: Sandbox, worker: Worker, done: str = "", refused: str = "", opened: str = "") -> Response:
    """`opened` names the form to show open: the one that was refused."""
    today = sandbox.world.today()
    state = e("div", chip(worker.state(today)), e("span", f"{KINDS[worker.kind]} {IN[worker.hr]}", class_="chip info"), class_="row")
    acts = [e("details", e("summary", words), body, open=verb == opened) for verb, words, body in _acts(sandbox, worker)]
    doing = card(_("What happens next"), e("div", acts, class_="acts")) if acts else None
    left = e("div", card(_("What the HR system knows"), _facts(sandbox, worker)), _history(sandbox, worker), class_="grid")
    status = 400 if refused else 200
    whole = e("div", left, doing, class_="two")
    return page(sandbox, "/people", worker.full_name, state, whole, done=done, refused=refused, status=status)


def hiring(sandbox: Sandbox, hr: str, given: dict[str, str] | None = None, refused: str = "") -> Response:
    """The form for somebody new. `given` is what was typed when it was refused."""
    typed = given or {}
    unless = _("Engineering, unless you choose")
    where = units(sandbox.world, unless) if hr == "workday" else departments(unless)
    kind = tick("contingent", _("A contractor, not an employee"), typed.get("contingent") == "1") if hr != "bamboohr" else None
    fields = (
        field("given", _("First name"), typed.get("given", ""), required=True),
        field("family", _("Last name"), typed.get("family", ""), required=True),
        field("title", _("Job title"), typed.get("title", ""), hint=_("may stay empty")),
        field("hire_on", _("First day"), typed.get("hire_on", sandbox.world.today().isoformat()), "date", required=True),
        field("work_email", _("Work e-mail"), typed.get("work_email", ""), "email", hint=_("made from the name if empty")),
        where,
        locations(typed.get("location_code", "BER")),
        kind,
    )
    title = _("Hire somebody %(where)s") % {"where": IN[hr]}
    body = card(title, e("div", form(f"/people/{hr}/new", _("Hire"), *fields), class_="in"))
    return page(sandbox, "/people", title, body, refused=refused, status=400 if refused else 200)


def _facts(sandbox: Sandbox, worker: Worker) -> Html:
    first = _("%(day)s, first on %(first)s") if worker.is_rehire else "%(day)s"
    rows: list[tuple[str | Promise, Child]] = [
        (_("Number"), e("span", worker.employee_number, class_="mono")),
        (_("Key"), e("span", worker.key, class_="mono")),
        (_("Work e-mail"), worker.work_email),
        (_("Private e-mail"), worker.home_email),
        (_("Job title"), worker.title),
        (_("Department"), f"{worker.department} ({worker.department_code})"),
        (_("Organisation"), " › ".join(unit.name for unit in sandbox.world.units_above(worker.unit_key))),
        (_("Manager"), _manager(sandbox, worker.hr, worker.manager_key)),
        (_("Also reports to"), [e("span", _manager(sandbox, worker.hr, key)) for key in worker.matrix_manager_keys]),
        (_("Site"), f"{worker.location_name} ({worker.location_code}), {worker.time_zone}"),
        (_("Company"), f"{worker.company}, {worker.cost_center}"),
        (_("Hired"), first % {"day": in_short(worker.hire_on), "first": in_short(worker.original_hire_on)}),
        (_("Last day"), in_short(worker.last_day_on) if worker.last_day_on else ""),
        (_("Employment ends"), f"{in_short(worker.termination_on)}, {worker.termination_reason}" if worker.termination_on else ""),
        (_("Leave"), ", ".join(_stretch(first, last) for first, last in worker.leave)),
        (_("Changed"), f"{in_short(worker.changed_at)}, {worker.changed_at:%H:%M} UTC"),
    ]
    return e("dl", [(e("dt", label), e("dd", value)) for label, value in rows if value])


def _stretch(first: date, last: date | None) -> str:
    return _("%(first)s to %(last)s") % {"first": in_short(first), "last": in_short(last) if last else _("open end")}


def _manager(sandbox: Sandbox, hr: str, key: str) -> Html | None:
    manager = sandbox.world.worker(hr, key) if key else None
    return e("a", manager.full_name, href=f"/people/{hr}/{key}") if manager else None


FIELDS = {
    "given": gettext_lazy("First name"),
    "family": gettext_lazy("Last name"),
    "middle": gettext_lazy("Middle name"),
    "preferred": gettext_lazy("Preferred first name"),
    "suffix": gettext_lazy("Name suffix"),
    "work_email": gettext_lazy("Work e-mail"),
    "home_email": gettext_lazy("Private e-mail"),
    "phone": gettext_lazy("Phone"),
    "title": gettext_lazy("Job title"),
    "unit_key": gettext_lazy("Supervisory organisation"),
    "manager_key": gettext_lazy("Manager"),
    "matrix_manager_keys": gettext_lazy("Also reports to"),
    "matrix_unit_keys": gettext_lazy("Other organisations"),
    "location_code": gettext_lazy("Code of the site"),
    "location_name": gettext_lazy("Site"),
    "country": gettext_lazy("Country"),
    "time_zone": gettext_lazy("Time zone"),
    "company": gettext_lazy("Company"),
    "department": gettext_lazy("Department"),
    "department_code": gettext_lazy("Code of the department"),
    "division": gettext_lazy("Division"),
    "cost_center": gettext_lazy("Cost centre"),
    "language": gettext_lazy("Language"),
    "employee_number": gettext_lazy("Number"),
    "hire_on": gettext_lazy("Hired"),
    "original_hire_on": gettext_lazy("Hired for the first time"),
    "last_day_on": gettext_lazy("Last day"),
    "termination_on": gettext_lazy("Employment ends"),
    "termination_reason": gettext_lazy("Reason"),
    "termination_entered_at": gettext_lazy("End entered"),
    "leave": gettext_lazy("Leave"),
    "deleted": gettext_lazy("Erased"),
}


def _history(sandbox: Sandbox, worker: Worker) -> Html | None:
    if not worker.entries:
        return None
    rows = [
        (in_short(entry.effective_on) if entry.effective_on > date.min else _("ever"), _field(entry.field), _plain(sandbox, worker, entry))
        for entry in reversed(worker.entries)
    ]
    return card(_("What was changed"), table(_("What was changed"), (_("True from"), _("Field"), _("Value")), rows))


def _field(name: str) -> str | Promise:
    return FIELDS.get(name, name.replace("_", " "))


def _plain(sandbox: Sandbox, worker: Worker, entry: Entry) -> str:
    """A value as people read it: keys of people and units as their names, days as days."""
    value = entry.value
    if entry.field == "leave":
        return ", ".join(_stretch(first, last) for first, last in value)
    if entry.field in ("manager_key", "matrix_manager_keys", "unit_key", "matrix_unit_keys"):
        keys = value if isinstance(value, tuple) else (value,)
        return ", ".join(_named(sandbox, worker.hr, entry.field, str(key)) for key in keys if key) or "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return f"{in_short(value)}, {value:%H:%M} UTC"
    if isinstance(value, date):
        return in_short(value)
    return "–" if value in (None, "", ()) else str(value)


def _named(sandbox: Sandbox, hr: str, name: str, key: str) -> str:
    if name.startswith(("unit", "matrix_unit")):
        unit = sandbox.world.unit(key)
        return unit.name if unit else key
    person = sandbox.world.worker(hr, key)
    return person.full_name if person else key


def _acts(sandbox: Sandbox, worker: Worker) -> list[tuple[str, str, Html]]:
    """(verb, its words, its form) for what makes sense in this state."""
    if worker.deleted:
        return []
    today = sandbox.world.today()
    acts: list[tuple[str, str, Html]] = [
        ("rename", _("New name or address"), _rename(worker)),
        ("change_title", _("New title"), _title(worker)),
    ]
    if worker.has_left(today):
        back = field("hire_on", _("First day back"), today.isoformat(), "date", required=True)
        return [*acts, ("rehire", _("Hire again"), _form(worker, "rehire", _("Hire again"), back)), _erasing(worker)]
    acts.append(("move", _("Move"), _move(sandbox, worker)))
    if worker.on_leave(today):
        last = field("on", _("Last day of leave"), "", "date", hint=_("yesterday, if empty"))
        acts.append(("end_leave", _("Back from leave"), _form(worker, "end_leave", _("End the leave"), last)))
    else:
        first = field("from_on", _("First day"), today.isoformat(), "date", required=True)
        last = field("until_on", _("Last day"), "", "date", hint=_("open end, if empty"))
        acts.append(("start_leave", _("Leave of absence"), _form(worker, "start_leave", _("Start the leave"), first, last)))
    if worker.kind == "contingent":
        on = field("on", _("Employee from"), today.isoformat(), "date", required=True)
        acts.append(("convert_to_employee", _("Becomes an employee"), _form(worker, "convert_to_employee", _("Make an employee"), on)))
    acts.append(_leaving(worker, today.isoformat()))
    return [*acts, _erasing(worker)]


def _form(worker: Worker, verb: str, button: str, *fields: Child, kind: str = "go") -> Html:
    return form(f"/people/{worker.hr}/{worker.key}/{verb}", button, *fields, kind=kind)


def _rename(worker: Worker) -> Html:
    fields = (
        field("given", _("First name"), worker.given, required=True),
        field("family", _("Last name"), worker.family, required=True),
        field("preferred", _("Preferred first name"), worker.preferred),
        field("work_email", _("Work e-mail"), worker.work_email, "email"),
    )
    return _form(worker, "rename", _("Save the name"), *fields)


def _title(worker: Worker) -> Html:
    when = field("effective_on", _("True from"), "", "date", hint=_("today, if empty"))
    return _form(worker, "change_title", _("Change the title"), field("title", _("Job title"), worker.title, required=True), when)


def _move(sandbox: Sandbox, worker: Worker) -> Html:
    where = units(sandbox.world, _("no change")) if worker.hr == "workday" else departments(_("no change"))
    manager = field("manager_number", _("Manager’s number"), "", hint=_("the leader of the unit, or no change, if empty"))
    when = field("effective_on", _("True from"), "", "date", hint=_("today, if empty"))
    return _form(worker, "move", _("Move"), where, locations(), manager, when)


def _leaving(worker: Worker, today: str) -> tuple[str, str, Html]:
    if worker.termination_on:
        words = e("p", _("The employment ends on %(day)s.") % {"day": in_short(worker.termination_on)}, class_="muted")
        return "rescind_termination", _("Stays after all"), _form(worker, "rescind_termination", _("Take the termination back"), words)
    fields = (
        field("last_day_on", _("Last day at work"), today, "date", required=True),
        field("termination_on", _("Last day of employment"), "", "date", hint=_("the same day, if empty")),
        field("reason", _("Reason"), "Resignation"),
    )
    return "terminate", _("Leaves"), _form(worker, "terminate", _("End the employment"), *fields, kind="stop")


def _erasing(worker: Worker) -> tuple[str, str, Html]:
    sure = tick(
        "sure", _("Yes, erase the record of %(name)s %(where)s") % {"name": worker.full_name, "where": IN[worker.hr]}, required=True
    )
    return "delete", _("Erase the record"), _form(worker, "delete", _("Erase"), sure, kind="stop")
