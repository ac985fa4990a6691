"""Moodle: accounts, managers and cohorts over its REST web services, 4.1 to 4.5 and later. Facts and sources: docs/vendors/moodle.md."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from config.errors import NotSupported, Reconnect, RetryLater, RollcallError
from config.sentences import sentence
from integrations.vendors.base import Change, Family, Health, Json, Limits, Page, Receipt, Record, Stream, Target, Vendor, Window
from integrations.vendors.moodle import check
from integrations.vendors.moodle.accounts import Accounts
from integrations.vendors.moodle.cohorts import Cohorts, rules
from integrations.vendors.moodle.fields import MAPPING, READ
from integrations.vendors.moodle.form import LARGEST_BATCH, SETTINGS, beside, lines, terms
from integrations.vendors.moodle.managers import ROLE, Managers
from integrations.vendors.moodle.search import record, slices, users_by
from integrations.vendors.moodle.site import Site, explain
from integrations.wire.http import Line, Response

GUEST = "guest"  # the account of visitors; nobody's
LISTING_SECONDS = 300.0  # everybody in one answer
LISTING_BYTES = 256 * 1024 * 1024  # some 1.5 kB an account


class Moodle(Vendor):
    key = "moodle"
    label = "Moodle"
    family = Family.LMS
    version = "4.1–4.5"  # source-checked; 5.x speaks the same
    settings = SETTINGS
    limits = Limits(per_second=10, burst=10, in_parallel=2)  # core has no limit of its own; this keeps a small server usable
    streams = (Stream("users", "Accounts", kind="learner", fields=READ, delta=False, proof="none"),)
    targets = (
        Target(
            "users",
            "Accounts",
            operations=("create", "update", "deactivate", "reactivate", "set_manager", "cohorts"),
            bulk=LARGEST_BATCH,
            unseen=("set_manager",),  # a role in a user's context: core has no function that lists assignments (§2)
        ),
    )
    default_mapping = {"users": MAPPING}

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str], line: Line) -> None:
        super().__init__(settings, secrets, line)
        self.terms = terms(self.config)
        self.cohort_rules = rules(lines(self.config["cohorts"]))
        self.site = Site(line, str(self.config["base_url"]), self.secrets["token"])
        self.accounts = Accounts(self.site, self.terms)
        role = int(self.config["manager_role"] or 0)
        self.managers = Managers(self.accounts, self.config["managers"], str(self.config["manager_field"] or "").strip(), role)
        prefixes = self.cohort_rules.values()
        self.cohorts = Cohorts(self.site, self.terms.batch, prefixes, makes_missing=bool(self.config["create_cohorts"]))

    @classmethod
    def checked(cls, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
        values = super().checked(settings, secrets)
        terms(values)
        rules(lines(values["cohorts"]))
        return values

    def check(self) -> Health:
        return check.Check(self.site, self.needed_functions()).run()

    def needed_functions(self) -> list[str]:
        """What the token's service must hold for these settings."""
        needed = [*check.ALWAYS]
        if self.config["full_listing"]:
            needed += check.FOR_LISTING
        if self.config["managers"] == ROLE:
            needed += check.FOR_ROLES
        if self.cohort_rules:
            needed += check.FOR_COHORTS
        if self.cohort_rules and self.config["create_cohorts"]:
            needed += check.FOR_NEW_COHORTS
        return needed

    def fetch(self, stream: str, window: Window, cursor: Json = None) -> Iterator[Page]:
        """The accounts of `window.ids` (Moodle ids), or all of them where the settings say so. Absence is never proven."""
        self.stream(stream)
        if window.ids:
            return self._named(window.ids, cursor)
        if not self.config["full_listing"]:
            raise NotSupported(sentence("Moodle has no paged list of accounts: name the ids, or switch “Read all accounts” on"))
        return self._all()

    def _named(self, ids: Sequence[str], cursor: Json) -> Iterator[Page]:
        asked = sorted(set(ids), key=lambda one: (len(one), one))
        start = int(cursor or 0)
        for batch in slices(asked[start:]) if asked[start:] else [[]]:
            start += len(batch)
            yield Page(list(self.read_back("users", batch)), cursor=start, is_last=start >= len(asked))

    def _all(self) -> Iterator[Page]:
        arguments = {"criteria": [{"key": "email", "value": "%"}]}
        answer = self.site.call("core_user_get_users", arguments, timeout_seconds=LISTING_SECONDS, max_bytes=LISTING_BYTES)
        yield Page([record(user) for user in (answer or {}).get("users") or [] if user.get("username") != GUEST])

    def push(self, target: str, changes: Sequence[Change]) -> list[Receipt]:
        """Stretches of the same operation go out together, in the order given.

        Values: Moodle's field names (and profile_field_<short name>, suspended); for set_manager see managers.py, for cohorts
        cohorts.py. A create must carry the idnumber by which it would be recognised when it is sent again.
        """
        self.target(target)
        receipts: list[Receipt] = []
        for operation, group in groupby(changes, key=lambda change: change.operation):
            some = list(group)
            try:
                receipts += self._verb(operation)(some)
            except (RetryLater, Reconnect) as error:
                if not receipts:
                    raise
                return receipts + [Receipt(change.key, error=error) for change in changes[len(receipts) :]]
        return receipts

    def _verb(self, operation: str) -> Callable[[Sequence[Change]], list[Receipt]]:
        verbs: dict[str, Callable[[Sequence[Change]], list[Receipt]]] = {
            "create": self.accounts.create,
            "update": self.accounts.update,
            "deactivate": self.accounts.deactivate,
            "reactivate": self.accounts.reactivate,
            "set_manager": self.managers.set,
            "cohorts": self.cohorts.move,
        }
        if operation not in verbs:
            raise NotSupported(sentence("Moodle: %(operation)s", operation=operation))
        return verbs[operation]

    @classmethod
    def mails_newcomers(cls, settings: Mapping[str, Any]) -> bool:
        """Moodle mails the password it makes up for a new account; only where that was chosen."""
        return bool(settings.get("send_mails"))

    @classmethod
    def beside(cls, settings: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
        return beside(settings, attributes)

    def find(self, target: str, by: str, values: Sequence[str]) -> dict[str, list[Record]]:
        """Value → accounts. An empty list is no proof of absence (see search.py)."""
        self.target(target)
        found = users_by(self.site, by, values, extended_usernames=self.terms.rules.extended_usernames)
        return {value: [record(user) for user in users] for value, users in found.items()}

    def read_back(self, target: str, remote_ids: Sequence[str]) -> Iterable[Record]:
        self.target(target)
        found = users_by(self.site, "id", remote_ids)
        return [record(user) for users in found.values() for user in users]

    def memberships(self, target: str, asked: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
        self.target(target)
        return self.cohorts.memberships(asked)

    def explain(self, response: Response) -> RollcallError | None:
        return explain(response)
