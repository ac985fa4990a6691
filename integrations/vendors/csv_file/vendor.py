"""Tables of people in files: CSV, TSV or a workbook; uploaded, from a watched folder, or from an SFTP server.

Facts and limits: docs/vendors/csv_file.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from config.errors import CursorExpired
from config.sentences import sentence
from integrations.vendors.base import Family, Health, Json, Limits, Page, Stream, Vendor, Window
from integrations.vendors.csv_file.check import Check
from integrations.vendors.csv_file.columns import MAPPING
from integrations.vendors.csv_file.form import SETTINGS, understood
from integrations.vendors.csv_file.opening import opened, refuse_missing, refuse_restless
from integrations.vendors.csv_file.pages import Pages
from integrations.vendors.csv_file.places import FoundFile, located
from integrations.wire.tables.table import Batch, Table

VERSION = ("file", "size", "modified")


class CsvFile(Vendor):
    key = "csv_file"
    label = sentence("CSV or Excel file")
    family = Family.FILE
    version = "1"
    settings = SETTINGS
    limits = Limits(in_parallel=1)
    # No list of fields: every file has columns of its own, and only those that a mapping names are kept.
    streams = (Stream("people", "People", kind="worker", proof="last_page"),)
    default_mapping = {"people": MAPPING}

    @classmethod
    def checked(cls, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
        return understood(super().checked(settings, secrets), secrets)

    def check(self) -> Health:
        return Check(self._place, self.config).run()

    def fetch(self, stream: str, window: Window, cursor: Json = None) -> Iterator[Page]:
        """The whole file, `page_rows` a page; a file knows no delta. With `window.ids` only these people, of the whole file.

        The last page is marked only when the file ended as a table ends and did not change meanwhile. Raises SourceFieldMissing and
        FileUnreadable before the first page, AnswerCutOff, and CursorExpired when another file lies there by now.
        """
        self.stream(stream)
        with self._place() as file:
            refuse_restless(file, window.until, self.config)
            begin = _place_in(file, cursor)
            table = opened(file, self.config)
            refuse_missing(table.columns, self.config)
            pages = Pages(self.config)
            if begin is not None:
                self._remember(file, table, pages, begin["row"])
            for batch in table.batches(self.page_rows, begin):
                pages.expect(_rows_expected(file, batch))
                page = pages.page(batch, frozenset(window.ids))
                page.cursor = {**file.version(), **batch.cursor}
                page.mark = file.modified_at
                if page.is_last:
                    file.refuse_changed()
                yield page

    def arrived_at(self) -> datetime | None:
        if not self.config["watch"] or self.config["source"] != "folder":
            return None
        with self._place() as file:
            return file.modified_at + timedelta(seconds=self.config["settle_seconds"])

    def _place(self) -> AbstractContextManager[FoundFile]:
        return located(self.config, self.secrets, self.line.guard)

    def _remember(self, file: FoundFile, table: Table, pages: Pages, until: int) -> None:
        """Meet the ids before the cursor again, so that a second row of one of them is noticed after a restart as well."""
        for batch in table.batches(self.page_rows):
            pages.expect(_rows_expected(file, batch))
            if not pages.remember(batch, until):
                return


def _place_in(file: FoundFile, cursor: Json) -> dict[str, int] | None:
    """Where to read on, None at the beginning. Raises CursorExpired when the cursor is of another file."""
    if cursor is None:
        return None
    if {key: cursor.get(key) for key in VERSION} != file.version():
        raise CursorExpired(sentence("the reading began with another file than the %(name)s that is there now", name=file.name))
    return {key: value for key, value in cursor.items() if key not in VERSION}


def _rows_expected(file: FoundFile, batch: Batch) -> int:
    """About how many rows the whole file has, judging by its beginning; for a workbook, which says no bytes, those of a batch."""
    read_bytes, read_rows = batch.cursor.get("offset", file.size), batch.cursor["row"]
    return file.size * read_rows * 11 // (read_bytes * 10)  # a tenth more, because growing doubles the memory
