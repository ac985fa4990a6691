"""Who is there already. Source: docs/vendors/moodle.md §2.

An empty answer is no proof of absence: Moodle leaves out whom the token's user may not see, or whose searched field it may not see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from config.errors import NotSupported, UnexpectedAnswer
from config.sentences import sentence
from integrations.vendors.base import Record
from integrations.vendors.moodle.fields import PROFILE, USERNAME
from integrations.vendors.moodle.site import Site

BY = ("id", "idnumber", "username", "email")
BATCH = 50  # values in one call, the size of all our calls

Users = list[dict[str, Any]]


def users_by(site: Site, by: str, values: Iterable[str], *, extended_usernames: bool = False) -> dict[str, Users]:
    """Value → the accounts that carry it, for every value given. Raises NotSupported for another field.

    Values that Moodle would have to clean first fail its whole call, so they are not sent: nobody can carry them.
    """
    if by not in BY:
        raise NotSupported(sentence("Moodle cannot be searched by %(by)s", by=by))
    found: dict[str, Users] = {value: [] for value in values}
    keys = {folded(by, value) for value in found}
    keys = {key for key in keys if can_be(by, key, extended_usernames=extended_usernames)}
    by_key: dict[str, Users] = {}
    for batch in slices(sorted(keys)):
        answer = site.call("core_user_get_users_by_field", {"field": by, "values": batch})
        if not isinstance(answer, list):
            raise UnexpectedAnswer(sentence("core_user_get_users_by_field did not answer with a list"))
        for user in answer:
            by_key.setdefault(folded(by, str(user.get(by, ""))), []).append(user)
    for value in found:
        found[value] = by_key.get(folded(by, value), [])
    return found


def folded(by: str, value: str) -> str:
    """The form in which Moodle compares: user names and addresses without regard to capitals."""
    text = value.strip()
    return text.lower() if by in ("username", "email") else text


def can_be(by: str, value: str, *, extended_usernames: bool) -> bool:
    """Whether an account can carry this value at all."""
    if by == "id":
        return value.isdecimal()
    if by == "username" and not extended_usernames:
        return USERNAME.fullmatch(value) is not None
    return bool(value)


def slices(values: Sequence[str], size: int = BATCH) -> Iterable[Sequence[str]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def record(user: dict[str, Any]) -> Record:
    """The account word for word, with its custom profile fields also under the names by which they are written.

    Coming out, `type` is the kind of data and the short name stands in `shortname`; going in, `type` is the short name (§2).
    """
    custom = {PROFILE + str(one.get("shortname")): one.get("value") for one in user.get("customfields") or ()}
    return Record(str(user["id"]), {**user, **custom})
