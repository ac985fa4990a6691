"""Who somebody's manager is. Moodle's core has no such field: a custom profile field or a role does the work.

Source: docs/vendors/moodle.md §2.
The change's values: `manager` (the text for the profile field), `manager_id` and `former_manager_id` (Moodle ids, for the role);
empty means none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from config.errors import NotFound, NotSupported, RollcallError
from config.sentences import sentence
from integrations.vendors.base import Change, Receipt
from integrations.vendors.moodle.accounts import Accounts
from integrations.vendors.moodle.batches import Sender
from integrations.vendors.moodle.fields import PROFILE
from integrations.vendors.moodle.site import Site

NONE, PROFILE_FIELD, ROLE = "none", "profile_field", "role"


class Managers:
    """`field` is the profile field's short name, `role` the number of the role; core has no call that lists roles."""

    def __init__(self, accounts: Accounts, mode: str, field: str, role: int) -> None:
        self.accounts = accounts
        self.site: Site = accounts.site
        self.mode = mode
        self.field = field
        self.role = role

    def set(self, changes: Sequence[Change]) -> list[Receipt]:
        if self.mode == PROFILE_FIELD:
            return self.accounts.write_profile(changes, lambda change: {PROFILE + self.field: change.values.get("manager")})
        if self.mode == ROLE:
            return self._assign(changes)
        error = NotSupported(sentence("this connector does not write managers: choose how under “Managers”"))
        return [Receipt(change.key, error=error) for change in changes]

    def _assign(self, changes: Sequence[Change]) -> list[Receipt]:
        """First the new one, then the former one goes: nobody is without a manager in between. Both may be sent again."""
        errors: dict[str, RollcallError] = {
            change.key: NotFound(sentence("there is no Moodle id to give a manager to"))
            for change in changes
            if not change.remote_id.isdecimal()
        }
        known = [change for change in changes if change.key not in errors]
        self._send(known, "manager_id", "core_role_assign_roles", "assignments", errors)
        kept = [change for change in known if change.values.get("former_manager_id") != change.values.get("manager_id")]
        self._send(kept, "former_manager_id", "core_role_unassign_roles", "unassignments", errors)
        return [
            Receipt(change.key, error=errors[change.key]) if change.key in errors else Receipt(change.key, change.remote_id)
            for change in changes
        ]

    def _send(self, changes: Sequence[Change], who: str, function: str, name: str, errors: dict[str, RollcallError]) -> None:
        rows = [change for change in changes if change.values.get(who) and change.key not in errors]
        sender: Sender[Change, None] = Sender(
            lambda some: self._call(some, who, function, name), knows_something=who == "former_manager_id"
        )
        for start in range(0, len(rows), self.accounts.terms.batch):
            batch = rows[start : start + self.accounts.terms.batch]
            for change, outcome in zip(batch, sender.each(batch), strict=True):
                if isinstance(outcome, RollcallError):
                    errors[change.key] = outcome

    def _call(self, changes: Sequence[Change], who: str, function: str, name: str) -> list[None]:
        self.site.call(function, {name: [self._link(change, who) for change in changes]})
        return [None for _ in changes]

    def _link(self, change: Change, who: str) -> Mapping[str, Any]:
        """The role of a manager, held in the context of the one who reports to them."""
        return {
            "roleid": self.role,
            "userid": int(change.values[who]),
            "contextlevel": "user",
            "instanceid": int(change.remote_id),
        }
