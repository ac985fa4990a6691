"""The connection test: functions of the token's service, version, and whom its user may see. Source: docs/vendors/moodle.md §2, §8."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from config.errors import PermissionMissing, RollcallError, UnexpectedAnswer
from config.sentences import sentence
from integrations.vendors.base import Health, Step
from integrations.vendors.moodle.search import users_by
from integrations.vendors.moodle.site import Site

ALWAYS = ("core_webservice_get_site_info", "core_user_create_users", "core_user_update_users", "core_user_get_users_by_field")
FOR_LISTING = ("core_user_get_users",)
FOR_ROLES = ("core_role_assign_roles", "core_role_unassign_roles")
FOR_COHORTS = (
    "core_cohort_add_cohort_members",
    "core_cohort_delete_cohort_members",
    "core_cohort_search_cohorts",
    "core_cohort_get_cohort_members",
)
FOR_NEW_COHORTS = ("core_cohort_create_cohorts",)

FIRST_ADMIN = "2"  # the id of the account made at installation; 1 is the guest
OLDEST = 2022041900  # 4.0, from which on a failed row of an update does not take the others with it


class Check:
    """Does the steps in order; without an answer to the first one there is nothing to look at in the others."""

    def __init__(self, site: Site, needed: Iterable[str]) -> None:
        self.site = site
        self.needed = tuple(needed)
        self.steps: list[Step] = []
        self.facts: dict[str, str] = {}
        self.info: Mapping[str, Any] = {}

    def run(self) -> Health:
        if self._step(sentence("Sign-in"), self._sign_in):
            self._step(sentence("Functions of the service"), self._functions)
            self._step(sentence("Version"), self._version)
            self._step(sentence("Accounts are visible"), self._visible)
        return Health(self.steps, self.facts)

    def _step(self, name: str, act: Callable[[], str]) -> bool:
        before = self.site.spent_ms
        error: RollcallError | None = None
        try:
            detail = act()
        except RollcallError as caught:
            error, detail = caught, caught.detail
        self.steps.append(Step(name, error is None, detail, self.site.spent_ms - before, error))
        return error is None

    def _sign_in(self) -> str:
        info = self.site.call("core_webservice_get_site_info")
        if not isinstance(info, Mapping) or "functions" not in info:
            raise UnexpectedAnswer(sentence("the site did not say which functions the token may call"))
        self.info = info
        for name in ("sitename", "siteurl", "release", "version"):
            self.facts[name] = str(info.get(name) or "")
        return sentence("“%(site)s” accepts the token.", site=self.facts["sitename"])

    def _functions(self) -> str:
        offered = {str(one.get("name")) for one in self.info["functions"]}
        missing = [name for name in self.needed if name not in offered]
        if missing:
            raise PermissionMissing(sentence("the token's service lacks %(missing)s", missing=list(missing)), field=missing[0])
        return sentence("All %(n)s functions that are needed are in the token's service.", n=len(self.needed))

    def _version(self) -> str:
        digits = str(self.info.get("version") or "").partition(".")[0]
        if digits.isdecimal() and int(digits) < OLDEST:
            return sentence(
                "Moodle %(release)s: before 4.0 one bad row holds up a whole batch, which costs time but loses nothing.",
                release=self.facts["release"],
            )
        return sentence("Moodle %(release)s.", release=self.facts["release"])

    def _visible(self) -> str:
        """Somebody who cannot be seen looks like somebody who is not there; the first administrator's account serves as the sample."""
        if str(self.info.get("userid")) == FIRST_ADMIN:
            return sentence("The token belongs to the first administrator, who sees everybody.")
        hits = users_by(self.site, "id", [FIRST_ADMIN])[FIRST_ADMIN]
        if not hits:
            return sentence("Could not be tried: the account with id 2 did not come back.")
        hidden = [name for name in ("username", "email") if not hits[0].get(name)]
        if hidden:
            raise PermissionMissing(
                sentence(
                    "the token's user may not see %(hidden)s of others; it needs moodle/user:viewdetails, and "
                    "moodle/user:viewalldetails or both fields under “Show user identity”",
                    hidden=list(hidden),
                ),
                field=hidden[0],
            )
        return sentence("User names and addresses of others are visible.")
