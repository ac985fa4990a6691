"""Delimited text as a table, read row by row whatever its size.

A file that ends inside a quoted cell was cut off, and says so instead of ending.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from config.errors import AnswerCutOff, FileUnreadable, RollcallError, RowUnreadable, ValueInvalid, ValueTooLarge
from config.sentences import sentence
from integrations.wire.tables.dialect import SAMPLE_BYTES, Encoding, find_delimiter, find_encoding
from integrations.wire.tables.lines import LINE_LIMIT, Lines
from integrations.wire.tables.table import CELL_LIMIT, Batch, Cells, Fault, Source, checked_header

SAMPLES_AFTER = 8  # places in the rest of the file that are looked at when its beginning is plain ASCII


class CsvTable:
    """A delimited text file. Rows come as dicts of stripped text, None where a cell is empty; blank lines are passed over.

    Raises FileUnreadable when there is no usable header; `batches` raises AnswerCutOff when the file ends inside a quoted cell.
    """

    def __init__(self, source: Source, *, encoding: str = "", delimiter: str = "", header_row: int = 1) -> None:
        self._source = source
        if source.size == 0:
            raise FileUnreadable(sentence("the file is empty"))
        sample = self._sample()
        self._encoding = find_encoding(sample, encoding)
        text = sample[self._encoding.start :].decode(self._encoding.name, "replace")
        hint = re.match(r"sep=([,;|\t])\r?\n", text)  # a first line that only Excel understands
        self._says_delimiter = hint is not None
        self._delimiter = hint[1] if hint and not delimiter else find_delimiter(text, delimiter)
        self._names, self._start = self._header(header_row)
        self.columns = [name for name in self._names if name]
        self.facts = {"encoding": self._encoding.name, "delimiter": "tab" if self._delimiter == "\t" else self._delimiter}

    def batches(self, size: int, cursor: dict[str, int] | None = None) -> Iterator[Batch]:
        """All rows from `cursor` on, `size` at a time. The last batch may be empty; it always comes, and it alone is_last."""
        reading = _Reading(self._source, self._encoding, self._delimiter, self._names, cursor or self._start)
        with reading:
            while True:
                batch = reading.batch(size)
                yield batch
                if batch.is_last:
                    return

    def _header(self, header_row: int) -> tuple[list[str], dict[str, int]]:
        start = {"offset": self._encoding.start, "line": 0, "row": 0}
        with _Reading(self._source, self._encoding, self._delimiter, [], start) as reading:
            for _ in range(header_row - 1 + self._says_delimiter):
                reading.next_cells()
            return checked_header(reading.next_cells()), reading.cursor()

    def _sample(self) -> bytes:
        """The beginning, and where that is plain ASCII, the first other place that is not."""
        with self._source.open() as stream:
            head = stream.read(SAMPLE_BYTES) or b""
        if not head.isascii() or b"\0" in head:
            return head
        step = (self._source.size - len(head)) // SAMPLES_AFTER
        for number in range(SAMPLES_AFTER if step > 0 else 0):
            with self._source.open(len(head) + number * step) as stream:
                piece = (stream.read(SAMPLE_BYTES // SAMPLES_AFTER) or b"").partition(b"\n")[2]
            if not piece.isascii():
                return head + piece
        return head


class _Reading:
    """One pass over the rows, from a place in the file."""

    def __init__(self, source: Source, encoding: Encoding, delimiter: str, names: list[str], cursor: dict[str, int]) -> None:
        self._source = source
        self._encoding = encoding
        self._delimiter = delimiter
        self._names = names
        self._row = cursor["row"]
        csv.field_size_limit(max(CELL_LIMIT, csv.field_size_limit()))  # one for the whole process: never lower it under others
        self._begin(cursor["offset"], cursor["line"])

    def __enter__(self) -> _Reading:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()

    def cursor(self) -> dict[str, int]:
        return {"offset": self._done, "line": self._done_line, "row": self._row}

    def next_cells(self) -> list[str]:
        """One row as it is, for the header. Raises FileUnreadable where there is none."""
        try:
            cells = next(self._reader, None)
        except csv.Error as error:
            raise FileUnreadable(sentence("the header cannot be read: %(error)s", error=str(error))) from error
        if cells is None:
            raise FileUnreadable(sentence("the file ends before its header row"))
        if self._lines.damage:
            raise FileUnreadable(sentence("the header contains %(damage)s", damage=self._lines.damage))
        self._finish_row()
        return cells

    def batch(self, size: int) -> Batch:
        """The next `size` rows, good and bad together."""
        batch = Batch()
        while (room := size - len(batch.rows) - len(batch.faults)) > 0 and not self._lines.is_over:
            try:
                odd = self._plain_rows(batch, room)
            except csv.Error as error:
                self._unreadable(batch, error)
            else:
                if odd is not None:
                    self._odd_row(batch, odd)
        batch.is_last = self._lines.is_over
        batch.cursor = self.cursor()
        return batch

    def _begin(self, offset: int, line: int) -> None:
        """Read on from a byte that begins a row, after `line` lines."""
        self._lines = Lines(self._source.open(offset), self._encoding, offset)
        # Strict: otherwise a quote that is never closed would swallow the rest of the file without a word.
        self._reader = csv.reader(self._lines, delimiter=self._delimiter, strict=True)
        self._done = offset  # bytes up to the end of the last row that was dealt with
        self._done_line = line
        self._lines_before = line

    def _plain_rows(self, batch: Batch, room: int) -> list[str] | None:
        """Up to `room` rows into `batch`. Stops early at a row that is not plain and returns it.

        The inner loop of everything, five microseconds a row: nothing belongs here that can be done elsewhere.
        """
        names, width, has_nameless = self._names, len(self._names), "" in self._names
        lines, reader, before = self._lines, self._reader, self._lines_before
        done, done_line, row = self._done, self._done_line, self._row
        rows, positions, digests = batch.rows, batch.positions, batch.digests
        try:
            for cells in reader:
                end = lines.offset
                if len(cells) != width or end - done > CELL_LIMIT or lines.is_odd:
                    return cells
                values = [cell.strip() or None for cell in cells]
                if not (values[0] or any(values)):
                    done, done_line = end, before + reader.line_num
                    continue
                # Reading the line once is four times as fast as reading all its cells. A row of several lines is rare.
                line = before + reader.line_num
                digests.append(hash(lines.last.rstrip()) if line == done_line + 1 else hash(tuple(values)))
                done, done_line = end, line
                record: Cells = dict(zip(names, values))  # noqa: B905 - widths were compared, and the keyword costs two percent
                if has_nameless:
                    del record[""]
                row += 1
                rows.append(record)
                positions.append(row)
                room -= 1
                if not room:
                    return None
        finally:
            self._done, self._done_line, self._row = done, done_line, row
        return None

    def _odd_row(self, batch: Batch, cells: list[str]) -> None:
        """A row that was parsed, but is too long, damaged, or of the wrong width; or just blank."""
        lines = self._lines
        line = self._done_line + 1
        if not any(cell.strip() for cell in cells):
            self._finish_row()
        elif len(lines.last) >= LINE_LIMIT or max(map(len, cells)) > CELL_LIMIT:
            self._reject(
                batch,
                ValueTooLarge(
                    sentence("line %(line)s: a cell or line beyond %(cell_limit)s characters", line=str(line), cell_limit=CELL_LIMIT)
                ),
            )
            self._skip_record()
        elif lines.damage:
            self._reject(batch, ValueInvalid(sentence("line %(line)s: %(damage)s", line=str(line), damage=lines.damage)))
            self._finish_row()
        elif len(cells) != len(self._names):
            if len(cells) < len(self._names) and not lines.ends_with_a_break:
                raise AnswerCutOff(sentence("the file ends in the middle of line %(line)s", line=str(line)))
            self._reject(
                batch,
                RowUnreadable(
                    sentence(
                        "line %(line)s: %(cells)s cells, the header has %(names)s", line=str(line), cells=len(cells), names=len(self._names)
                    )
                ),
            )
            self._skip_line()
        else:
            self._row += 1
            batch.rows.append({name: cell.strip() or None for name, cell in zip(self._names, cells, strict=True) if name})
            batch.positions.append(self._row)
            batch.digests.append(hash(tuple(cells)))
            self._finish_row()

    def _unreadable(self, batch: Batch, error: csv.Error) -> None:
        """A row that could not be parsed: its quotes do not match, or a cell is beyond the limit."""
        line = self._done_line + 1
        if "field limit" in str(error):
            self._reject(
                batch,
                ValueTooLarge(sentence("line %(line)s: a cell beyond %(cell_limit)s characters", line=str(line), cell_limit=CELL_LIMIT)),
            )
            self._skip_record()
            return
        if self._lines.is_over:
            raise self._unclosed(line)
        self._reject(batch, RowUnreadable(sentence("line %(line)s: %(error)s", line=str(line), error=str(error))))
        self._skip_line()

    def _unclosed(self, line: int) -> RollcallError:
        """Cut off, or a quote too many? A file that was cut hardly ever ends with a line break."""
        if self._lines.ends_with_a_break:
            return FileUnreadable(sentence("the quote that opens in line %(line)s is never closed", line=str(line)))
        return AnswerCutOff(sentence("the file ends inside a quoted cell that begins in line %(line)s", line=str(line)))

    def _reject(self, batch: Batch, error: RollcallError) -> None:
        self._row += 1
        batch.faults.append(Fault(self._row, self._done_line + 1, error))

    def _finish_row(self) -> None:
        self._done, self._done_line = self._lines.offset, self._lines_before + self._reader.line_num
        self._lines.reset()

    def _skip_line(self) -> None:
        """Give up the first line of the row and go on with the next: behind a stray quote there are good rows."""
        if self._lines_before + self._reader.line_num == self._done_line + 1:
            self._finish_row()
        else:
            self._restart(after_quotes=False)

    def _skip_record(self) -> None:
        """Give up the row to its end, counting quotes: inside a cell that is too large a line break ends nothing."""
        self._restart(after_quotes=True)

    def _restart(self, *, after_quotes: bool) -> None:
        self._lines.close()
        skipped = Lines(self._source.open(self._done), self._encoding, self._done)
        count, quotes = 0, 0
        for piece in skipped:
            quotes += piece.count('"')
            count += piece.endswith(("\n", "\r"))
            if skipped.ends_with_a_break and not (after_quotes and quotes % 2):
                break
        skipped.close()
        if after_quotes and quotes % 2:
            self._lines = skipped
            raise self._unclosed(self._done_line + 1)
        self._begin(skipped.offset, self._done_line + count)
