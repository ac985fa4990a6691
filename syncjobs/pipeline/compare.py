"""What reading an account back shows: what is recorded against what is there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FIELDS = {"cohorts": "cohorts", "set_manager": "manager", "deactivate": "suspended"}  # of operations that do not name them in their values
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """One account. `differs`: field → (as recorded, as it is there). `unshown`: nothing there tells whether the field is as recorded."""

    differs: dict[str, tuple[Any, Any]]
    unshown: frozenset[str]


def compared(recorded: Values, there: Values, watched: Collection[str], shown: Collection[str]) -> Compared:
    """`watched` are the fields we write; a learning system also keeps others, such as the last visit.

    Learning systems leave out what is empty, and also what the reader may not see. So a field that is missing here but `shown` for
    somebody else was emptied; one that is shown for nobody tells nothing.
    """
    differs: dict[str, tuple[Any, Any]] = {}
    unshown: set[str] = set()
    for key in sorted(recorded.keys() & watched):
        if key in there:
            if not is_same(recorded[key], there[key]):
                differs[key] = (recorded[key], there[key])
        elif not is_same(recorded[key], None):
            if key in shown:
                differs[key] = (recorded[key], [] if isinstance(recorded[key], list) else "")
            else:
                unshown.add(key)
    return Compared(differs, frozenset(unshown))


def is_same(recorded: Any, there: Any) -> bool:
    """Empty and absent are one; the order of groups says nothing."""
    if isinstance(recorded, list) or isinstance(there, list):
        return sorted(map(str, recorded or ())) == sorted(map(str, there or ()))
    return str(recorded or "") == str(there or "")


def fields_of(operation: str, values: Values) -> frozenset[str]:
    """The fields of the account that a write carries."""
    return frozenset((FIELDS[operation],)) if operation in FIELDS else frozenset(values)


def findings(writes: Sequence[tuple[int, Collection[str]]], account: Compared, unseen: Iterable[str]) -> dict[int, dict[str, Any]]:
    """Write → what reading back showed of it, as it is stored; an empty one is equal.

    `writes` are (id, fields) of one account, oldest first. What differs without any of them having carried it (somebody changed it
    by hand) stands with the last one. `unseen` fields were declared by the vendor as never shown.
    """
    carried = {field for _pk, fields in writes for field in fields}
    found: dict[int, dict[str, Any]] = {}
    for place, (pk, fields) in enumerate(writes, 1):
        beyond = account.differs.keys() - carried if place == len(writes) else set()
        differs = {field: list(pair) for field, pair in account.differs.items() if field in fields or field in beyond}
        unshown = sorted((account.unshown | set(unseen)) & set(fields))
        found[pk] = {name: value for name, value in (("differs", differs), ("unshown", unshown)) if value}
    return found


def is_equal(finding: Values, fields: Collection[str]) -> bool:
    """Whether the write may be called read back and equal: nothing differs, and something of it was shown."""
    return not finding.get("differs") and not finding.get("absent") and set(finding.get("unshown", ())) != set(fields)
