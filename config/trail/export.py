"""The trail to take away: a ZIP with the entries and a manifest that says what was asked, how many, and which hashes bound them.

Rows are streamed through a file, so that memory does not grow with the trail. Cells that a spreadsheet would take for a formula are
made text.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

import orjson
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from config import clock
from config.audit.chain import canonical, instant, plain
from config.audit.models import AuditEntry, Cause
from config.decisions import Decision, Effect
from config.roles.masking import Sight, sight_of
from config.roles.models import User
from config.sentences import sentence
from config.trail.find import Asked, found

COLUMNS = (
    "seq",
    "at",
    "actor",
    "action",
    "object_type",
    "object_id",
    "cause",
    "reason",
    "label",
    "before",
    "after",
    "digest",
    "previous",
    "hash",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
CHUNK = 2_000
LARGEST_IN_MEMORY = 5 * 1024 * 1024
FORMATS = ("csv", "jsonl")


class ExportAudit(Decision):
    """Take entries of the trail away. That it was done is itself an entry, written before the file is handed over. `made` is the file."""

    label = gettext_lazy("Export the trail")
    permission = "config.export_audit"
    object_type = "audit"
    made: IO[bytes]

    def __init__(self, actor: User | None, asked: Asked, form: str = "csv") -> None:
        super().__init__(actor)
        self.asked, self.form = asked, form if form in FORMATS else "csv"

    @property
    def object_id(self) -> str:
        return self.form

    def preview(self) -> Effect:
        said = ", ".join(f"{key}: {value}" for key, value in self.asked.as_dict().items() if value) or sentence("everything")
        return Effect(
            [sentence("The entries asked for are written to a file (%(what)s). The export becomes an entry of its own.", what=said)]
        )

    def state(self) -> Any:
        return self.asked.as_dict()

    def execute(self, reason: str = "") -> Cause:
        """Raises ValidationError too where a day asked for is none: a file of everything would pass for the days that were meant."""
        if wrong := self.asked.misread:
            raise ValidationError(wrong)
        return super().execute(reason)

    def carry_out(self, cause: Cause) -> None:
        sight = sight_of(self.actor) if self.actor else Sight(True)
        self.made = packed(found(self.asked), self.asked, self.form, str(self.actor or "Rollcall"), sight)


@dataclass(slots=True)
class Bounds:
    """What the manifest says about the rows that went by."""

    count: int = 0
    first: AuditEntry | None = None
    last: AuditEntry | None = None


def packed(rows: QuerySet[AuditEntry], asked: Asked, form: str, by: str, sight: Sight) -> IO[bytes]:
    """The ZIP, at its beginning. Spills to disk beyond LARGEST_IN_MEMORY."""
    bounds = Bounds()
    hashed = hashlib.sha256()
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=LARGEST_IN_MEMORY)  # noqa: SIM115  whoever sends it closes it
    name = f"audit.{form}"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(name, "w", force_zip64=True) as out:
            for piece in WRITERS[form](_entries(rows, bounds), sight):
                hashed.update(piece)
                out.write(piece)
        archive.writestr("manifest.json", orjson.dumps(_manifest(bounds, asked, name, hashed.hexdigest(), by), option=orjson.OPT_INDENT_2))
    file.seek(0)
    return file


def _manifest(bounds: Bounds, asked: Asked, name: str, digest: str, by: str) -> dict[str, Any]:
    def edge(entry: AuditEntry | None) -> dict[str, Any] | None:
        return {"seq": entry.seq, "hash": entry.hash, "at": instant(entry.at)} if entry else None

    return {
        "file": name,
        "sha256": digest,
        "filters": {key: value for key, value in asked.as_dict().items() if value},
        "count": bounds.count,
        "first": edge(bounds.first),
        "last": edge(bounds.last),
        "exported_at": instant(clock.now()),
        "exported_by": by,
    }


def _entries(rows: QuerySet[AuditEntry], bounds: Bounds) -> Iterator[AuditEntry]:
    for entry in rows.select_related("cause", "detail").order_by("seq").iterator(chunk_size=CHUNK):
        bounds.first = bounds.first or entry
        bounds.last = entry
        bounds.count += 1
        yield entry


def told(entry: AuditEntry, sight: Sight) -> dict[str, Any]:
    """One entry by COLUMNS. Values of people only for those who may see them; the hashes prove them all the same.

    The cause is in the language of whoever exports; label, before and after are as stored, in no language: the digest is over these.
    """
    detail = getattr(entry, "detail", None)
    values = (detail.label, detail.before, detail.after) if detail and sight.is_full else ("", None, None)
    cause = entry.cause
    row = (
        entry.seq,
        instant(entry.at),
        entry.actor,
        entry.action,
        entry.object_type,
        entry.object_id,
        sight.said(cause.label),
        sight.text(cause.reason),
    )
    return dict(zip(COLUMNS, (*row, *values, entry.digest, entry.previous, entry.hash), strict=True))


def _csv(entries: Iterator[AuditEntry], sight: Sight) -> Iterator[bytes]:
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([safe_cell(value) for value in told(entry, sight).values()])
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()
    yield line.getvalue().encode()  # the header, where there was no entry


def safe_cell(value: Any) -> str:
    """Text that no spreadsheet takes for a formula. Lists and objects as JSON, nothing as nothing."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value) if isinstance(value, int) else canonical(value).decode()
    return f"'{text}" if text.startswith(FORMULA) else text


def _json_lines(entries: Iterator[AuditEntry], sight: Sight) -> Iterator[bytes]:
    for entry in entries:
        yield orjson.dumps(plain(told(entry, sight))) + b"\n"


WRITERS: dict[str, Callable[[Iterator[AuditEntry], Sight], Iterator[bytes]]] = {"csv": _csv, "jsonl": _json_lines}
