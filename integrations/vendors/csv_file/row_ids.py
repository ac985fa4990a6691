"""Which ids were already read, in little memory: 21 to 43 bytes a row, where a dict would take 150.

An open-addressing table over two plain arrays. It knows a row by 64 bits of its id and 32 bits of its content; that two of a million
different ids look alike happens once in forty million reads.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

MASK_64 = (1 << 64) - 1
MASK_32 = (1 << 32) - 1


class Again(NamedTuple):
    """An id met before: its place among those asked about, the position of its first row, whether both rows say the same."""

    place: int
    first: int
    is_same: bool


class RowIds:
    """`expected`: about how many rows will come; the table grows when it was too few."""

    def __init__(self, expected: int = 1000) -> None:
        self._count = 0
        self._make(max(expected, 1000))

    def meet(self, external_ids: Sequence[str], digests: Sequence[int], positions: Sequence[int]) -> list[Again]:
        """Remember these rows. Returns those whose id was met before, on this page or an earlier one."""
        while (self._count + len(external_ids)) * 4 > len(self._ids) * 3:
            self._grow()
        ids, rows, mask = self._ids, self._rows, self._mask
        again: list[Again] = []
        for index, external_id in enumerate(external_ids):
            key = hash(external_id) & MASK_64 or 1  # 0 means a free slot
            slot = key & mask
            while (found := ids[slot]) and found != key:
                slot = (slot + 1) & mask
            if found:
                first = rows[slot]
                again.append(Again(index, first >> 32, (first & MASK_32) == (digests[index] & MASK_32)))
            else:
                ids[slot] = key
                rows[slot] = positions[index] << 32 | digests[index] & MASK_32
        self._count += len(external_ids) - len(again)
        return again

    def __len__(self) -> int:
        return self._count

    def _make(self, expected: int) -> None:
        slots = 1 << (expected * 4 // 3).bit_length()
        self._mask = slots - 1
        self._ids = array("Q", [0]) * slots
        self._rows = array("Q", [0]) * slots

    def _grow(self) -> None:
        ids, rows = self._ids, self._rows
        self._make(len(ids))  # twice as many
        for key, row in zip(ids, rows, strict=True):
            if key:
                slot = key & self._mask
                while self._ids[slot]:
                    slot = (slot + 1) & self._mask
                self._ids[slot] = key
                self._rows[slot] = row
