"""From a file to a table that can be trusted to have the columns we need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from config.errors import AnswerCutOff, FileUnreadable, SourceFieldMissing, Unavailable
from config.sentences import sentence
from integrations.vendors.csv_file.places import FoundFile
from integrations.wire.tables.csv_table import CsvTable
from integrations.wire.tables.table import Table
from integrations.wire.tables.workbook import WorkbookTable, is_workbook

NAMES_SHOWN = 40
NAME_SHOWN = 60  # characters
NOT_TABLES = (
    (b"\x1f\x8b", sentence("compressed (gzip)")),
    (b"-----BEGIN PGP", sentence("encrypted (PGP)")),
    (b"%PDF", sentence("a PDF")),
    (b"<!DOCTYPE", sentence("a web page")),
)


def opened(file: FoundFile, config: Mapping[str, Any]) -> Table:
    """The table in `file`, its header read. Raises FileUnreadable, SettingInvalid."""
    with file.open() as stream:
        head = stream.read(16)
    for beginning, what in NOT_TABLES:
        if head.startswith(beginning):
            raise FileUnreadable(sentence("%(name)s is %(what)s, not a table", name=file.name, what=what))
    if is_workbook(head):
        return WorkbookTable(file, sheet=config["sheet"], header_row=config["header_row"])
    return CsvTable(file, encoding=config["encoding"], delimiter=config["delimiter"], header_row=config["header_row"])


def refuse_missing(columns: Sequence[str], config: Mapping[str, Any]) -> None:
    """Raises SourceFieldMissing when a column that is named in the settings is not there."""
    needed = [config["id_column"], *config["required_columns"], *filter(None, [config["changed_column"]])]
    missing = [name for name in dict.fromkeys(needed) if name not in columns]
    if missing:
        found = [f"“{name[:NAME_SHOWN]}”" for name in columns[:NAMES_SHOWN]] + ["…"] * (len(columns) > NAMES_SHOWN)
        absent = [f"“{name}”" for name in missing]
        raise SourceFieldMissing(
            sentence("there is no column %(absent)s; the file has %(found)s", absent=absent, found=found),
            field=missing[0],
        )


def refuse_restless(file: FoundFile, now: datetime | None, config: Mapping[str, Any]) -> None:
    """Raises AnswerCutOff for a file that may still be growing, Unavailable for one that is too old. Without `now` neither is asked.

    A rest shows nothing where the other clock is ahead of ours; that the file did not change meanwhile is asked again at the end.
    """
    if now is None:
        return
    rested_at = file.modified_at + timedelta(seconds=config["settle_seconds"])
    if file.modified_at <= now < rested_at and config["source"] != "upload":
        raise AnswerCutOff(sentence("%(name)s was written to a moment ago and may not be finished", name=file.name), retry_at=rested_at)
    oldest = config["longest_age_hours"]
    if oldest and now - file.modified_at > timedelta(hours=oldest):
        raise Unavailable(
            sentence(
                "%(name)s is of %(moment)s UTC, older than %(oldest)s hours; the extract did not arrive",
                name=file.name,
                moment=f"{file.modified_at:%Y-%m-%d %H:%M}",
                oldest=oldest,
            )
        )
