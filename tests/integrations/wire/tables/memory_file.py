"""A file in memory, as the readers of tables want it."""

from __future__ import annotations

import io
from typing import BinaryIO


class MemoryFile:
    """`opened_at` lists the offsets it was opened at."""

    def __init__(self, content: bytes, name: str = "people.csv") -> None:
        self.content = content
        self.name = name
        self.opened_at: list[int] = []

    @property
    def size(self) -> int:
        return len(self.content)

    def open(self, offset: int = 0) -> BinaryIO:
        self.opened_at.append(offset)
        return io.BytesIO(self.content[offset:])
