"""Send many rows at once, find the bad ones, keep what is known of each. Source: docs/vendors/moodle.md §1, §7.

Most of Moodle's functions carry out all rows of a call or none, and do not say which row was bad. So a refused call is
halved until the bad rows stand alone; the good ones are carried out on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from config.errors import Reconnect, RetryLater, RollcallError

Row = TypeVar("Row")
Result = TypeVar("Result")


class Sender(Generic[Row, Result]):
    """`send` carries out rows (one result each, same order) or raises and has carried out none of them."""

    def __init__(self, send: Callable[[Sequence[Row]], Sequence[Result]], *, knows_something: bool = False) -> None:
        self.send = send
        self.knows_something = knows_something  # True from the start when an earlier call of the same changes went through
        self.stopped_by: RollcallError | None = None

    def each(self, rows: Sequence[Row]) -> list[Result | RollcallError]:
        """A result or an error for each row. Raises RetryLater or Reconnect as long as nothing is known of any row.

        Once something is known, an error of that kind ends the sending and becomes the answer for what is left.
        """
        if not rows or self.stopped_by is not None:
            return [self.stopped_by for _ in rows if self.stopped_by is not None]
        try:
            results = list(self.send(rows))
        except (RetryLater, Reconnect) as error:
            if not self.knows_something:
                raise
            self.stopped_by = error
            return [error for _ in rows]
        except RollcallError as error:
            if len(rows) == 1:
                self.knows_something = True
                return [error]
        else:
            self.knows_something = True
            return [*results]
        half = len(rows) // 2
        return self.each(rows[:half]) + self.each(rows[half:])


def batches(rows: Sequence[Row], most_rows: int, most_fields: int, fields_of: Callable[[Row], int]) -> Iterator[list[Row]]:
    """Stretches of at most `most_rows` rows and `most_fields` form fields: PHP drops what is beyond without a word (§1)."""
    batch: list[Row] = []
    fields = 0
    for row in rows:
        count = fields_of(row)
        if batch and (len(batch) >= most_rows or fields + count > most_fields):
            yield batch
            batch, fields = [], 0
        batch.append(row)
        fields += count
    if batch:
        yield batch
