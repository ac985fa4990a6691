"""Make, change, suspend and reinstate accounts. Never delete: Moodle would rename the account and never give its id back (§2).

Source: docs/vendors/moodle.md §2, §6, §7.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.errors import AlreadyExists, NotFound, Reconnect, RetryLater, RollcallError, TargetRefused, UnexpectedAnswer
from config.sentences import sentence
from integrations.vendors.base import Change, Receipt
from integrations.vendors.moodle.batches import Sender, batches
from integrations.vendors.moodle.fields import Rules, account
from integrations.vendors.moodle.search import folded, users_by
from integrations.vendors.moodle.site import CONTROL_FIELDS, Site, by_code, encode

UNIQUE = ("username", "email", "idnumber")  # by which an account may be found to be there already
ALREADY_MADE = sentence("This account was there already, with the same idnumber.")


@dataclass(frozen=True)
class Terms:
    """The settings as the writing uses them. `most_fields` is PHP's max_input_vars."""

    auth: str
    creates_password: bool
    batch: int
    most_fields: int
    rules: Rules


@dataclass(slots=True)
class Row:
    """One change on its way. `fields` is what the call carries; `suspends` is wanted after a create, which cannot say it itself."""

    key: str
    fields: dict[str, Any]
    warnings: list[str]
    suspends: bool = False


Receipts = dict[str, Receipt]
Outcomes = list[tuple[Row, Any]]


class Accounts:
    """Each verb takes changes of its kind and gives a receipt for each, in order.

    Raises RetryLater or Reconnect as long as nothing was written.
    """

    def __init__(self, site: Site, terms: Terms) -> None:
        self.site = site
        self.terms = terms

    def create(self, changes: Sequence[Change]) -> list[Receipt]:
        """New accounts. One that carries the change's idnumber already is taken as made, unless it is visibly someone else's.

        That is what makes a lost answer harmless: whoever sends a create again finds what the first try made.
        """
        receipts, rows = prepared(changes, self._new)
        left = self._adopt(rows, receipts)
        outcomes = self._send(left, self._send_new)
        for row, outcome in outcomes:
            if isinstance(outcome, str):
                state = {"id": int(outcome), "username": row.fields["username"]}
                receipts[row.key] = Receipt(row.key, outcome, state, warnings=row.warnings)
        self._classify(outcomes, receipts)
        self._suspend_new(rows, receipts)
        return [receipts[change.key] for change in changes]

    def update(self, changes: Sequence[Change]) -> list[Receipt]:
        return self._change(changes, lambda change: self._known(change, change.values))

    def deactivate(self, changes: Sequence[Change]) -> list[Receipt]:
        """Suspend, which also ends the sessions. Other values are not sent: a bad one must not keep somebody's account open."""
        return self._change(changes, lambda change: self._known(change, {"suspended": True}))

    def reactivate(self, changes: Sequence[Change]) -> list[Receipt]:
        return self._change(changes, lambda change: self._known(change, {**change.values, "suspended": False}))

    def write_profile(self, changes: Sequence[Change], values: Callable[[Change], Mapping[str, Any]]) -> list[Receipt]:
        """An update with values made from the change (the manager, for one)."""
        return self._change(changes, lambda change: self._known(change, values(change)))

    # ── from a change to what the call carries ──────────────────────────────────────────────────────

    def _new(self, change: Change) -> Row:
        values = dict(change.values)
        suspends = is_true(values.pop("suspended", False))
        made = account({"auth": self.terms.auth, **values}, self.terms.rules, is_new=True)
        if "idnumber" not in made.fields:
            raise TargetRefused(
                sentence("idnumber is empty: without it a create that is sent twice would make two accounts"), field="idnumber"
            )
        if self.terms.creates_password and made.fields["auth"] == self.terms.auth:
            made.fields["createpassword"] = True
        return Row(change.key, made.fields, made.warnings, suspends)

    def _known(self, change: Change, values: Mapping[str, Any]) -> Row:
        if not change.remote_id.isdecimal():
            raise NotFound(sentence("there is no Moodle id to change"))
        given = dict(values)
        suspended = given.pop("suspended", None)
        made = account(given, self.terms.rules, is_new=False)
        fields: dict[str, Any] = {"id": int(change.remote_id), **made.fields}
        if suspended is not None:
            fields["suspended"] = is_true(suspended)
        return Row(change.key, fields, made.warnings)

    # ── create ──────────────────────────────────────────────────────────────────────────────────────

    def _adopt(self, rows: Sequence[Row], receipts: Receipts) -> list[Row]:
        """Settle the rows whose idnumber is there already. → the rows that still have to be made."""
        there = users_by(self.site, "idnumber", [row.fields["idnumber"] for row in rows])
        left: list[Row] = []
        for row in rows:
            hits = there[row.fields["idnumber"]]
            if not hits:
                left.append(row)
            elif len(hits) == 1 and may_be(hits[0], row.fields):
                receipts[row.key] = Receipt(row.key, str(hits[0]["id"]), hits[0], warnings=[*row.warnings, ALREADY_MADE])
            else:
                receipts[row.key] = Receipt(row.key, error=carried({"idnumber": [str(hit["id"]) for hit in hits]}))
        return left

    def _send_new(self, rows: Sequence[Row]) -> list[str]:
        answer = self.site.call("core_user_create_users", {"users": [row.fields for row in rows]})
        ids = {str(made.get("username")): str(made.get("id")) for made in answer} if isinstance(answer, list) else {}
        if not all(row.fields["username"] in ids for row in rows):
            raise UnexpectedAnswer(sentence("core_user_create_users did not name every account it made"))
        return [ids[row.fields["username"]] for row in rows]

    def _suspend_new(self, rows: Sequence[Row], receipts: Receipts) -> None:
        """A create cannot say "suspended": a second call does. If it fails, the change is to be sent again and finds its account."""
        wanted = [row for row in rows if row.suspends and receipts[row.key].error is None]
        wanted = [row for row in wanted if not is_true(receipts[row.key].state.get("suspended", False))]
        second = [Row(row.key, {"id": int(receipts[row.key].remote_id), "suspended": True}, []) for row in wanted]
        try:
            outcomes = self._send(second, self._send_known)
        except (RetryLater, Reconnect) as error:
            outcomes = [(row, error) for row in second]
        for row, outcome in outcomes:
            if isinstance(outcome, RollcallError):
                receipts[row.key] = Receipt(row.key, error=outcome)
            else:
                receipts[row.key].state["suspended"] = True

    # ── change ──────────────────────────────────────────────────────────────────────────────────────

    def _change(self, changes: Sequence[Change], make: Callable[[Change], Row]) -> list[Receipt]:
        receipts, rows = prepared(changes, make)
        for row in rows:
            receipts[row.key] = Receipt(row.key, str(row.fields["id"]), warnings=row.warnings)
        outcomes = self._send([row for row in rows if len(row.fields) > 1], self._send_known)
        self._classify(outcomes, receipts)
        return [receipts[change.key] for change in changes]

    def _send_known(self, rows: Sequence[Row]) -> list[RollcallError | None]:
        """Since 4.0 failed rows come back as warnings and the others are saved; before, null says that all were (§7)."""
        answer = self.site.call("core_user_update_users", {"users": [row.fields for row in rows]})
        warnings = answer.get("warnings") or [] if isinstance(answer, Mapping) else []
        if answer is not None and not isinstance(answer, Mapping):
            raise UnexpectedAnswer(sentence("core_user_update_users answered with neither null nor warnings"))
        failed = {int(warning.get("itemid") or 0): warning for warning in warnings}
        return [explained(failed[row.fields["id"]]) if row.fields["id"] in failed else None for row in rows]

    # ── both ────────────────────────────────────────────────────────────────────────────────────────

    def _send(self, rows: Sequence[Row], send: Callable[[Sequence[Row]], Sequence[Any]]) -> Outcomes:
        sender: Sender[Row, Any] = Sender(send)
        most_fields = self.terms.most_fields - CONTROL_FIELDS
        stretches = batches(rows, self.terms.batch, most_fields, lambda row: sum(1 for _ in encode(row.fields, "users[00]")))
        return [(row, outcome) for batch in stretches for row, outcome in zip(batch, sender.each(batch), strict=True)]

    def _classify(self, outcomes: Outcomes, receipts: Receipts) -> None:
        """Give every refused row its error. Moodle says the same of every refusal, so who holds the values is looked up."""
        refused = [(row, outcome) for row, outcome in outcomes if isinstance(outcome, RollcallError)]
        holders: dict[str, dict[str, list[str]]] = defaultdict(dict)
        for name in UNIQUE:
            asked = [row for row, error in refused if name in row.fields and not isinstance(error, (RetryLater, Reconnect, NotFound))]
            try:
                there = users_by(self.site, name, [row.fields[name] for row in asked]) if asked else {}
            except (RetryLater, Reconnect):
                break  # then the refusal stands as Moodle put it
            for row in asked:
                others = [str(hit["id"]) for hit in there[row.fields[name]] if hit["id"] != row.fields.get("id")]
                if others:
                    holders[row.key][name] = others
        for row, error in refused:
            said = carried(holders[row.key]) if row.key in holders else error
            receipts[row.key] = Receipt(row.key, error=said, warnings=row.warnings)


def carried(holders: Mapping[str, Sequence[str]]) -> AlreadyExists:
    """The refusal of values that other accounts have: field → their ids. Each of them can be asked about."""
    told = [sentence("%(name)s is carried by account %(others)s", name=name, others=list(ids)) for name, ids in holders.items()]
    error = AlreadyExists(told[0] if len(told) == 1 else sentence("%(problems)s", problems=told), field=next(iter(holders)))
    error.remote_ids = tuple(dict.fromkeys(remote_id for ids in holders.values() for remote_id in ids))
    return error


def prepared(changes: Sequence[Change], make: Callable[[Change], Row]) -> tuple[Receipts, list[Row]]:
    """The rows that can be sent, and a receipt for each change that cannot."""
    receipts: Receipts = {}
    rows: list[Row] = []
    for change in changes:
        try:
            rows.append(make(change))
        except (TargetRefused, NotFound) as error:
            receipts[change.key] = Receipt(change.key, error=error)
    return receipts, rows


def may_be(user: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    """Whether an account with our idnumber is the one we wanted to make: by user name or address, or because neither may be seen."""
    seen = [name for name in ("username", "email") if user.get(name)]
    return not seen or any(folded(name, str(user[name])) == folded(name, fields[name]) for name in seen)


def explained(warning: Mapping[str, Any]) -> RollcallError:
    code = str(warning.get("warningcode") or "")
    return by_code(code, f"{code} {warning.get('message') or ''}".strip())


def is_true(value: Any) -> bool:
    return value in (True, 1, "1", "true", "True")
