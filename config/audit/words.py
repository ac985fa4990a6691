"""What the trail keeps under short keys, in words: kinds of objects, names of values, and values that are words of ours."""

from __future__ import annotations

from collections.abc import Mapping

from config import vocabulary
from config.say import said
from config.sentences import Sentence, sentence

KINDS: Mapping[str, Sentence] = {
    "account": sentence("account"),
    "audit": sentence("audit trail"),
    "blackout": sentence("blackout window"),
    "bundle": sentence("bundle"),
    "case": sentence("question"),
    "connector": sentence("connector"),
    "delivery": sentence("delivery"),
    "group": sentence("role"),
    "installation": sentence("installation"),
    "mapping": sentence("mapping"),
    "person": sentence("person"),
    "plan": sentence("plan"),
    "run": sentence("run"),
    "syncschedule": sentence("schedule"),
    "unmapped_value": sentence("code without a name"),
    "user": sentence("staff login"),
    "value_map": sentence("value map"),
}


def kind_word(object_type: str) -> Sentence:
    """The word for a kind of object; a kind nobody named (newer data, older code) as it is stored."""
    return KINDS.get(object_type) or Sentence(object_type.replace("_", " "))


# Keys of what is kept before and after. A key nobody named is shown as it stands: settings are named by their vendor.
NAMES: Mapping[str, Sentence] = {
    "account": sentence("account there"),
    "add": sentence("added"),
    "address": sentence("address"),
    "bytes": sentence("bytes"),
    "calls": sentence("calls"),
    "can_sign_in_with_password": sentence("can sign in with a password"),
    "city": sentence("location"),
    "code": sentence("code"),
    "condition": sentence("condition"),
    "connector": sentence("connector"),
    "counts": sentence("changes"),
    "country": sentence("country"),
    "created_at": sentence("made"),
    "cron": sentence("when (cron)"),
    "department": sentence("business unit"),
    "direction": sentence("direction"),
    "dry": sentence("dry run"),
    "effect": sentence("what was said before it was done"),
    "email": sentence("e-mail"),
    "error": sentence("error"),
    "file": sentence("file"),
    "first_name": sentence("first name"),
    "firstname": sentence("first name"),
    "from": sentence("from"),
    "guard": sentence("guard limits"),
    "id": sentence("number"),
    "idnumber": sentence("our number there"),
    "institution": sentence("company"),
    "is_active": sentence("active"),
    "is_superuser": sentence("administrator"),
    "is_target": sentence("receives people"),
    "keep_unknown": sentence("codes without a name are passed on"),
    "key": sentence("key"),
    "lang": sentence("language"),
    "language": sentence("language"),
    "last_name": sentence("last name"),
    "lastname": sentence("last name"),
    "manager": sentence("manager"),
    "mode": sentence("what is read"),
    "name": sentence("name"),
    "null_policy": sentence("when the value is empty"),
    "number": sentence("version"),
    "ok": sentence("works"),
    "paused_until": sentence("paused until"),
    "people": sentence("people"),
    "phone1": sentence("phone"),
    "pilot": sentence("pilot group"),
    "policy": sentence("rules"),
    "published": sentence("version in force"),
    "rank": sentence("rank"),
    "reason": sentence("reason"),
    "remove": sentence("removed"),
    "required": sentence("required"),
    "roles": sentence("roles"),
    "rows": sentence("rows"),
    "settings": sentence("settings"),
    "source": sentence("source path"),
    "state": sentence("state"),
    "server time": sentence("its clock"),
    "sitename": sentence("name of the site"),
    "siteurl": sentence("address"),
    "steps": sentence("steps"),
    "strength": sentence("strength"),
    "suspended": sentence("suspended"),
    "target": sentence("target"),
    "tenant": sentence("tenant"),
    "time_zone": sentence("time zone"),
    "timezone": sentence("time zone"),
    "transforms": sentence("transforms"),
    "until": sentence("until"),
    "username": sentence("sign-in name"),
    "vendor": sentence("kind of system"),
    "version": sentence("version"),
    "workers at work": sentence("people at work there"),
    "written": sentence("written"),
}
VALUES: Mapping[tuple[str, str], Sentence] = {
    ("mode", "full"): sentence("read everything"),
    ("mode", "delta"): sentence("read what changed"),
    ("mode", "people"): sentence("chosen people"),
    ("state", "active"): sentence("active"),
    ("state", "paused"): sentence("paused"),
    ("state", "disabled"): sentence("disabled"),
}
CHANGES = frozenset(word.key for word in vocabulary.CHANGE)


def key_word(key: str) -> str:
    """What a key is called, in the reader's language: by the table, as a kind of change (“academy create”), else itself with spaces."""
    if key in NAMES:
        return said(NAMES[key])
    where, _space, kind = key.rpartition(" ")
    if kind in CHANGES:
        word = str(vocabulary.word("change", kind).label)
        return f"{key_word(where)}: {word}" if where else word
    return key.replace("_", " ")
