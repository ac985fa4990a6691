"""A mapping's life: draft, published, retired. A published version never changes; editing makes the next draft.

Publishing marks no record: a record knows the number of the mapping that translated it, and the next run translates again what an
older one made. Every function writes its entry in the audit trail, in the caller's transaction or its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Max

from config.audit.cause import because
from config.audit.chain import canonical
from config.audit.models import Cause, CauseKind
from config.audit.record import record
from config.errors import MappingInvalid, PlanStale
from config.roles.models import User
from config.say import neutral
from config.sentences import Sentence, sentence
from integrations.connectors.models import Connector
from integrations.mapping.models import Direction, FieldMapping, MappingState, MappingVersion, Route, Strength, ValueMap
from integrations.mapping.rows import RowLike, compile_row
from integrations.mapping.shapes import shape_of
from integrations.mapping.transforms import looked_into
from integrations.mapping.translate import attribute_for
from integrations.vendors import vendor_class

FIELDS = ("target", "source", "transforms", "condition", "required", "null_policy", "strength", "direction", "route")
OBJECT = "mapping"


def as_values(row: RowLike) -> dict[str, Any]:
    """A row as plain values: for the trail, for comparing and for copying."""
    values = {name: getattr(row, name) for name in FIELDS}
    return values | {"transforms": list(row.transforms), "direction": str(row.direction or Direction.IN), "route": str(row.route)}


def of_stream(connector: Connector, stream: str, state: str) -> MappingVersion | None:
    return MappingVersion.objects.filter(connector=connector, stream=stream, state=state).select_related("connector").first()


def install_default(
    connector: Connector, stream: str, rows: Sequence[RowLike], author: User | None = None, *, now: datetime | None = None
) -> MappingVersion:
    """The vendor's own mapping as the first published version, and the empty value maps it looks into. Nothing where one is published."""
    direction = Direction.OUT if shape_of(connector.vendor, stream).is_out else Direction.IN
    with transaction.atomic():
        _locked(connector)
        standing = of_stream(connector, stream, MappingState.PUBLISHED)
        if standing is not None:
            return standing
        cause = because(
            CauseKind.SETTING, sentence("Default mapping of %(name)s, %(stream)s", name=connector.name, stream=stream), actor=author
        )
        version = _new(connector, stream, author, cause.at)
        _write(version, ({**as_values(row), "direction": direction} for row in rows))
        for key in sorted(_lookups(rows)):
            ValueMap.objects.get_or_create(key=key, defaults={"name": key.replace("-", " ").replace("_", " ").capitalize()[:100]})
        _put_in_force(version, sentence("Default"), cause, now or cause.at)
    return version


def draft(connector: Connector, stream: str, author: User | None) -> MappingVersion:
    """The draft being worked on; a copy of the published version where there is none yet."""
    with transaction.atomic():
        _locked(connector)
        found = of_stream(connector, stream, MappingState.DRAFT)
        if found is not None:
            return found
        cause = because(
            CauseKind.SETTING, sentence("Draft of %(name)s, %(stream)s begun", name=connector.name, stream=stream), actor=author
        )
        version = _new(connector, stream, author, cause.at)
        standing = of_stream(connector, stream, MappingState.PUBLISHED)
        _write(version, map(as_values, standing.rows.all()) if standing else ())
        record(cause, "mapping.draft_begun", OBJECT, version.pk, after={"number": version.number}, label=str(version))
    return version


def no_longer_filled(connector: Connector, stream: str) -> list[str]:
    """Fields of a target that an earlier version in force wrote and the present one does not. Two queries.

    Without those the system itself cannot do without (the vendor's own mapping requires them).
    """
    rows = FieldMapping.objects.filter(mapping__connector=connector, mapping__stream=stream, mapping__published_at__isnull=False)
    written = rows.exclude(direction=Direction.NEVER).exclude(strength=Strength.SUGGEST)
    now = written.filter(mapping__state=MappingState.PUBLISHED).values_list("target", flat=True)
    needed = {row.target for row in vendor_class(connector.vendor).default_mapping.get(stream, ()) if row.required}
    return sorted(set(written.values_list("target", flat=True)) - set(now) - needed)


def fingerprint(version: MappingVersion) -> str:
    """What somebody saw when they began to edit; changes with every row."""
    return sha256(canonical([as_values(row) for row in version.rows.all()])).hexdigest()[:16]


def save_draft(version: MappingVersion, rows: Iterable[dict[str, Any]], author: User, *, seen: str = "") -> MappingVersion:
    """Replace all rows of a draft. Raises MappingInvalid for a version that is none: published rows never change.

    `seen`: the fingerprint the author's edit began from. Raises PlanStale when somebody else saved in between.
    """
    with transaction.atomic():
        cause = because(CauseKind.SETTING, sentence("Draft of %(mapping)s changed", mapping=str(version)), actor=author)
        locked = _locked_draft(version)
        if seen and seen != fingerprint(locked):
            raise PlanStale(sentence("somebody else changed this draft in the meantime; open it again and repeat your change"))
        before = [as_values(row) for row in locked.rows.all()]
        locked.rows.all().delete()
        _write(locked, rows)
        locked.author = author
        locked.save(update_fields=["author"])
        after = [as_values(row) for row in locked.rows.all()]
        if before != after:
            record(cause, "mapping.draft_saved", OBJECT, version.pk, before=before, after=after, label=str(version))
    return locked


def discard(version: MappingVersion, author: User) -> None:
    """Throw a draft away."""
    with transaction.atomic():
        cause = because(CauseKind.SETTING, sentence("Draft of %(mapping)s thrown away", mapping=str(version)), actor=author)
        locked = _locked_draft(version)
        record(
            cause, "mapping.draft_discarded", OBJECT, version.pk, before=[as_values(row) for row in locked.rows.all()], label=str(version)
        )
        locked.delete()


def restore(old: MappingVersion, author: User | None, cause: Cause) -> MappingVersion:
    """A draft with the rows of an earlier version; what stood in the draft is replaced. It is not in force before it is published."""
    target = draft(old.connector, old.stream, author)
    before = [as_values(row) for row in target.rows.all()]
    target.rows.all().delete()
    _write(target, map(as_values, old.rows.all()))
    after = [as_values(row) for row in target.rows.all()]
    record(cause, "mapping.restored", OBJECT, target.pk, before=before, after=after, label=f"{target} from v{old.number}")
    return target


def publish(version: MappingVersion, note: str, cause: Cause, now: datetime) -> MappingVersion:
    """Put a draft in force; the version before retires. Raises MappingInvalid with everything that is wrong."""
    locked = _locked_draft(version)
    wrong = problems(locked)
    if wrong:
        raise MappingInvalid(sentence("%(problems)s", problems=[Sentence(error.detail) for error in wrong]), field=wrong[0].field)
    return _put_in_force(locked, note, cause, now)


def problems(version: MappingVersion) -> list[MappingInvalid]:
    """Why this version cannot be published: rows that cannot be read, attributes that must be filled, value maps that do not exist."""
    shape, rows = shape_of(version.connector.vendor, version.stream), list(version.rows.all())
    found = [error for row in rows if (error := row_problem(row, version))]
    filled = {row.target for row in rows}
    for key in shape.needed:
        if key not in filled:
            found.append(MappingInvalid(sentence("nothing fills %(label)s", label=neutral(shape.attributes[key].label)), field=key))
    known = set(ValueMap.objects.values_list("key", flat=True))
    for row in rows:
        for key in sorted(_lookups([row]) - known):
            found.append(
                MappingInvalid(sentence("%(target)s: there is no value map “%(key)s”", target=row.target, key=key), field=row.target)
            )
    return found


def row_problem(row: RowLike, version: MappingVersion) -> MappingInvalid | None:
    """What is wrong with one row, or None. A row for the other direction is wrong too."""
    shape = shape_of(version.connector.vendor, version.stream)
    direction = row.direction
    try:
        compile_row(row, attribute_for(row.target, shape))
    except MappingInvalid as error:
        return error
    if shape.is_out and direction == Direction.IN:
        return MappingInvalid(sentence("%(target)s: a mapping to a target has no rows into Rollcall", target=row.target), field=row.target)
    if not shape.is_out and row.route != Route.AT_ONCE:
        return MappingInvalid(sentence("%(target)s: only what goes to a target can wait", target=row.target), field=row.target)
    if not shape.is_out and direction == Direction.OUT:
        return MappingInvalid(sentence("%(target)s: a mapping of a source has no rows to the target", target=row.target), field=row.target)
    return None


def _lookups(rows: Iterable[RowLike]) -> set[str]:
    return {key for row in rows for spec in row.transforms if (key := looked_into(spec)) is not None}


def _locked(connector: Connector) -> None:
    """Two people at once: the second waits, and finds what the first made."""
    Connector.objects.select_for_update(no_key=True).get(pk=connector.pk)


def _new(connector: Connector, stream: str, author: User | None, now: datetime) -> MappingVersion:
    last = MappingVersion.objects.filter(connector=connector, stream=stream).aggregate(last=Max("number"))["last"] or 0
    return MappingVersion.objects.create(connector=connector, stream=stream, number=last + 1, author=author, created_at=now)


def _write(version: MappingVersion, rows: Iterable[dict[str, Any]]) -> None:
    FieldMapping.objects.bulk_create(FieldMapping(mapping=version, position=position, **values) for position, values in enumerate(rows))


def _locked_draft(version: MappingVersion) -> MappingVersion:
    locked = MappingVersion.objects.select_for_update(of=("self",)).select_related("connector").get(pk=version.pk)
    if locked.state != MappingState.DRAFT:
        raise MappingInvalid(
            sentence(
                "version %(number)s is %(state)s: only a draft can be changed",
                number=locked.number,
                state=neutral(MappingState(locked.state).label),
            )
        )
    return locked


def _put_in_force(version: MappingVersion, note: str, cause: Cause, now: datetime) -> MappingVersion:
    standing = of_stream(version.connector, version.stream, MappingState.PUBLISHED)
    if standing is not None:
        MappingVersion.objects.filter(pk=standing.pk).update(state=MappingState.RETIRED)
    version.state, version.note, version.published_at = MappingState.PUBLISHED, note[:300], now
    version.save(update_fields=["state", "note", "published_at"])
    after = {"number": version.number, "rows": [as_values(row) for row in version.rows.all()]}
    before = {"number": standing.number} if standing else None
    record(cause, "mapping.published", OBJECT, version.pk, before=before, after=after, label=str(version))
    return version
