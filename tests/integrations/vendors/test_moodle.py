"""Moodle against a hand-made site that says what the fact sheet says. The emulator's turn: TestContract at the end."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jmespath
import pytest

from config.errors import (
    AlreadyExists,
    CredentialRejected,
    NotFound,
    NotSupported,
    PermissionMissing,
    RequestRefused,
    RollcallError,
    SettingInvalid,
    SettingMissing,
    TargetRefused,
    TimedOut,
    Unavailable,
    UnexpectedAnswer,
)
from config.sentences import english
from integrations.vendors import moodle as moodle_package
from integrations.vendors.base import Change, Receipt, Window
from integrations.vendors.moodle.cohorts import wanted
from integrations.vendors.moodle.fields import MAPPING, Rules, account
from integrations.vendors.moodle.site import encode, explain
from integrations.vendors.moodle.vendor import Moodle
from integrations.wire.http import Response
from tests.contracts.vendor import TargetContract, VendorContract
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


# ── the protocol ────────────────────────────────────────────────────────────────────────────────────


def test_nested_values_are_written_as_php_reads_them() -> None:
    value = {
        "users": [
            {"username": "a", "createpassword": True, "suspended": False, "idnumber": None, "customfields": [{"type": "x", "value": ""}]}
        ]
    }
    assert list(encode(value)) == [
        ("users[0][username]", "a"),
        ("users[0][createpassword]", "1"),
        ("users[0][suspended]", "0"),
        ("users[0][customfields][0][type]", "x"),
        ("users[0][customfields][0][value]", ""),
    ]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("invalidtoken", CredentialRejected),
        ("wsaccessusersuspended", CredentialRejected),
        ("accessexception", PermissionMissing),
        ("nopermissions", PermissionMissing),
        ("sitemaintenance", Unavailable),
        ("invalidparameter", TargetRefused),
        ("invalidrecordunknown", NotFound),
        ("useremailduplicate", AlreadyExists),
        ("somethingnew", RequestRefused),
    ],
)
@pytest.mark.parametrize("exception", ["moodle_exception", "core\\exception\\moodle_exception"])
def test_a_failure_with_status_200_is_told_by_its_code_and_not_by_its_class(code: str, error: type[RollcallError], exception: str) -> None:
    found = explain(said({"exception": exception, "errorcode": code, "message": "No"}))
    assert type(found) is error and code in found.detail


def test_data_that_speak_of_an_error_code_are_no_error() -> None:
    assert explain(said([{"id": 1, "description": '"errorcode"'}])) is None
    assert explain(said({"users": [{"description": '{"errorcode":"x"}'}]})) is None
    assert explain(said(None)) is None


def test_an_empty_403_says_that_the_protocol_is_off() -> None:
    found = explain(Response(403, {}, b""))
    assert isinstance(found, PermissionMissing) and "REST protocol" in found.detail


def test_a_page_instead_of_an_answer_is_unexpected() -> None:
    page = Response(200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>Fatal error</html>")
    with pytest.raises(UnexpectedAnswer):
        connect(lambda asked: page).find("users", "email", ["a@x.example"])


def test_xml_without_a_content_type_of_its_own_is_unexpected_too() -> None:
    with pytest.raises(UnexpectedAnswer):
        connect(lambda asked: Response(200, {}, b'<?xml version="1.0"?><EXCEPTION/>')).find("users", "email", ["a@x.example"])


# ── what an account may hold ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": "o'neil"}, "username"),
        ({"username": "a+b@x.example"}, "username"),
        ({"username": "a" * 101}, "username"),
        ({"username": ""}, "username"),
        ({"email": "nobody"}, "email"),
        ({"country": "Germany"}, "country"),
        ({"phone1": "+49 30 1234567890 ext 12"}, "phone1"),
        ({"salary": "1"}, "salary"),
        ({"idnumber": None}, "idnumber"),
    ],
)
def test_a_value_that_would_fail_the_call_is_refused_beforehand_by_name(values: Args, field: str) -> None:
    site = Site()
    (receipt,) = connect(site).push("users", [new("ana", **values)])
    assert isinstance(receipt.error, TargetRefused) and receipt.error.field == field
    assert site.count("core_user_create_users") == 0


def test_names_are_made_small_and_codes_large_and_empty_values_are_left_out_of_a_create() -> None:
    made = account(
        {
            "username": "Ana.Lee@X.example",
            "firstname": "A",
            "lastname": "L",
            "email": "a@x.example",
            "country": "de",
            "city": "",
            "phone1": None,
        },
        Rules(),
        is_new=True,
    )
    assert made.fields == {"username": "ana.lee@x.example", "firstname": "A", "lastname": "L", "email": "a@x.example", "country": "DE"}


def test_an_update_empties_what_is_empty_but_never_what_is_required() -> None:
    assert account({"department": None, "timezone": ""}, Rules(), is_new=False).fields == {"department": "", "timezone": "99"}
    with pytest.raises(TargetRefused):
        account({"email": ""}, Rules(), is_new=False)


@pytest.mark.parametrize(("language", "pack"), [("pt-BR", "pt_br"), ("de-AT", "de"), ("fr", None)])
def test_a_language_that_is_not_installed_is_left_out_with_a_warning(language: str, pack: str | None) -> None:
    made = account({"lang": language}, Rules(languages=frozenset({"de", "pt_br"})), is_new=False)
    assert made.fields.get("lang") == pack and bool(made.warnings) is (pack is None)


def test_custom_profile_fields_go_by_their_short_name() -> None:
    made = account({"profile_field_costcenter": "CC9"}, Rules(), is_new=False)
    assert made.fields == {"customfields": [{"type": "costcenter", "value": "CC9"}]}


def test_extended_user_names_pass_where_the_site_allows_them() -> None:
    assert account({"username": "o'neil"}, Rules(extended_usernames=True), is_new=False).fields == {"username": "o'neil"}


# ── create ──────────────────────────────────────────────────────────────────────────────────────────


def test_accounts_are_made_for_single_sign_on_without_a_password() -> None:
    site = Site()
    receipts = connect(site).push("users", [new("ana"), new("bo")])
    assert [receipt.remote_id for receipt in receipts] == ["101", "102"] and codes(receipts) == ["ok", "ok"]
    assert site.users[101]["auth"] == "oauth2" and "createpassword" not in site.users[101] and "password" not in site.users[101]
    assert site.count("core_user_create_users") == 1


def test_a_password_is_mailed_only_where_that_was_allowed() -> None:
    with pytest.raises(SettingInvalid) as caught:
        connect(Site(), auth="manual")
    assert caught.value.field == "auth"
    site = Site()
    connect(site, auth="manual", send_mails=True).push("users", [new("ana")])
    assert site.users[101]["createpassword"] == "1"


@pytest.mark.parametrize("bad", [{3}, {0}, {0, 1}, {2, 5, 9}, set(range(10))])
def test_bad_rows_are_found_and_the_good_ones_are_made(bad: set[int]) -> None:
    site = Site(user(1, username="taken", email="taken@x.example"))
    changes = [new(f"n{row}", **({"username": "taken"} if row in bad else {})) for row in range(10)]
    receipts = connect(site).push("users", changes)
    assert codes(receipts) == ["already_exists" if row in bad else "ok" for row in range(10)]
    assert [receipt.key for receipt in receipts] == [change.key for change in changes]
    assert len(site.users) == 1 + 10 - len(bad)


def test_who_holds_the_value_is_named() -> None:
    site = Site(user(7, email="Ana@X.example"))
    (receipt,) = connect(site).push("users", [new("ana", email="ana@x.example")])
    assert isinstance(receipt.error, AlreadyExists) and receipt.error.field == "email" and "account 7" in english(receipt.error.detail)


def test_a_refusal_nobody_explains_stays_what_it_was() -> None:
    site = Site()
    site.fails = lambda function, args: RefusedError("invalidparameter") if function == "core_user_create_users" else None
    (receipt,) = connect(site).push("users", [new("ana")])
    assert isinstance(receipt.error, TargetRefused)


def test_a_create_whose_answer_was_lost_makes_no_second_account() -> None:
    site = Site()
    moodle = connect(site)

    def lose_the_answer(function: str, args: Args) -> Exception | None:
        if function == "core_user_create_users":
            site.core_user_create_users(args)
            return TimedOut("no answer")
        return None

    site.fails = lose_the_answer
    with pytest.raises(TimedOut):
        moodle.push("users", [new("ana"), new("bo")])
    site.fails = lambda function, args: None
    receipts = moodle.push("users", [new("ana"), new("bo")])
    assert [receipt.remote_id for receipt in receipts] == ["101", "102"] and len(site.users) == 2
    assert receipts[0].warnings and receipts[0].state["username"] == "ana"


def test_an_account_with_our_idnumber_that_is_visibly_someone_elses_waits_for_a_person() -> None:
    site = Site(user(7, idnumber="N-ana"))
    (receipt,) = connect(site).push("users", [new("ana")])
    assert isinstance(receipt.error, AlreadyExists) and receipt.error.field == "idnumber"


def test_two_accounts_with_one_idnumber_wait_for_a_person() -> None:
    site = Site(user(7, idnumber="N-ana", username="ana"), user(8, idnumber="N-ana"))
    (receipt,) = connect(site).push("users", [new("ana")])
    assert isinstance(receipt.error, AlreadyExists) and "7, 8" in receipt.error.detail


def test_an_outage_in_the_middle_keeps_what_is_known() -> None:
    site = Site(user(1, username="taken"))
    calls = iter(range(100))

    def fail_late(function: str, args: Args) -> Exception | None:
        return TimedOut("no answer") if function == "core_user_create_users" and next(calls) == 2 else None

    site.fails = fail_late
    receipts = connect(site).push("users", [new("a"), new("b"), new("c"), new("d", username="taken")])
    assert codes(receipts) == ["ok", "ok", "timed_out", "timed_out"]


def test_a_failure_before_anything_is_known_is_raised() -> None:
    site = Site()
    site.fails = lambda function, args: Unavailable("down")
    with pytest.raises(Unavailable):
        connect(site).push("users", [new("ana")])


def test_somebody_who_starts_later_gets_a_suspended_account() -> None:
    site = Site()
    (receipt,) = connect(site).push("users", [new("ana", suspended=True)])
    assert receipt.remote_id == "101" and receipt.state["suspended"] is True and site.users[101]["suspended"] is True


def test_an_account_that_could_not_be_suspended_is_tried_again_and_found() -> None:
    site = Site()
    moodle = connect(site)
    site.fails = lambda function, args: TimedOut("no answer") if function == "core_user_update_users" else None
    (receipt,) = moodle.push("users", [new("ana", suspended=True)])
    assert isinstance(receipt.error, TimedOut)
    site.fails = lambda function, args: None
    (receipt,) = moodle.push("users", [new("ana", suspended=True)])
    assert receipt.remote_id == "101" and site.users[101]["suspended"] is True and len(site.users) == 1


def test_a_call_never_has_more_form_fields_than_php_reads() -> None:
    site = Site()
    wide = {f"profile_field_f{number}": "x" for number in range(20)}
    receipts = connect(site, max_input_vars=200).push("users", [new(f"n{row}", **wide) for row in range(10)])
    assert codes(receipts) == ["ok"] * 10
    sizes = [len(args["users"]) for function, args in site.calls if function == "core_user_create_users"]
    assert sum(sizes) == 10 and max(sizes) * 46 + 4 <= 200


# ── change, suspend, reinstate ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_old", [False, True])
def test_a_failed_row_of_an_update_does_not_take_the_others_with_it(is_old: bool) -> None:
    site = Site(*(user(number) for number in range(1, 6)))
    site.is_old = is_old
    changes = [to("update", number, department="New") for number in (1, 2)] + [to("update", 99, department="New")]
    changes += [to("update", 3, email="u4@x.example"), to("update", 5, department="New")]
    receipts = connect(site).push("users", changes)
    assert codes(receipts) == ["ok", "ok", "not_found", "already_exists", "ok"]
    assert [number for number, one in site.users.items() if one.get("department") == "New"] == [1, 2, 5]


def test_suspending_sends_nothing_else_and_reinstating_sends_the_values_too() -> None:
    site = Site(user(1))
    moodle = connect(site)
    moodle.push("users", [to("deactivate", 1, email="not an address")])
    assert site.users[1]["suspended"] is True and site.calls[-1][1] == {"users": [{"id": "1", "suspended": "1"}]}
    moodle.push("users", [to("reactivate", 1, department="Sales")])
    assert site.users[1]["suspended"] is False and site.users[1]["department"] == "Sales"


def test_operations_go_out_in_the_order_given() -> None:
    site = Site(user(1))
    receipts = connect(site).push("users", [to("deactivate", 1, "a"), to("reactivate", 1, "b"), to("deactivate", 1, "c"), new("ana")])
    assert [receipt.key for receipt in receipts] == ["a", "b", "c", "k-ana"]
    assert site.users[1]["suspended"] is True and site.count("core_user_update_users") == 3


def test_an_outage_between_two_operations_keeps_the_first_ones_receipts() -> None:
    site = Site(user(1))
    site.fails = lambda function, args: Unavailable("down") if function == "core_user_update_users" else None
    receipts = connect(site).push("users", [new("ana"), to("update", 1, city="Rome")])
    assert codes(receipts) == ["ok", "unavailable"]


def test_an_update_that_has_nothing_to_say_is_not_sent() -> None:
    site = Site(user(1))
    (receipt,) = connect(site).push("users", [to("update", 1, lang="fr")])
    assert receipt.remote_id == "1" and receipt.warnings and not site.calls


@pytest.mark.parametrize("remote_id", ["", "abc"])
def test_a_change_without_an_id_is_an_error_of_its_row(remote_id: str) -> None:
    (receipt,) = connect(Site()).push("users", [to("deactivate", remote_id)])
    assert isinstance(receipt.error, NotFound)


def test_deleting_is_not_supported() -> None:
    with pytest.raises(NotSupported):
        connect(Site(user(1))).push("users", [to("delete", 1)])


# ── managers and cohorts ────────────────────────────────────────────────────────────────────────────


def test_a_manager_goes_into_a_profile_field() -> None:
    site = Site(user(1))
    connect(site, managers="profile_field", manager_field="manager").push("users", [to("set_manager", 1, manager="Jane Doe")])
    assert site.users[1]["customfields"] == [{"type": "manager", "value": "Jane Doe"}]
    connect(site, managers="profile_field", manager_field="manager").push("users", [to("set_manager", 1, manager=None)])
    assert site.users[1]["customfields"] == [{"type": "manager", "value": ""}]


def test_a_manager_gets_a_role_over_the_person_and_the_former_one_loses_it_afterwards() -> None:
    site = Site(user(1), user(2), user(3))
    site.roles = {(9, 2, 1)}
    change = to("set_manager", 1, manager_id="3", former_manager_id="2")
    assert codes(connect(site, managers="role", manager_role=9).push("users", [change])) == ["ok"]
    assert site.roles == {(9, 3, 1)} and [function for function, _ in site.calls] == ["core_role_assign_roles", "core_role_unassign_roles"]


def test_without_a_way_to_write_managers_the_change_says_so() -> None:
    assert codes(connect(Site(user(1))).push("users", [to("set_manager", 1, manager="x")])) == ["not_supported"]


@pytest.mark.parametrize(
    ("settings", "error"), [({"managers": "profile_field"}, SettingMissing), ({"managers": "role", "manager_role": None}, SettingInvalid)]
)
def test_a_way_to_write_managers_needs_its_setting(settings: Args, error: type[Exception]) -> None:
    with pytest.raises(error):
        connect(Site(), **settings)


def test_people_join_and_leave_cohorts() -> None:
    site = Site(user(1))
    site.cohorts = {"dept-sales": (11, set()), "dept-support": (12, {1}), "dept-support-2": (13, {1})}
    (receipt,) = connect(site).push("users", [to("cohorts", 1, add=["dept-sales"], remove=["dept-support", "dept-gone"])])
    assert receipt.error is None
    assert site.cohorts == {"dept-sales": (11, {1}), "dept-support": (12, set()), "dept-support-2": (13, {1})}


def test_joining_twice_does_no_harm_and_a_missing_cohort_is_an_error_of_its_row() -> None:
    site = Site(user(1), user(2))
    site.cohorts = {"dept-sales": (11, {1})}
    receipts = connect(site).push("users", [to("cohorts", 1, add=["dept-sales"]), to("cohorts", 2, add=["dept-none"])])
    assert codes(receipts) == ["ok", "target_refused"]


def test_missing_cohorts_are_made_where_that_is_allowed() -> None:
    site = Site(user(1))
    connect(site, create_cohorts=True).push("users", [to("cohorts", 1, add=["dept-new"])])
    assert site.cohorts["dept-new"][1] == {1}


def test_cohorts_follow_from_attributes() -> None:
    attributes = {"department": "Customer Success & Support", "location": None, "unit_path": ["EMEA", "Sales"]}
    prefixes = {"department": "dept-", "location": "loc-", "unit_path": "unit-"}
    assert wanted(attributes, prefixes) == {"dept-customer-success-support", "unit-emea", "unit-sales"}
    assert Moodle.beside({"cohorts": ["department = dept-"]}, {"department": "Sales"}) == {"cohorts": ["dept-sales"]}
    with pytest.raises(SettingInvalid):
        connect(Site(), cohorts=["department"])


def test_what_an_account_holds_beside_mapped_fields_follows_the_settings() -> None:
    person = {"language": "pt-BR", "manager_name": "Jane Doe", "manager_email": "jane@x.example", "manager_public_id": "P-000007"}
    assert Moodle.beside({}, person) == {}
    assert Moodle.beside({"languages": ["en", "pt_br"]}, person) == {"lang": "pt_br"}
    assert Moodle.beside({"managers": "role", "manager_role": 9}, person) == {"manager": "P-000007"}
    shown = {"managers": "profile_field", "manager_field": "boss"}
    assert Moodle.beside(shown, person) == {"profile_field_boss": "Jane Doe"}
    assert Moodle.beside({**shown, "manager_shown": "manager_email"}, person) == {"profile_field_boss": "jane@x.example"}
    assert Moodle.beside(shown, {}) == {"profile_field_boss": ""}


# ── who is there ────────────────────────────────────────────────────────────────────────────────────


def test_accounts_are_found_by_value_without_regard_to_capitals() -> None:
    site = Site(user(1, email="Ana@X.example"), user(2, idnumber="SAME"), user(3, idnumber="SAME"))
    moodle = connect(site)
    assert [record.external_id for record in moodle.find("users", "email", ["ana@x.example"])["ana@x.example"]] == ["1"]
    assert [record.external_id for record in moodle.find("users", "idnumber", ["SAME", "none"])["SAME"]] == ["2", "3"]
    assert moodle.find("users", "username", ["nobody"]) == {"nobody": []}


def test_values_that_would_fail_the_search_are_not_sent() -> None:
    site = Site(user(1))
    assert connect(site).find("users", "username", ["O'Neil", "U1"]) == {"O'Neil": [], "U1": connect(site).find("users", "id", ["1"])["1"]}
    assert site.calls[0][1]["values"] == ["u1"]


def test_searches_go_out_fifty_at_a_time() -> None:
    site = Site(*(user(number) for number in range(1, 121)))
    found = connect(site).find("users", "id", [str(number) for number in range(1, 121)])
    assert all(len(records) == 1 for records in found.values())
    assert [len(args["values"]) for _, args in site.calls] == [50, 50, 20]


def test_another_field_cannot_be_searched() -> None:
    with pytest.raises(NotSupported):
        connect(Site()).find("users", "phone1", ["1"])


def test_what_is_held_can_be_read_back_and_missing_ones_are_left_out() -> None:
    records = list(connect(Site(user(1), user(2))).read_back("users", ["2", "3"]))
    assert [(record.external_id, record.payload["username"]) for record in records] == [("2", "u2")]


def test_custom_profile_fields_are_read_under_the_names_by_which_they_are_written() -> None:
    field = {"type": "text", "value": "CC9", "displayvalue": "CC9", "name": "Cost centre", "shortname": "costcenter"}
    (record,) = connect(Site(user(1, customfields=[field]))).read_back("users", ["1"])
    assert record.payload["profile_field_costcenter"] == "CC9" and record.payload["customfields"] == [field]


def test_accounts_are_read_by_id_and_the_reading_can_go_on() -> None:
    moodle = connect(Site(*(user(number) for number in range(1, 121))))
    window = Window(ids=tuple(str(number) for number in range(1, 121)))
    pages = list(moodle.fetch("users", window))
    assert [len(page.records) for page in pages] == [50, 50, 20] and [page.is_last for page in pages] == [False, False, True]
    (rest,) = moodle.fetch("users", window, pages[1].cursor)
    assert [record.external_id for record in rest.records] == [str(number) for number in range(101, 121)]


def test_everybody_is_read_only_where_that_was_chosen_and_never_proves_absence() -> None:
    with pytest.raises(NotSupported):
        connect(Site()).fetch("users", Window())
    (page,) = connect(Site(user(1), user(2)), full_listing=True).fetch("users", Window(since=datetime(2026, 6, 10, tzinfo=UTC)))
    assert len(page.records) == 2 and not page.is_last and page.total is None


def test_every_source_of_the_mapping_is_a_valid_path() -> None:
    person = {"work_email": "a@x.example", "given_name": "Ana", "preferred_name": "", "public_id": "p-1"}
    values = {row.target: jmespath.search(row.source, person) for row in MAPPING}
    assert values["username"] == "a@x.example" and values["firstname"] == "Ana" and values["idnumber"] == "p-1"


# ── the connection test ─────────────────────────────────────────────────────────────────────────────


class Telling(Site):
    """A site that tells about itself."""

    def __init__(self, *users: Args, functions: list[str], userid: int = 5, version: str = "2024100705.01") -> None:
        super().__init__(*users)
        self.info = {"sitename": "Academy", "siteurl": "https://m.example/learn", "userid": userid, "release": "4.5.5+", "version": version}
        self.info["functions"] = [{"name": name, "version": "1"} for name in functions]  # type: ignore[assignment]

    def core_webservice_get_site_info(self, args: Args) -> Args:
        return self.info


NEEDED = ["core_webservice_get_site_info", "core_user_create_users", "core_user_update_users", "core_user_get_users_by_field"]


def test_a_good_connection_passes_in_named_steps() -> None:
    health = connect(Telling(user(2), functions=NEEDED)).check()
    assert [(step.name, step.ok) for step in health.steps] == [
        ("Sign-in", True),
        ("Functions of the service", True),
        ("Version", True),
        ("Accounts are visible", True),
    ]
    assert health.facts["release"] == "4.5.5+" and health.facts["sitename"] == "Academy"


def test_every_missing_function_is_named() -> None:
    site = Telling(user(2), functions=NEEDED[:2])
    step = connect(site, managers="role", manager_role=9, cohorts=["department = d-"]).check().steps[1]
    missing = ["core_user_update_users", "core_user_get_users_by_field", "core_role_assign_roles", "core_role_unassign_roles"]
    missing += ["core_cohort_add_cohort_members", "core_cohort_delete_cohort_members", "core_cohort_search_cohorts"]
    assert not step.ok and all(name in step.detail for name in missing) and "core_user_create_users" not in step.detail


def test_a_wrong_token_ends_the_test_at_its_first_step() -> None:
    site = Site()
    site.fails = lambda function, args: RefusedError("invalidtoken")
    health = connect(site).check()
    assert [step.ok for step in health.steps] == [False] and isinstance(health.steps[0].error, CredentialRejected)


def test_hidden_fields_of_others_are_found_out() -> None:
    admin = {"id": 2, "fullname": "Admin"}
    health = connect(Telling(admin, functions=NEEDED)).check()
    step = health.steps[-1]
    assert not step.ok and "username and email" in english(step.detail)


def test_an_old_site_is_told_what_it_costs() -> None:
    site = Telling(user(2), functions=NEEDED, version="2021051700")
    assert "before 4.0" in connect(site).check().steps[2].detail


# ── as it was recorded ──────────────────────────────────────────────────────────────────────────────


def recorded(name: str) -> Response:
    path = Path(moodle_package.__file__).parent / "recordings" / f"users__{name}.json"
    return Response(200, {"Content-Type": "application/json"}, path.read_bytes())


def test_a_recorded_account_is_found_with_its_profile_field() -> None:
    (record,) = connect(lambda asked: recorded("found_by_field")).find("users", "email", ["A.Lee@meridian.example"])[
        "A.Lee@meridian.example"
    ]
    assert (record.external_id, record.payload["profile_field_costcenter"]) == ("42", "CC9")


def test_recorded_warnings_are_errors_of_their_rows() -> None:
    answers = {"core_user_update_users": "updated_with_warnings"}
    subject = connect(lambda asked: recorded(answers[asked.form["wsfunction"]]) if asked.form["wsfunction"] in answers else said([]))
    receipts = subject.push("users", [to("update", number, email=f"n{number}@x.example") for number in (42, 43, 44)])
    assert codes(receipts) == ["ok", "already_exists", "not_found"]


def test_a_recorded_refusal_is_understood() -> None:
    found = explain(recorded("create_refused"))
    assert isinstance(found, TargetRefused) and "invalidparameter" in found.detail


# ── the emulator's turn ─────────────────────────────────────────────────────────────────────────────


class TestContract(VendorContract, TargetContract):
    vendor = "moodle"
