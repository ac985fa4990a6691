"""The lines of a text file, decoded, with the number of bytes they took."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from config.sentences import Sentence, sentence
from integrations.wire.tables.dialect import Encoding
from integrations.wire.tables.table import CELL_LIMIT

LINE_LIMIT = 4 * CELL_LIMIT  # characters read at once; bounds the memory where a file has no line breaks at all


class Lines:
    """The decoded lines of a stream, and how many bytes have been used up: that is what a cursor needs.

    `is_odd` is set by a line that could not be decoded (`damage` says why) or is so long that it comes in pieces.
    """

    def __init__(self, stream: BinaryIO, encoding: Encoding, offset: int) -> None:
        errors = "surrogateescape" if encoding.unit == 1 else "replace"
        self._text = io.TextIOWrapper(stream, encoding.name, errors, newline="")
        self._encoding = encoding
        self.offset = offset
        self.is_odd = False
        self.damage = Sentence("")
        self.last = ""
        self.is_over = False

    def __iter__(self) -> Iterator[str]:
        readline = self._text.readline
        unit = self._encoding.unit
        while line := readline(LINE_LIMIT):
            if line.isascii():
                self.offset += len(line) * unit
            else:
                line = self._accounted(line)
            if len(line) >= LINE_LIMIT:
                self.is_odd = True
            self.last = line
            yield line
        self.is_over = True

    @property
    def ends_with_a_break(self) -> bool:
        """Whether the line that was read last is a whole one."""
        return self.last.endswith(("\n", "\r"))

    def reset(self) -> None:
        self.is_odd = False
        self.damage = Sentence("")

    def close(self) -> None:
        self._text.close()

    def _accounted(self, line: str) -> str:
        """A line with letters beyond ASCII: its bytes have to be counted, and may turn out not to be letters."""
        name = self._encoding.name
        if self._encoding.unit == 2:
            self.offset += len(line.encode(name, "surrogatepass"))
            return self._damaged(line) if "\ufffd" in line else line
        try:
            self.offset += len(line.encode(name))
        except UnicodeEncodeError:
            raw = line.encode(name, "surrogateescape")
            self.offset += len(raw)
            return self._damaged(line) if self._encoding.is_certain else _western(raw)
        return line

    def _damaged(self, line: str) -> str:
        self.is_odd = True
        self.damage = sentence("bytes that are not %(encoding)s", encoding=self._encoding.name)
        return line


def _western(raw: bytes) -> str:
    """A line that is no UTF-8, in a file of which nothing was certain."""
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
