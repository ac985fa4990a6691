"""core_user_*: create all or nothing, update one by one with warnings, find what may be seen.

Source: docs/vendors/moodle.md §2 and §7.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterable, Sequence

from integrations.sandbox.emulators.moodle.call import Call, Function
from integrations.sandbox.emulators.moodle.describe import CLEANING, DEFAULT, OPTIONAL, Description, Multiple, Single, Value
from integrations.sandbox.emulators.moodle.failure import MoodleFailure, coding_error, invalid_parameter, missing_record, write_failed
from integrations.sandbox.emulators.moodle.store import TEXTS, Row

INTERNAL_AUTHS = {"manual", "email"}  # those that keep a password of their own
GUEST = 1
SLICE = 500  # ids in one query: SQLite takes up to 32,766 marks, and planning gets slow long before that
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+")

_PAIRS = Multiple(Single({"type": Value("alphanumext"), "value": Value()}), OPTIONAL)
_PREFERENCES = Multiple(Single({"type": Value(), "value": Value()}), OPTIONAL)
_PLAIN: dict[str, Description] = {
    **{name: Value("text", OPTIONAL) for name in ("firstnamephonetic", "lastnamephonetic", "middlename", "alternatename", "interests")},
    **{name: Value("text", OPTIONAL) for name in ("institution", "department", "phone1", "phone2", "address", "city")},
    "password": Value("raw", OPTIONAL),
    "country": Value("alpha", OPTIONAL),
    "timezone": Value("zone", OPTIONAL),
    "description": Value("raw", OPTIONAL),
    "theme": Value("alphanumext", OPTIONAL),
    "calendartype": Value("alphanumext", OPTIONAL),
    "maildisplay": Value("int", OPTIONAL),
    "mailformat": Value("int", OPTIONAL),
    "customfields": _PAIRS,
    "preferences": _PREFERENCES,
}
CREATE = Single(
    {
        **_PLAIN,
        "username": Value("username"),
        "firstname": Value("text"),
        "lastname": Value("text"),
        "email": Value("trimmed"),
        "auth": Value("auth", DEFAULT, "manual"),
        "idnumber": Value("raw", DEFAULT, ""),
        "lang": Value("lang", DEFAULT, "en"),
        "createpassword": Value("bool", OPTIONAL),
    }
)
UPDATE = Single(
    {
        **_PLAIN,
        "id": Value("int"),
        "username": Value("username", OPTIONAL),
        "firstname": Value("text", OPTIONAL),
        "lastname": Value("text", OPTIONAL),
        "email": Value("trimmed", OPTIONAL),
        "auth": Value("auth", OPTIONAL),
        "idnumber": Value("raw", OPTIONAL),
        "lang": Value("lang", OPTIONAL),
        "suspended": Value("bool", OPTIONAL),
        "userpicture": Value("int", OPTIONAL),
    }
)


def create_users(call: Call) -> list[Row]:
    call.require("moodle/user:create", "Create users")
    with call.store.transaction():
        made = [_create(call, user) for user in call.params["users"]]
    call.writes["created"] += len(made)
    return made


def _create(call: Call, user: Row) -> Row:
    for name in ("username", "firstname", "lastname"):
        if not user[name].strip():
            raise invalid_parameter(f"The field {name} cannot be blank")
    if call.store.row("SELECT id FROM user WHERE username = ?", user["username"]):
        raise invalid_parameter(f"Username already exists: {user['username']}")
    if user["auth"] in INTERNAL_AUTHS and not user.get("password") and not user.get("createpassword"):
        raise invalid_parameter("Invalid password: you must provide a password, or set createpassword.")
    if not _EMAIL.fullmatch(user["email"]):
        raise invalid_parameter(f"Email address is invalid: {user['email']}")
    if _email_taken(call, user["email"], 0):
        raise invalid_parameter(f"Email address already exists: {user['email']}")
    values = {**_columns(user), "timecreated": call.now, "timemodified": call.now}
    try:
        userid = call.store.insert("user", values)
    except sqlite3.IntegrityError as error:
        raise write_failed(str(error)) from error
    _save_custom_fields(call, userid, user)
    return {"id": userid, "username": user["username"]}


def update_users(call: Call) -> Row | None:
    """Each in a transaction of its own; a failed one becomes a warning and the others are kept. Before 4.0 one failure undid them all."""
    call.require("moodle/user:update", "Update user profiles")
    if not call.settings.is_at_least(4, 0):
        with call.store.transaction():
            for user in call.params["users"]:
                _update(call, user)
        call.writes["updated"] += len(call.params["users"])
        return None
    warnings = []
    for user in call.params["users"]:
        try:
            with call.store.transaction():
                _update(call, user)
            call.writes["updated"] += 1
        except MoodleFailure as failure:
            warnings.append({"item": "user", "itemid": user["id"], "warningcode": failure.errorcode, "message": failure.message})
    return {"warnings": warnings}


def _update(call: Call, user: Row) -> None:
    known = call.store.row("SELECT * FROM user WHERE id = ?", user["id"])
    if known is None:
        raise MoodleFailure("invaliduserid", "Invalid user id")
    if known["siteadmin"]:
        raise MoodleFailure("usernotupdatedadmin", "Cannot update admin accounts")
    if known["deleted"]:
        raise MoodleFailure("usernotupdateddeleted", "User is a deleted user")
    if known["id"] == GUEST:
        raise MoodleFailure("usernotupdatedguest", "Cannot update guest account")
    email = str(user.get("email", known["email"]))
    if email != known["email"]:
        if not _EMAIL.fullmatch(email):
            raise MoodleFailure("useremailinvalid", "Invalid email address")
        if _email_taken(call, email, known["id"]):
            raise MoodleFailure("useremailduplicate", "Duplicate address")
    values = {**_columns(user), "timemodified": call.now}
    if "suspended" in user:
        values["suspended"] = int(user["suspended"])
    assignments = ", ".join(f"{name} = ?" for name in values)
    try:
        call.store.run(f"UPDATE user SET {assignments} WHERE id = ?", *values.values(), known["id"])  # noqa: S608  names are columns
    except sqlite3.IntegrityError as error:
        raise write_failed(str(error)) from error
    _save_custom_fields(call, known["id"], user)
    if values.get("suspended", known["suspended"]) != known["suspended"]:
        call.writes["suspended" if user["suspended"] else "reactivated"] += 1


def delete_users(call: Call) -> None:
    call.require("moodle/user:delete", "Delete users")
    with call.store.transaction():
        for userid in call.params["userids"]:
            _delete(call, userid)
    call.writes["deleted"] += len(call.params["userids"])


def _delete(call: Call, userid: int) -> None:
    known = call.store.row("SELECT * FROM user WHERE id = ? AND deleted = 0", userid)
    if known is None:
        raise missing_record("user")
    if known["siteadmin"]:
        raise MoodleFailure("useradminodelete", "Admin account can not be deleted")
    if known["username"] == call.token.username:
        raise MoodleFailure("usernotdeletederror", "User not deleted")
    renamed = f"{known['email']}.{call.now}"
    while call.store.row("SELECT id FROM user WHERE username = ?", renamed):
        renamed = f"{renamed[: renamed.rindex('.') + 1]}{int(renamed.rpartition('.')[2]) + 1}"
    # MD5 because that is what Moodle writes there
    hidden = hashlib.md5(known["username"].encode(), usedforsecurity=False).hexdigest()
    call.store.run(
        "UPDATE user SET deleted = 1, username = ?, email = ?, idnumber = '', timemodified = ? WHERE id = ?",
        renamed,
        hidden,
        call.now,
        userid,
    )
    call.store.run("DELETE FROM cohort_members WHERE userid = ?", userid)
    call.store.run("DELETE FROM role_assignments WHERE userid = ?", userid)


SEARCHED = {"id": "int", "idnumber": "raw", "username": "username", "email": "trimmed"}


def get_users_by_field(call: Call) -> list[Row]:
    """A plain list; nobody is an empty one, also when the searched field may not be seen."""
    name, values = call.params["field"], call.params["values"]
    if name not in SEARCHED:
        raise coding_error("invalid field parameter")
    for value in values:
        is_clean = value.isascii() and value.isdigit() if name == "id" else CLEANING[SEARCHED[name]](value, call.settings.site) == value
        if not is_clean:
            raise invalid_parameter(f"The field '{name}' value is invalid: {value}")
    marks = ", ".join("?" for _ in values)
    collate = "COLLATE NOCASE" if call.settings.database == "mysql" and name != "id" else ""
    sql = f"SELECT * FROM user WHERE {name} {collate} IN ({marks}) AND deleted = 0 ORDER BY id"  # noqa: S608  name is one of four
    rows = call.store.rows(sql, *values)
    return _visible(call, rows, {name})


def get_users(call: Call) -> Row:
    """ANDed criteria. `%` is a wildcard for e-mail and names; unknown keys become warnings and are ignored."""
    conditions, values, keys, warnings = ["deleted = 0"], [], set(), []
    for criterion in call.params["criteria"]:
        key, value = criterion["key"], criterion["value"]
        if key in keys:
            raise MoodleFailure("keyalreadyset", "error/keyalreadyset", debuginfo=f"The key {key} can only be sent once")
        if key in ("id", "idnumber", "username", "auth"):
            conditions.append(f"{key} = ?")
        elif key in ("email", "firstname", "lastname"):
            conditions.append(f"{key} LIKE ?")
        else:
            text = f"The search key '{key}' is not supported, look at the web service documentation"
            warnings.append({"item": key, "warningcode": "invalidfieldparameter", "message": text})
            continue
        keys.add(key)
        values.append(value)
    rows = call.store.rows(f"SELECT * FROM user WHERE {' AND '.join(conditions)} ORDER BY id", *values)  # noqa: S608
    return {"users": _visible(call, rows, keys), "warnings": warnings}


def _visible(call: Call, rows: Iterable[Row], searched: set[str]) -> list[Row]:
    """Users as they may be seen. Whoever was found by a field that may not be seen is left out without a word."""
    if call.empty:
        return []
    allowed = [row for row in rows if call.may("moodle/user:viewdetails") or row["username"] == call.token.username]
    fields = _custom_fields(call, [row["id"] for row in allowed])
    shown = [_shown(call, row, fields.get(row["id"], [])) for row in allowed]
    return [user for user in shown if all(user.get(name) for name in searched)]


def _shown(call: Call, row: Row, fields: list[Row]) -> Row:
    identity = () if call.may("moodle/user:viewalldetails") else ("username", "idnumber", "email", "suspended", "auth", "confirmed")
    texts = ("username", "firstname", "lastname", "email", "phone1", "phone2", "department", "institution", "idnumber", "auth")
    more = ("lang", "theme", "timezone", "city", "country", "address", "calendartype")
    picture = f"{call.base_url}/theme/image.php/boost/core/1/u/f"
    user: Row = {
        "id": row["id"],
        **{name: row[name] for name in (*texts, *more) if row[name]},
        "fullname": f"{row['firstname']} {row['lastname']}",
        "firstaccess": row["firstaccess"],
        "lastaccess": row["lastaccess"],
        "suspended": bool(row["suspended"]),
        "confirmed": bool(row["confirmed"]),
        "mailformat": row["mailformat"],
        "profileimageurlsmall": f"{picture}2",
        "profileimageurl": f"{picture}1",
    }
    if row["description"]:
        user |= {"description": row["description"], "descriptionformat": 1}
    if fields:
        user["customfields"] = fields
    always = {"id", "fullname", "profileimageurl", "profileimageurlsmall"}
    hidden = {*identity, *call.settings.hidden_fields} - always
    return {name: value for name, value in user.items() if name not in hidden}


def _custom_fields(call: Call, userids: Sequence[int]) -> dict[int, list[Row]]:
    """Of each user. Out, `type` is the kind of data; in, it was the short name."""
    out: dict[int, list[Row]] = {}
    for start in range(0, len(userids), SLICE):
        some = userids[start : start + SLICE]
        marks = ", ".join("?" for _ in some)
        sql = f"SELECT * FROM user_info_data WHERE userid IN ({marks}) AND data <> '' ORDER BY userid, shortname"  # noqa: S608  only marks
        for row in call.store.rows(sql, *some):
            datatype, name = call.settings.custom_fields.get(row["shortname"], ("text", row["shortname"]))
            value = row["data"]
            shown = {"type": datatype, "value": value, "displayvalue": value, "name": name, "shortname": row["shortname"]}
            out.setdefault(row["userid"], []).append(shown)
    return out


def _save_custom_fields(call: Call, userid: int, user: Row) -> None:
    """Short names that the site does not have are ignored without a word."""
    for item in user.get("customfields", []):
        if item["type"] in call.settings.custom_fields:
            call.store.run("INSERT OR REPLACE INTO user_info_data VALUES (?, ?, ?)", userid, item["type"], item["value"])


def _columns(user: Row) -> Row:
    numbers = ("mailformat", "maildisplay")
    return {name: user[name] for name in (*TEXTS, *numbers) if name in user}


def _email_taken(call: Call, email: str, besides: int) -> bool:
    if call.settings.allow_same_email:
        return False
    return call.store.row("SELECT id FROM user WHERE email = ? COLLATE NOCASE AND id <> ?", email, besides) is not None


FUNCTIONS: dict[str, Function] = {
    "core_user_create_users": Function(create_users, Single({"users": Multiple(CREATE)})),
    "core_user_update_users": Function(update_users, Single({"users": Multiple(UPDATE)})),
    "core_user_delete_users": Function(delete_users, Single({"userids": Multiple(Value("int"))})),
    "core_user_get_users_by_field": Function(get_users_by_field, Single({"field": Value("alpha"), "values": Multiple(Value())})),
    "core_user_get_users": Function(get_users, Single({"criteria": Multiple(Single({"key": Value("alpha"), "value": Value()}))})),
}
