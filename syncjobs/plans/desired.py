"""What a target should hold for one person. Pure: person and policy in, account out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.sentences import Sentence, sentence
from syncjobs.plans.fields import changed
from syncjobs.plans.routes import NIGHT_HOUR

ACTIVE, SUSPENDED, NONE = "active", "suspended", "none"


@dataclass(frozen=True)
class TargetPolicy:
    """What was chosen for this target. `before_start`: none (account on day one) or suspended (made early, closed).

    `nightly_hour`: the hour, where the organisation is, at which changes go that wait for the night.
    """

    before_start: str = NONE
    on_leave: str = ACTIVE
    nightly_hour: int = NIGHT_HOUR

    @classmethod
    def of(cls, policy: Mapping[str, Any], settings: Mapping[str, Any]) -> TargetPolicy:
        """From the connector's policy; its form's own answer to "people who start later" counts where it has one."""
        early = str(policy.get("before_start", NONE))
        if settings.get("preboarding"):
            early = SUSPENDED if settings["preboarding"] == "create_suspended" else NONE
        hour = int(policy.get("nightly_hour", NIGHT_HOUR))
        return cls(before_start=early, on_leave=str(policy.get("on_leave", ACTIVE)), nightly_hour=hour % 24)


def account_state(standing: str, has_account: bool, policy: TargetPolicy) -> str:
    """Which account the standing calls for. A leaver keeps a suspended one (never deleted, D9) and gets none anew."""
    if standing == "active":
        return ACTIVE
    if standing == "on_leave":
        return policy.on_leave if has_account or policy.on_leave == ACTIVE else NONE
    if standing == "before":
        return SUSPENDED if has_account else policy.before_start
    return SUSPENDED if has_account else NONE


@dataclass(frozen=True)
class Account:
    """A planned change of one account: kind, why, and what differs (`before` is empty for a create)."""

    kind: str
    reason_code: str
    reason: Sentence
    before: dict[str, Any]
    after: dict[str, Any]


REHIRED = sentence("back again: the same account is opened")
WHY = {
    "employed": ("employed", sentence("employed, has no account yet")),
    "on_leave": ("on_leave", sentence("on leave keeps access")),
    "starts_later": ("pre_boarding", sentence("starts soon: account made and closed until then")),
}


def account_change(
    desired: Mapping[str, Any], state: str, recorded: Mapping[str, Any] | None, *, why_code: str, why: Sentence, was_left: bool
) -> Account | None:
    """Desired minus recorded. `recorded` is what the target holds as far as we know, None when there is no account."""
    if recorded is None:
        if state == NONE:
            return None
        code, reason = WHY.get(why_code, (why_code, why))
        there = {key: value for key, value in desired.items() if value is not None}
        return Account("create", code, reason, {}, {**there, "suspended": state == SUSPENDED})
    is_suspended = bool(recorded.get("suspended"))
    if state in (SUSPENDED, NONE):
        if is_suspended:
            return None
        return Account("deactivate", why_code, why, {"suspended": False}, {"suspended": True})
    after = {key: value for key, value in desired.items() if _differs(value, recorded.get(key))}
    before = {key: recorded.get(key) for key in after}
    if is_suspended:
        code, reason = ("rehired", REHIRED) if was_left else ("returns", sentence("%(why)s: the account is opened", why=why))
        return Account("reactivate", code, reason, {**before, "suspended": True}, {**after, "suspended": False})
    if not after:
        return None
    fields = tuple(sorted(after))
    return Account("update", "changed:" + "+".join(fields)[:30], changed(fields), before, after)


def by_strength(desired: Mapping[str, Any], held: Mapping[str, Any], strengths: Mapping[str, str]) -> dict[str, Any]:
    """What may be written by itself: a row that only fills what is empty leaves a value alone, one that only suggests writes none."""
    return {
        key: value
        for key, value in desired.items()
        if (strength := strengths.get(key, "always")) == "always" or (strength == "fill_if_empty" and not held.get(key))
    }


def _differs(wanted: Any, held: Any) -> bool:
    """Empty and absent are the same to a learning system."""
    return (wanted or None) != (held or None)
