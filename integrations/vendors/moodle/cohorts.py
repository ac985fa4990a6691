"""Membership of cohorts, by which Moodle assigns curricula. Source: docs/vendors/moodle.md §3.

The change's values: `add` and `remove`, lists of cohort idnumbers. Which cohorts somebody belongs to follows from the
settings: `wanted`. Moodle tells members by cohort only, so reading them back asks for whole cohorts, each once.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.errors import NotFound, RollcallError, SettingInvalid, TargetRefused, UnexpectedAnswer
from config.sentences import sentence
from integrations.vendors.base import Change, Receipt
from integrations.vendors.moodle.batches import Sender
from integrations.vendors.moodle.site import Site

IS_MEMBER_ALREADY = "3"  # the warning code; 1 is a bad type, 2 an unknown cohort or user
SEARCH_PAGE = 100  # cohorts a call; the search looks for the text anywhere in name, idnumber and description
MOST_PAGES = 1000  # a site that answers every page alike must not keep us for ever
LONGEST_IDNUMBER = 100

NOT_WORD = re.compile(r"[^\w]+")


def rules(lines: Iterable[str]) -> dict[str, str]:
    """Attribute → prefix, from lines such as "department = dept-". Raises SettingInvalid."""
    found: dict[str, str] = {}
    for line in lines:
        attribute, sign, prefix = (part.strip() for part in line.partition("="))
        if not sign or not attribute:
            raise SettingInvalid(
                sentence("Cohorts: “%(line)s” should read “attribute = prefix”, as in “department = dept-”", line=line), field="cohorts"
            )
        found[attribute] = prefix
    return found


def wanted(attributes: Mapping[str, Any], prefixes: Mapping[str, str]) -> set[str]:
    """The idnumbers of the cohorts that follow from somebody's attributes: prefix and value, in small letters with hyphens."""
    found: set[str] = set()
    for attribute, prefix in prefixes.items():
        value = attributes.get(attribute)
        for one in value if isinstance(value, (list, tuple)) else [value]:
            word = NOT_WORD.sub("-", str(one or "").lower()).strip("-")
            if word:
                found.add(f"{prefix}{word}"[:LONGEST_IDNUMBER])
    return found


@dataclass(frozen=True)
class Link:
    """One account in one cohort; `key` is the change it belongs to."""

    key: str
    cohort: str
    user: int


class Cohorts:
    """Adds and removes members, and tells who is one. `makes_missing`: a cohort that is not there is made, else it is an error of the
    change. `prefixes` are those of the settings: by them all our cohorts are found in few calls.
    """

    def __init__(self, site: Site, batch: int, prefixes: Collection[str], *, makes_missing: bool) -> None:
        self.site = site
        self.batch = batch
        self.prefixes = sorted(set(prefixes))
        self.makes_missing = makes_missing
        self.ids: dict[str, int] = {}  # idnumber → id, of the cohorts met so far
        self.members: dict[int, array[int]] = {}  # sorted account ids: eight bytes each, a set would take sixty
        self.is_surveyed = False

    def move(self, changes: Sequence[Change]) -> list[Receipt]:
        errors: dict[str, RollcallError] = {
            change.key: NotFound(sentence("there is no Moodle id to put into a cohort"))
            for change in changes
            if not change.remote_id.isdecimal()
        }
        known = [change for change in changes if change.key not in errors]
        joins = [Link(change.key, cohort, int(change.remote_id)) for change in known for cohort in change.values.get("add") or ()]
        parts = [Link(change.key, cohort, int(change.remote_id)) for change in known for cohort in change.values.get("remove") or ()]
        self._locate({link.cohort for link in parts} | ({link.cohort for link in joins} if self.makes_missing else set()))
        if self.makes_missing:
            refused = self._make({link.cohort for link in joins} - set(self.ids))
            errors |= {link.key: refused[link.cohort] for link in joins if link.cohort in refused}
            joins = [link for link in joins if link.cohort not in refused]
        self._send(joins, Sender(self._join), errors)
        parts = [link for link in parts if link.cohort in self.ids]  # nobody is in a cohort that is not there
        self._send(parts, Sender(self._part, knows_something=bool(joins)), errors)
        return [
            Receipt(change.key, error=errors[change.key]) if change.key in errors else Receipt(change.key, change.remote_id)
            for change in changes
        ]

    def _send(self, links: Sequence[Link], sender: Sender[Link, RollcallError | None], errors: dict[str, RollcallError]) -> None:
        for start in range(0, len(links), self.batch):
            batch = links[start : start + self.batch]
            for link, outcome in zip(batch, sender.each(batch), strict=True):
                if isinstance(outcome, RollcallError):
                    errors.setdefault(link.key, outcome)

    def _join(self, links: Sequence[Link]) -> list[RollcallError | None]:
        """Warnings do not say which row they mean, so a call that brought any is sent again row by row; joining twice does no harm."""
        failed = self._join_once(links)
        if failed is None or len(links) == 1:
            return [failed for _ in links]
        return [self._join_once([link]) for link in links]

    def _join_once(self, links: Sequence[Link]) -> RollcallError | None:
        members = [
            {"cohorttype": {"type": "idnumber", "value": link.cohort}, "usertype": {"type": "id", "value": link.user}} for link in links
        ]
        answer = self.site.call("core_cohort_add_cohort_members", {"members": members})
        warnings = answer.get("warnings") or [] if isinstance(answer, Mapping) else []
        failed = [warning for warning in warnings if str(warning.get("warningcode")) != IS_MEMBER_ALREADY]
        return TargetRefused(f"{failed[0].get('message') or failed[0]}"[:160], field="cohort") if failed else None

    def _part(self, links: Sequence[Link]) -> list[RollcallError | None]:
        members = [{"cohortid": self.ids[link.cohort], "userid": link.user} for link in links]
        self.site.call("core_cohort_delete_cohort_members", {"members": members})
        return [None for _ in links]

    def _locate(self, cohorts: Iterable[str]) -> None:
        """Learn the ids of these cohorts; those that are not there stay unknown."""
        for cohort in sorted(set(cohorts) - set(self.ids)):
            self._learn(cohort, until=cohort)

    def _learn(self, text: str, until: str = "") -> None:
        """Keep the ids of all cohorts that the search finds, page by page, or up to the one that is looked for."""
        for page in range(MOST_PAGES):
            found = self._search(text, page)
            self.ids |= {str(one["idnumber"]): int(one["id"]) for one in found if one.get("idnumber")}
            if len(found) < SEARCH_PAGE or (until and until in self.ids):
                return

    def _search(self, text: str, page: int) -> list[dict[str, Any]]:
        """`limitfrom` counts pages, whatever its name says (§3)."""
        where = {"contextlevel": "system", "instanceid": 0}
        arguments = {"query": text, "context": where, "includes": "all", "limitfrom": page, "limitnum": SEARCH_PAGE}
        answer = self.site.call("core_cohort_search_cohorts", arguments)
        return list(answer.get("cohorts") or []) if isinstance(answer, Mapping) else []

    def _make(self, cohorts: Iterable[str]) -> dict[str, RollcallError]:
        """Make these cohorts. Returns those that cannot be made, with Moodle's reason.

        Another worker may be making the same one at this moment: then Moodle refuses the whole call, and what is there by now is taken.
        """
        every = sorted(cohorts)
        refused: dict[str, RollcallError] = {}
        for start in range(0, len(every), self.batch):
            batch = every[start : start + self.batch]
            try:
                self._create(batch)
            except TargetRefused:
                self._locate(batch)
                refused |= self._one_by_one([one for one in batch if one not in self.ids])
        return refused

    def _one_by_one(self, cohorts: Sequence[str]) -> dict[str, RollcallError]:
        refused: dict[str, RollcallError] = {}
        for one in cohorts:
            try:
                self._create([one])
            except TargetRefused as error:
                self._locate([one])
                if one not in self.ids:
                    refused[one] = error
        return refused

    def _create(self, cohorts: Sequence[str]) -> None:
        made = [{"categorytype": {"type": "system", "value": ""}, "name": one, "idnumber": one} for one in cohorts]
        answer = self.site.call("core_cohort_create_cohorts", {"cohorts": made})
        self.ids |= {str(one["idnumber"]): int(one["id"]) for one in answer or []}

    # ── reading back ────────────────────────────────────────────────────────────────────────────────

    def memberships(self, asked: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
        """Account → those of the cohorts asked about that it is in. A cohort that is not there has no members.

        One search a prefix and page, and one call for every `batch` cohorts, whoever is asked about; each cohort is read once.
        """
        cohorts = sorted({cohort for some in asked.values() for cohort in some})
        if cohorts and not self.is_surveyed:
            for prefix in self.prefixes:
                self._learn(prefix)
            self.is_surveyed = True
        self._locate(one for one in cohorts if not one.startswith(tuple(self.prefixes)))  # from before the settings were changed
        self._read({self.ids[cohort] for cohort in cohorts if cohort in self.ids})
        return {
            account: {cohort for cohort in some if account.isdecimal() and self._is_member(cohort, int(account))}
            for account, some in asked.items()
        }

    def _read(self, wanted: Collection[int]) -> None:
        missing = sorted(set(wanted) - set(self.members))
        sender: Sender[int, array[int]] = Sender(self._members_of)
        for start in range(0, len(missing), self.batch):
            batch = missing[start : start + self.batch]
            for cohort, members in zip(batch, sender.each(batch), strict=True):
                if isinstance(members, RollcallError) and not isinstance(members, NotFound):
                    raise members
                self.members[cohort] = array("q") if isinstance(members, NotFound) else members  # deleted since it was found

    def _members_of(self, cohorts: Sequence[int]) -> list[array[int]]:
        answer = self.site.call("core_cohort_get_cohort_members", {"cohortids": cohorts})
        found = {int(one["cohortid"]): one["userids"] for one in answer} if isinstance(answer, list) else {}
        if not all(cohort in found for cohort in cohorts):
            raise UnexpectedAnswer(sentence("core_cohort_get_cohort_members did not answer for every cohort"))
        return [array("q", sorted(map(int, found[cohort]))) for cohort in cohorts]

    def _is_member(self, cohort: str, account: int) -> bool:
        members = self.members.get(self.ids.get(cohort, 0), array("q"))
        at = bisect_left(members, account)
        return at < len(members) and members[at] == account
