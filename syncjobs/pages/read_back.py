"""What reading back a write showed, in words: equal, or which field is otherwise, or what the system does not tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.roles.masking import Sight
from config.templatetags.rollcall import number
from identity.people.models import Person
from integrations.outbound.models import Delivery
from integrations.vendors import all_vendors, vendor_class
from syncjobs.explain.values import field_label
from syncjobs.plans.fields import OPEN_FIELDS
from syncjobs.runs.models import SyncRun

MOST_SHOWN = 20  # of one run; the person's own page has all of theirs


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that was not as written when it was read back, ready to read."""

    field: str
    label: str
    written: str
    there: str


@dataclass(frozen=True, slots=True)
class Differing:
    """One write of a run of which something was otherwise."""

    delivery: int
    who: str
    differences: list[Difference]


def differences(read_back: Mapping[str, Any] | None, sight: Sight) -> list[Difference]:
    found = (read_back or {}).get("differs", {})
    return [Difference(key, field_label(key), shown(key, was, sight), shown(key, there, sight)) for key, (was, there) in found.items()]


def unshown(read_back: Mapping[str, Any] | None) -> list[str]:
    """Fields of a write of which the system told nothing."""
    return [field_label(key) for key in (read_back or {}).get("unshown", ())]


def shown(key: str, value: Any, sight: Sight) -> str:
    """One value of an account, masked like all fields of another system unless it tells nothing personal."""
    if key == "suspended":
        return _("closed") if value in (True, "True", "true", 1, "1") else _("open")
    if value in (None, "", [], {}):
        return _("nothing")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value if key in OPEN_FIELDS else sight.value(value))


def is_never_shown(row: Delivery) -> bool:
    """Whether the vendor declares that it has no way of showing what this write did."""
    return any(target.name == row.target and row.operation in target.unseen for target in vendor_class(row.connector.vendor).targets)


def is_ever_shown(operation: str) -> bool:
    """Whether any learning system we know of can show what this operation wrote."""
    targets = [target for vendor in all_vendors().values() for target in vendor.targets if operation in target.operations]
    return not targets or any(operation not in target.unseen for target in targets)


def of_run(run: SyncRun) -> list[str]:
    """What reading back showed in all, a sentence each. Counts of the run: no query."""
    counted = run.counts.get("read_back", {})
    said = []
    if run.counts.get("differ"):
        n = run.counts["differ"]
        text = ngettext(
            "%(n)s account was not as written when it was read back: %(fields)s.",
            "%(n)s accounts were not as written when they were read back: %(fields)s.",
            n,
        )
        said.append(text % {"n": number(n), "fields": _listed(counted, "differs:")})
    if counted.get("absent"):
        n = counted["absent"]
        text = ngettext("%(n)s account did not come back when it was read.", "%(n)s accounts did not come back when they were read.", n)
        said.append(text % {"n": number(n)})
    hidden = _listed(counted, "unshown:")
    if hidden:
        said.append(_("Written, but not shown by the system, so not called read back: %(fields)s.") % {"fields": hidden})
    if run.counts.get("groups_refused"):
        said.append(_("The groups could not be read back: the key lacks the right to. “Test connection” names it."))
    return said


def _listed(counted: Mapping[str, int], kind: str) -> str:
    """“Groups 2, Location 1”."""
    found = sorted(((n, key.removeprefix(kind)) for key, n in counted.items() if key.startswith(kind)), key=lambda one: (-one[0], one[1]))
    return ", ".join(f"{field_label(key)} {number(n)}" for n, key in found)


def differing(run: SyncRun, sight: Sight) -> list[Differing]:
    """The first writes of this run of which something was otherwise. Two queries, and none where nothing was."""
    if not run.counts.get("differ"):
        return []
    rows = Delivery.objects.filter(cause=run.cause_id, read_back__differs__isnull=False).order_by("pk")[:MOST_SHOWN]
    found = list(rows.values_list("pk", "subject_id", "read_back"))
    names = dict(Person.objects.filter(pk__in={person for _pk, person, _said in found}).values_list("pk", "display_name"))
    return [Differing(pk, sight.name(names.get(person, "")), differences(said, sight)) for pk, person, said in found]


def standing(readings: Iterable[Mapping[str, Any]], held: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """(differences, fields not shown) of one account, from what reading back showed of its writes, newest first.

    A difference is over as soon as the account is recorded otherwise: it was written again, and that was received.
    """
    differs: dict[str, Any] = {}
    hidden: dict[str, None] = {}
    for reading in readings:
        for key, pair in reading.get("differs", {}).items():
            if key not in differs and (held.get(key) or "") == (pair[1] or ""):
                differs[key] = pair
        hidden |= dict.fromkeys(reading.get("unshown", ()))
    return differs, list(hidden)
