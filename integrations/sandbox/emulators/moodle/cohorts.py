"""core_cohort_*. Source: docs/vendors/moodle.md §3."""

from __future__ import annotations

from integrations.sandbox.emulators.moodle.call import Call, Function
from integrations.sandbox.emulators.moodle.describe import DEFAULT, OPTIONAL, Multiple, Single, Value
from integrations.sandbox.emulators.moodle.failure import coding_error, invalid_parameter, missing_record
from integrations.sandbox.emulators.moodle.store import Row

_TYPED = Single({"type": Value("text"), "value": Value()})
SYSTEM_CONTEXT = 1


def create_cohorts(call: Call) -> list[Row]:
    with call.store.transaction():
        made = [_create(call, cohort) for cohort in call.params["cohorts"]]
    call.writes["cohorts"] += len(made)
    return made


def _create(call: Call, cohort: Row) -> Row:
    if cohort["categorytype"]["type"] not in ("system", "id", "idnumber"):
        raise invalid_parameter(f"category type {cohort['categorytype']['type']}")
    if cohort["categorytype"]["type"] != "system":
        raise invalid_parameter(f"category not exists: {cohort['categorytype']['value']}")  # this site has no course categories
    if call.store.row("SELECT id FROM cohort WHERE idnumber = ?", cohort["idnumber"]):
        raise invalid_parameter(f"record already exists: idnumber={cohort['idnumber']}")
    call.require("moodle/cohort:manage", "Create, delete and move cohorts")
    values: Row = {name: cohort[name] for name in ("name", "idnumber", "description", "descriptionformat") if name in cohort}
    values["visible"] = int(cohort["visible"])
    return {"id": call.store.insert("cohort", values), **_shown({"description": "", "descriptionformat": 1, **values})}


def add_cohort_members(call: Call) -> Row:
    """One by one; what cannot be done is a warning that does not name its row. A right that is missing undoes the whole call."""
    warnings, added = [], 0
    with call.store.transaction():
        for member in call.params["members"]:
            problem = _add(call, member)
            if problem:
                warnings.append({"warningcode": problem[0], "message": problem[1]})
            added += not problem
    call.writes["members_added"] += added
    return {"warnings": warnings}


def _add(call: Call, member: Row) -> tuple[str, str] | None:
    cohort, user = member["cohorttype"], member["usertype"]
    if cohort["type"] not in ("id", "idnumber"):
        return "1", f"invalid parameter: cohortype={cohort['type']}"
    if user["type"] not in ("id", "username"):
        return "1", f"invalid parameter: usertype={user['type']}"
    found = call.store.row(f"SELECT id FROM cohort WHERE {cohort['type']} = ?", cohort["value"])  # noqa: S608  one of two names
    if not found:
        return "2", f"cohort {cohort['type']}={cohort['value']} not exists"
    person = call.store.row(f"SELECT id FROM user WHERE {user['type']} = ? AND deleted = 0", user["value"])  # noqa: S608  one of two names
    if not person:
        return "2", f"user {user['type']}={user['value']} not exists"
    there = "SELECT userid FROM cohort_members WHERE cohortid = ? AND userid = ?"
    if call.store.row(there, found["id"], person["id"]):
        return "3", f"record already exists: cohort({cohort['type']}={cohort['value']} {user['type']}={user['value']})"
    _may_assign(call)
    call.store.run("INSERT INTO cohort_members VALUES (?, ?)", found["id"], person["id"])
    return None


def _may_assign(call: Call) -> None:
    if not call.may("moodle/cohort:manage"):
        call.require("moodle/cohort:assign", "Add and remove cohort members")


def _may_view(call: Call) -> None:
    if not call.may("moodle/cohort:manage"):
        call.require("moodle/cohort:view", "View site-wide cohorts")


def delete_cohort_members(call: Call) -> None:
    with call.store.transaction():
        for member in call.params["members"]:
            _known(call, member["cohortid"])
            if not call.store.row("SELECT id FROM user WHERE id = ? AND deleted = 0", member["userid"]):
                raise missing_record("user")
            _may_assign(call)
            gone = call.store.run("DELETE FROM cohort_members WHERE cohortid = ? AND userid = ?", member["cohortid"], member["userid"])
            call.writes["members_removed"] += gone


def get_cohort_members(call: Call) -> list[Row]:
    """Everybody in these cohorts, by name; an unknown cohort fails the whole call."""
    out = []
    members = "SELECT m.userid FROM cohort_members m JOIN user u ON u.id = m.userid WHERE m.cohortid = ? ORDER BY u.lastname, u.firstname"
    for cohortid in call.params["cohortids"]:
        _known(call, cohortid)
        _may_view(call)
        rows = call.store.rows(members, cohortid)
        out.append({"cohortid": cohortid, "userids": [row["userid"] for row in rows]})
    return out


def search_cohorts(call: Call) -> Row:
    """Cohorts of the system context whose name, number or description contains the query. `limitfrom` counts pages of `limitnum`."""
    context, includes = call.params["context"], call.params["includes"]
    if includes not in ("self", "parents", "all"):
        raise coding_error("Invalid parameter value for 'includes'.")
    if "contextid" not in context and not {"contextlevel", "instanceid"} <= context.keys():
        raise invalid_parameter("Missing parameters, please provide either context level with instance id or contextid")
    if context.get("contextid", SYSTEM_CONTEXT) != SYSTEM_CONTEXT or context.get("contextlevel", "system") != "system":
        raise missing_record("context")
    _may_view(call)
    like = f"%{call.params['query']}%"
    rows = call.store.rows(
        "SELECT * FROM cohort WHERE name LIKE ? OR idnumber LIKE ? OR description LIKE ? ORDER BY name, idnumber LIMIT ? OFFSET ?",
        like,
        like,
        like,
        call.params["limitnum"],
        call.params["limitfrom"] * call.params["limitnum"],
    )
    return {"cohorts": [{"id": row["id"], **_shown(row), "theme": None} for row in rows]}


def _known(call: Call, cohortid: int) -> None:
    if not call.store.row("SELECT id FROM cohort WHERE id = ?", cohortid):
        raise missing_record("cohort")


def _shown(row: Row) -> Row:
    names = ("name", "idnumber", "description", "descriptionformat")
    return {**{name: row.get(name, "") for name in names}, "visible": bool(row["visible"])}


_COHORT = Single(
    {
        "categorytype": _TYPED,
        "name": Value(),
        "idnumber": Value(),
        "description": Value("raw", OPTIONAL),
        "descriptionformat": Value("int", DEFAULT, 1),
        "visible": Value("bool", DEFAULT, True),
        "theme": Value("alphanumext", OPTIONAL),
        "customfields": Multiple(Single({"shortname": Value("alphanumext"), "value": Value()}), OPTIONAL),
    }
)
_CONTEXT = Single({"contextid": Value("int", OPTIONAL), "contextlevel": Value("alpha", OPTIONAL), "instanceid": Value("int", OPTIONAL)})
FUNCTIONS: dict[str, Function] = {
    "core_cohort_create_cohorts": Function(create_cohorts, Single({"cohorts": Multiple(_COHORT)})),
    "core_cohort_add_cohort_members": Function(
        add_cohort_members, Single({"members": Multiple(Single({"cohorttype": _TYPED, "usertype": _TYPED}))})
    ),
    "core_cohort_delete_cohort_members": Function(
        delete_cohort_members, Single({"members": Multiple(Single({"cohortid": Value("int"), "userid": Value("int")}))})
    ),
    "core_cohort_get_cohort_members": Function(get_cohort_members, Single({"cohortids": Multiple(Value("int"))})),
    "core_cohort_search_cohorts": Function(
        search_cohorts,
        Single(
            {
                "query": Value(),
                "context": _CONTEXT,
                "includes": Value("alpha", DEFAULT, "parents"),
                "limitfrom": Value("int", DEFAULT, 0),
                "limitnum": Value("int", DEFAULT, 25),
            }
        ),
    ),
}
