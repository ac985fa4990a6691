"""Value maps as CSV files: code, name, valid_from, valid_until. What goes out comes in again unchanged.

A cell that a spreadsheet would take for a formula gets an apostrophe in front on the way out, and loses it on the way in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import tablib
from import_export import fields, resources, widgets
from import_export.instance_loaders import BaseInstanceLoader
from tablib.exceptions import InvalidDimensions, UnsupportedFormat

from config.audit.models import Cause
from config.audit.record import record
from config.errors import FileUnreadable, RollcallError
from config.sentences import sentence
from integrations.mapping.models import ValueMap, ValueMapRow
from integrations.mapping.value_map_rows import OBJECT, RowValues, changed, count_using, values_of
from integrations.mapping.value_maps import fold

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what Excel, LibreOffice and Google Sheets begin a formula with
MOST_BYTES = 10_000_000
MOST_ROWS = 100_000
Key = tuple[str, date | None]  # the folded code, and from when
COLUMNS = ("code", "name", "valid_from", "valid_until")
# Files come from anywhere: headings people and other tools write for the same thing.
ALIASES = {
    "source": "code",
    "key": "code",
    "value": "code",
    "target": "name",
    "label": "name",
    "from": "valid_from",
    "until": "valid_until",
}


def guarded(cell: str) -> str:
    """The cell as it may stand in a file: never the beginning of a formula, and never mistaken for one that was guarded."""
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA) else cell


class GuardedText(widgets.CharWidget):
    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return guarded(str(value or ""))

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return unguarded(str(value or ""))


class IsoDate(widgets.Widget):
    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.isoformat() if isinstance(value, date) else ""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> date | None:
        text = str(value or "").strip()
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise ValueError(f"“{text[:40]}” is not a date written year-month-day") from None


class _OneQuery(BaseInstanceLoader):
    """All rows of the map by code and start, read once: the stock loader asks once per line."""

    def __init__(self, resource: Any, dataset: Any = None) -> None:
        super().__init__(resource, dataset)
        self.rows = {(row.folded, row.valid_from): row for row in resource.get_queryset()}

    def get_instance(self, row: Any) -> ValueMapRow | None:
        code, start = self.resource.fields["source"].clean(row), self.resource.fields["valid_from"].clean(row)
        return self.rows.get((fold(code), start))


class ValueMapResource(resources.ModelResource):
    """The rows of one value map."""

    source = fields.Field("source", "code", GuardedText())
    target = fields.Field("target", "name", GuardedText())
    valid_from = fields.Field("valid_from", "valid_from", IsoDate())
    valid_until = fields.Field("valid_until", "valid_until", IsoDate())

    class Meta:
        model = ValueMapRow
        fields = ("source", "target", "valid_from", "valid_until")
        import_id_fields = ("source", "valid_from")
        instance_loader_class = _OneQuery
        skip_unchanged = True
        use_bulk = True
        report_skipped = True
        use_transactions = True
        clean_model_instances = False

    def __init__(self, value_map: ValueMap) -> None:
        super().__init__()
        self.value_map = value_map

    def get_queryset(self) -> Any:
        return self.value_map.rows.order_by("folded", "valid_from")

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        spelling = instance.source  # of a code that is there already: it stays, whatever case the file writes
        super().import_instance(instance, row, **kwargs)
        wanted = values_of(instance).checked()
        instance.value_map, instance.folded = self.value_map, fold(wanted.source)
        instance.source, instance.target = spelling or wanted.source, wanted.target


@dataclass(slots=True)
class FileResult:
    """What a file did, or with `dry_run` would do. `errors`: (line of the file, what is wrong); with any of them nothing is stored."""

    added: int = 0
    changed: int = 0
    same: int = 0
    removed: int = 0
    records: int = 0  # that are, or would be, translated again
    errors: list[tuple[int, str]] = field(default_factory=list)

    @property
    def is_ok(self) -> bool:
        return not self.errors


def export_csv(value_map: ValueMap) -> str:
    text: str = ValueMapResource(value_map).export().csv
    return text


def import_csv(
    value_map: ValueMap, content: bytes, cause: Cause, now: datetime, *, replace: bool = False, dry_run: bool = False
) -> FileResult:
    """Read a file into the map, inside the caller's transaction. `replace`: rows that are not in the file go.

    All or nothing: a file with an error changes nothing. Raises FileUnreadable for what is no table.
    """
    table = read_table(content)
    outcome = _repeated(table)
    before = {(row.folded, row.valid_from): values_of(row) for row in value_map.rows.all()}
    only_look = dry_run or not outcome.is_ok  # a file that is wrong is read to its end, so that all its errors are told at once
    _note(
        outcome, ValueMapResource(value_map).import_data(table, dry_run=only_look, raise_errors=False, rollback_on_validation_errors=True)
    )
    if not outcome.is_ok:
        outcome.errors.sort(key=lambda one: one[0])
        return outcome
    kept = _names(table)
    extra = [key for key in before if replace and key not in kept]
    outcome.removed = len(extra)
    if dry_run:
        names = _names(table)
        differ = {key for key, row in before.items() if key in extra or names.get(key, row.target) != row.target}
        outcome.records = count_using(value_map, {before[key].target for key in differ})
        return outcome
    value_map.rows.filter(pk__in=[row.pk for row in value_map.rows.all() if (row.folded, row.valid_from) in set(extra)]).delete()
    outcome.records = _tell(value_map, before, cause, now)
    return outcome


def _tell(value_map: ValueMap, before: dict[Key, RowValues], cause: Cause, now: datetime) -> int:
    """One entry in the trail with what differs, and the consequences for records. How many are translated again."""
    after = {(row.folded, row.valid_from): values_of(row) for row in value_map.rows.all()}
    touched = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    if not touched:
        return 0
    was = [before[key].as_dict() for key in touched if key in before]
    now_is = [after[key].as_dict() for key in touched if key in after]
    record(cause, "value_map.imported", OBJECT, value_map.pk, before=was, after=now_is, label=value_map.name)
    return changed(value_map, {side[key].target for key in touched for side in (before, after) if key in side}, now)


def read_table(content: bytes) -> tablib.Dataset:
    """The file as a table with our headings. UTF-8, or Windows-1252 where it is none; comma, semicolon or tab. Raises FileUnreadable."""
    if len(content) > MOST_BYTES:
        raise FileUnreadable(sentence("the file has more than %(most_bytes)s MB", most_bytes=MOST_BYTES // 1000000))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    head = text.split("\n", 1)[0]
    try:
        table = tablib.Dataset().load(text, format="csv", delimiter=max(",;\t", key=head.count))
    except (InvalidDimensions, UnsupportedFormat, ValueError, OverflowError) as error:
        raise FileUnreadable(
            sentence("not a table: a line has more or fewer cells than the heading (%(error)s)", error=str(error)[:80])
            if str(error)
            else sentence("not a table: a line has more or fewer cells than the heading")
        ) from error
    headings = [str(name or "").strip().lower().replace(" ", "_") for name in table.headers or []]
    known = [ALIASES.get(name, name) for name in headings]
    missing = [name for name in COLUMNS[:2] if name not in known]
    if missing:
        raise FileUnreadable(
            sentence(
                "there is no column “%(missing)s”; the first line of the file names the columns %(columns)s",
                missing=missing[0],
                columns=list(COLUMNS),
            )
        )
    table.headers = known
    if len(table) > MOST_ROWS:
        raise FileUnreadable(sentence("the file has more than %(most_rows)s lines", most_rows=MOST_ROWS))
    for name in COLUMNS[2:]:
        if name not in table.headers:
            table.append_col([""] * len(table), header=name)
    return tablib.Dataset(*(row for row in table if any(str(cell or "").strip() for cell in row)), headers=table.headers)


def _names(table: tablib.Dataset) -> dict[Key, str]:
    return {
        (fold(unguarded(str(row["code"] or ""))), IsoDate().clean(row.get("valid_from"))): unguarded(str(row["name"] or "")).strip()
        for row in table.dict
    }


def _repeated(table: tablib.Dataset) -> FileResult:
    """Lines that cannot both be true: the same code twice with the same start."""
    outcome = FileResult()
    seen: dict[tuple[str, str], int] = {}
    for line, row in enumerate(table.dict, start=2):
        key = (fold(unguarded(str(row["code"] or ""))), str(row.get("valid_from") or "").strip())
        if key in seen and key[0]:
            outcome.errors.append(
                (line, sentence("“%(code)s” stands in line %(line)s already", code=str(row["code"])[:60], line=str(seen[key])))
            )
        seen.setdefault(key, line)
    return outcome


def _note(outcome: FileResult, result: Any) -> None:
    wrong = [(0, error.error) for error in result.base_errors]
    wrong += [(number + 1, error.error) for number, errors in result.row_errors() for error in errors]
    wrong += [(row.number + 1, "; ".join(row.error.messages)) for row in result.invalid_rows]
    outcome.errors += sorted((line, error.detail if isinstance(error, RollcallError) else str(error)) for line, error in wrong)
    outcome.added, outcome.changed, outcome.same = (result.totals[kind] for kind in ("new", "update", "skip"))
