"""core_role_*: a manager is somebody with a role in the context of the employee's user. Source: docs/vendors/moodle.md §2."""

from __future__ import annotations

from integrations.sandbox.emulators.moodle.call import Call, Function
from integrations.sandbox.emulators.moodle.describe import OPTIONAL, Multiple, Single, Value
from integrations.sandbox.emulators.moodle.failure import MoodleFailure, invalid_parameter, missing_record
from integrations.sandbox.emulators.moodle.store import Row

SYSTEM_CONTEXT = 1
# Contexts of users have ids of their own in Moodle; here the id of a user's context is the user's id plus this.
USER_CONTEXTS_FROM = 100_000


def assign_roles(call: Call) -> None:
    """All or nothing; an assignment that is there already stays as it is."""
    with call.store.transaction():
        for item in call.params["assignments"]:
            level, instanceid = _context(call, item)
            _may_assign(call, item["roleid"])
            if not call.store.row("SELECT id FROM user WHERE id = ? AND deleted = 0", item["userid"]):
                raise missing_record("user")
            values = (item["roleid"], item["userid"], level, instanceid)
            call.writes["roles_assigned"] += call.store.run("INSERT OR IGNORE INTO role_assignments VALUES (?, ?, ?, ?)", *values)


def unassign_roles(call: Call) -> None:
    with call.store.transaction():
        for item in call.params["unassignments"]:
            level, instanceid = _context(call, item)
            _may_assign(call, item["roleid"])
            call.writes["roles_removed"] += call.store.run(
                "DELETE FROM role_assignments WHERE roleid = ? AND userid = ? AND contextlevel = ? AND instanceid = ?",
                item["roleid"],
                item["userid"],
                level,
                instanceid,
            )


def _context(call: Call, item: Row) -> tuple[str, int]:
    """(level, instance) from a context id, or from a level and an instance."""
    if "contextid" in item:
        if item["contextid"] == SYSTEM_CONTEXT:
            return "system", 0
        level, instanceid = "user", item["contextid"] - USER_CONTEXTS_FROM
    elif "contextlevel" in item and "instanceid" in item:
        level, instanceid = item["contextlevel"], item["instanceid"]
    else:
        raise invalid_parameter("Missing parameters, please provide either context level with instance id or contextid")
    if level == "system":
        return level, 0
    if level != "user":
        raise invalid_parameter(f"Invalid context level = {level}")
    if not call.store.row("SELECT id FROM user WHERE id = ? AND deleted = 0", instanceid):
        raise missing_record("user")
    return level, instanceid


def _may_assign(call: Call, roleid: int) -> None:
    call.require("moodle/role:assign", "Assign roles to users")
    if roleid not in call.settings.roles:
        raise MoodleFailure("wsusercannotassign", f"You don't have the permission to assign this role ({roleid}) in this context.")


_ASSIGNMENT = Single(
    {
        "roleid": Value("int"),
        "userid": Value("int"),
        "contextid": Value("int", OPTIONAL),
        "contextlevel": Value("alpha", OPTIONAL),
        "instanceid": Value("int", OPTIONAL),
    }
)
FUNCTIONS: dict[str, Function] = {
    "core_role_assign_roles": Function(assign_roles, Single({"assignments": Multiple(_ASSIGNMENT)})),
    "core_role_unassign_roles": Function(unassign_roles, Single({"unassignments": Multiple(_ASSIGNMENT)})),
}
