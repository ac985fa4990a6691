"""Which ids were already read, in little memory: 24 to 48 bytes a row, where a dict would take 150.

An open-addressing table over two plain arrays. It knows a row by 64 bits of its id and 32 bits of its content; that two of a million
different ids look alike happens once in ten million reads.
"""

from __future__ import annotations

from array import array

MASK_64 = (1 << 64) - 1
MASK_32 = (1 << 32) - 1


class RowIds:
    """`expected`: about how many rows will come; the table grows when it was too few."""

    def __init__(self, expected: int = 1000) -> None:
        self._count = 0
        self._make(max(expected, 1000))

    def met(self, external_id: str, digest: int, position: int) -> tuple[int, bool] | None:
        """None when this id is new (and remember it), else (position of its first row, whether the two rows say the same)."""
        key = hash(external_id) & MASK_64 or 1  # 0 means a free slot
        ids, mask = self._ids, self._mask
        slot = key & mask
        while found := ids[slot]:
            if found == key:
                first = self._rows[slot]
                return first >> 32, (first & MASK_32) == (digest & MASK_32)
            slot = (slot + 1) & mask
        ids[slot] = key
        self._rows[slot] = position << 32 | digest & MASK_32
        self._count += 1
        if self._count * 3 > len(ids) * 2:
            self._grow()
        return None

    def __len__(self) -> int:
        return self._count

    def _make(self, expected: int) -> None:
        slots = 1 << (expected * 3 // 2).bit_length()
        self._mask = slots - 1
        self._ids = array("Q", bytes(8 * slots))
        self._rows = array("Q", bytes(8 * slots))

    def _grow(self) -> None:
        ids, rows = self._ids, self._rows
        self._make(len(ids))
        for key, row in zip(ids, rows, strict=True):
            if key:
                slot = key & self._mask
                while self._ids[slot]:
                    slot = (slot + 1) & self._mask
                self._ids[slot] = key
                self._rows[slot] = row
