"""The other side of Moodle, made by hand: a site that says what the fact sheet says, and that a test tells to fail."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from config.errors import RollcallError
from integrations.vendors.base import Change, Receipt
from integrations.vendors.moodle.vendor import Moodle
from integrations.wire.http import Response
from tests.integrations.vendors.scripted_line import Asked, ScriptedLine, said

Args = dict[str, Any]


class RefusedError(Exception):
    """What the site's own functions throw."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Site:
    """The other side: accounts by id, cohorts by idnumber, and a journal of the calls (function, arguments)."""

    def __init__(self, *users: Args) -> None:
        self.users = {user["id"]: user for user in users}
        self.cohorts: dict[str, tuple[int, set[int]]] = {}
        self.roles: set[tuple[int, int, int]] = set()
        self.calls: list[tuple[str, Args]] = []
        self.is_old = False
        self.fails: Callable[[str, Args], Exception | None] = lambda function, args: None
        self.next_id = 100

    def __call__(self, asked: Asked) -> Response:
        assert asked.path == "/learn/webservice/rest/server.php" and asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
        form = asked.form
        assert form.pop("moodlewsrestformat") == "json" and form.pop("wstoken") == "t-1" and form.pop("moodlewssettinglang") == "en"
        function, args = form.pop("wsfunction"), decoded(form)
        self.calls.append((function, args))
        failure = self.fails(function, args)
        if isinstance(failure, RollcallError):
            raise failure
        try:
            if failure is not None:
                raise failure
            return said(getattr(self, function)(args))
        except RefusedError as refused:
            return said({"exception": "moodle_exception", "errorcode": refused.code, "message": "Invalid parameter value detected"})

    def count(self, function: str) -> int:
        return sum(name == function for name, _ in self.calls)

    def core_user_create_users(self, args: Args) -> list[Args]:
        made: dict[int, Args] = {}
        for user in args["users"]:
            others = [*self.users.values(), *made.values()]
            if any(other["username"] == user["username"] or other["email"].lower() == user["email"].lower() for other in others):
                raise RefusedError("invalidparameter")
            if user["auth"] == "manual" and "createpassword" not in user:
                raise RefusedError("invalidparameter")
            self.next_id += 1
            made[self.next_id] = {"id": self.next_id, "suspended": False, **user}
        self.users |= made
        return [{"id": number, "username": user["username"]} for number, user in made.items()]

    def core_user_update_users(self, args: Args) -> Args | None:
        warnings = []
        for user in args["users"]:
            code = self._bad_update(int(user["id"]), user)
            if code and self.is_old:
                raise RefusedError(code)
            if code:
                warnings.append({"item": "user", "itemid": int(user["id"]), "warningcode": code, "message": "no"})
        for user in args["users"]:
            if not any(warning["itemid"] == int(user["id"]) for warning in warnings):
                changed = {name: value for name, value in user.items() if name != "id"}
                if "suspended" in changed:
                    changed["suspended"] = changed["suspended"] == "1"
                self.users[int(user["id"])] |= changed
        return None if self.is_old else {"warnings": warnings}

    def _bad_update(self, number: int, user: Args) -> str:
        if number not in self.users:
            return "invaliduserid"
        others = [other for other in self.users.values() if other["id"] != number]
        return "useremailduplicate" if any("email" in user and other["email"] == user["email"] for other in others) else ""

    def core_user_get_users_by_field(self, args: Args) -> list[Args]:
        values = [value.lower() for value in args["values"]]
        return [user for user in self.users.values() if str(user.get(args["field"], "")).lower() in values and user.get(args["field"])]

    def core_user_get_users(self, args: Args) -> Args:
        assert args["criteria"] == [{"key": "email", "value": "%"}]
        return {"users": list(self.users.values()), "warnings": []}

    def core_role_assign_roles(self, args: Args) -> None:
        for one in args["assignments"]:
            assert one["contextlevel"] == "user"
            self.roles.add((int(one["roleid"]), int(one["userid"]), int(one["instanceid"])))

    def core_role_unassign_roles(self, args: Args) -> None:
        for one in args["unassignments"]:
            self.roles.discard((int(one["roleid"]), int(one["userid"]), int(one["instanceid"])))

    def core_cohort_add_cohort_members(self, args: Args) -> Args:
        warnings = []
        for member in args["members"]:
            cohort, user = member["cohorttype"]["value"], int(member["usertype"]["value"])
            if cohort not in self.cohorts:
                warnings.append({"warningcode": "2", "message": f"cohort idnumber={cohort} not exists"})
            elif user in self.cohorts[cohort][1]:
                warnings.append({"warningcode": "3", "message": "record already exists"})
            else:
                self.cohorts[cohort][1].add(user)
        return {"warnings": warnings}

    def core_cohort_delete_cohort_members(self, args: Args) -> None:
        for member in args["members"]:
            for number, users in self.cohorts.values():
                if number == int(member["cohortid"]):
                    users.discard(int(member["userid"]))

    def core_cohort_search_cohorts(self, args: Args) -> Args:
        found = [{"id": number, "idnumber": name} for name, (number, _) in self.cohorts.items() if args["query"] in name]
        start = int(args["limitfrom"])
        return {"cohorts": found[start : start + int(args["limitnum"])]}

    def core_cohort_create_cohorts(self, args: Args) -> list[Args]:
        """All or nothing, as Moodle does: an idnumber that is taken, or none at all, refuses the whole call."""
        if any(cohort["idnumber"] in self.cohorts or "/" in cohort["idnumber"] for cohort in args["cohorts"]):
            raise RefusedError("invalidparameter")
        for cohort in args["cohorts"]:
            self.next_id += 1
            self.cohorts[cohort["idnumber"]] = (self.next_id, set())
        return [{"id": self.cohorts[cohort["idnumber"]][0], "idnumber": cohort["idnumber"]} for cohort in args["cohorts"]]


def decoded(form: dict[str, str]) -> Args:
    """users[0][username]=a → {"users": [{"username": "a"}]}, as PHP reads it."""
    root: Args = {}
    for name, value in form.items():
        keys = re.findall(r"[^\[\]]+", name)
        place: Any = root
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = value
    return listed(root)


def listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdecimal() for key in value):
        assert [int(key) for key in value] == list(range(len(value)))
        return [listed(inner) for inner in value.values()]
    return {key: listed(inner) for key, inner in value.items()}


def user(number: int, **values: Any) -> Args:
    return {"id": number, "username": f"u{number}", "email": f"u{number}@x.example", "idnumber": f"P-{number}", "suspended": False} | values


def connect(site: Callable[[Asked], Response], **settings: Any) -> Moodle:
    return Moodle({"base_url": "https://m.example/learn/", **settings}, {"token": "t-1"}, ScriptedLine(site))  # type: ignore[arg-type]


def new(name: str, **values: Any) -> Change:
    full = {"username": name, "firstname": "F", "lastname": "L", "email": f"{name}@x.example", "idnumber": f"N-{name}"}
    return Change(f"k-{name}", "create", full | values)


def to(operation: str, number: int | str, key: str = "", **values: Any) -> Change:
    return Change(key or f"k-{number}", operation, values, str(number))


def codes(receipts: list[Receipt]) -> list[str]:
    return [receipt.error.code if receipt.error else "ok" for receipt in receipts]
