"""The rows as they stand in the editor, saved or not, over one real record: every step, what comes out, what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from config import clock
from config.errors import MappingInvalid
from config.roles.masking import Sight
from config.say import said
from integrations.canonical import Attribute
from integrations.mapping.models import FieldMapping, MappingVersion
from integrations.mapping.pages.forms import display
from integrations.mapping.pages.sample import OUT_ONLY, as_person
from integrations.mapping.rows import Row, compile_row
from integrations.mapping.shapes import Shape
from integrations.mapping.trace import RowTrace, trace
from integrations.mapping.translate import Mapping, attribute_for, compile_version
from integrations.mapping.value_maps import ValueMaps
from integrations.mapping.versions import as_values
from integrations.records.models import SourceRecord

# state of a row → colour, sign and word on the page
STATES: dict[str, tuple[str, str]] = {
    "ok": ("ok", "●"),
    "empty": ("idle", "○"),
    "skipped": ("idle", "–"),
    "unmapped": ("warn", "!"),
    "error": ("bad", "×"),
}


@dataclass(slots=True)
class Line:
    """One row as the page shows it: everything is text already, masked where it must be."""

    label: str
    tone: str
    sign: str
    word: str
    path: str = ""
    raw: str = ""
    steps: list[tuple[str, str]] = field(default_factory=list)
    result: str = ""
    message: str = ""
    stands: bool = False


@dataclass(slots=True)
class Preview:
    record: SourceRecord | None
    lines: list[Line] = field(default_factory=list)
    filled: int = 0
    wrong: int = 0


def words() -> dict[str, str]:
    return {"ok": _("filled"), "empty": _("empty"), "skipped": _("does not apply"), "unmapped": _("no name yet"), "error": _("wrong")}


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks at what: the attributes there are, what this reader may see, and the version in force."""

    shape: Shape
    sight: Sight
    standing: MappingVersion | None


def preview(rows: Sequence[FieldMapping], record: SourceRecord | None, look: Look, broken: Sequence[Line] = ()) -> Preview:
    """What `rows` make of `record`; `broken` are rows that cannot even be read. Two queries when a row looks something up.

    Somebody who may not see personal data sees values only of rows that are in force unchanged and fill nothing personal:
    otherwise they could point a harmless attribute at any field.
    """
    compiled: list[Row | Line] = [_compiled(row, look.shape) for row in rows]
    result = Preview(record, [*broken, *(line for line in compiled if isinstance(line, Line))])
    result.wrong = len(result.lines)
    if record is None:
        return result
    mapping = Mapping(row for row in compiled if isinstance(row, Row))
    open_to_all = _in_force(look)
    unkept = _unkept(mapping, look)
    by_target = {row.target: as_values(row) for row in rows}
    payload, previous = (as_person(record.values), {}) if look.shape.is_out else (record.payload, record.values)
    of_persons = {row.target for row in mapping.rows if look.shape.is_out and row.roots & set(OUT_ONLY)}
    for seen in trace(mapping, payload, ValueMaps.load(mapping.lookups), clock.today(), previous):
        is_shown = look.sight.is_full or open_to_all.get(seen.target) == by_target[seen.target]
        line = _line(seen, look, is_shown)
        if seen.target in unkept and not line.raw:
            line.message = _("Not kept until now: after publishing, the next run reads everything again and brings it.")
        if seen.target in of_persons and not line.message:
            line.message = _("Made when the account is planned; here an example.")
        result.lines.append(line)
        result.filled += seen.state == "ok"
        result.wrong += seen.state == "error"
    return result


def _unkept(mapping: Mapping, look: Look) -> set[str]:
    """Attributes whose rows read a field that the version in force does not, so that no stored record has it."""
    if look.standing is None or look.shape.is_out:
        return set()
    kept = compile_version(look.standing).roots
    return {row.target for row in mapping.rows if row.roots - kept}


def named(target: str, shape: Shape) -> str:
    """What an attribute is called; as it was typed where there is none of that key."""
    known = shape.attributes.get(target)
    return _(known.label) if known else target


def broken_line(label: str, path: str, message: str) -> Line:
    return Line(label, *STATES["error"], words()["error"], path=path, message=message)


def _compiled(row: FieldMapping, shape: Shape) -> Row | Line:
    try:
        return compile_row(row, attribute_for(row.target, shape))
    except MappingInvalid as error:
        return broken_line(named(row.target, shape), row.source, said(error.detail))


def _in_force(look: Look) -> dict[str, Any]:
    """Published rows of attributes that are not personal."""
    if look.standing is None or look.shape.is_out:
        return {}
    return {row.target: as_values(row) for row in look.standing.rows.all() if not _is_personal(look.shape.attributes.get(row.target))}


def _is_personal(attribute: Attribute | None) -> bool:
    return attribute is None or attribute.personal


def _line(seen: RowTrace, look: Look, is_shown: bool) -> Line:
    attribute = look.shape.attributes.get(seen.target)
    kind = attribute.type if attribute else "text"

    def show(value: Any) -> str:
        return display(value if is_shown else look.sight.value(value, kind))

    return Line(
        _(seen.label),
        *STATES[seen.state],
        words()[seen.state],
        path=seen.path,
        raw=show(seen.raw),
        steps=[(spec, show(value)) for spec, value in seen.steps],
        result=show(seen.result),
        message=_said(seen) if is_shown else said(seen.sentence),
        stands=seen.stands,
    )


def _said(seen: RowTrace) -> str:
    return _("“%s” waits for a name in its value map") % seen.message if seen.state == "unmapped" else said(seen.message)
