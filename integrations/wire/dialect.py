"""How a text file is written: its encoding and its delimiter, told from a sample."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from charset_normalizer import from_bytes

from config.errors import FileUnreadable, SettingInvalid

SAMPLE_BYTES = 256 * 1024  # enough for a thousand rows, and for the first umlaut of nearly every list of people
GUESS_BYTES = 16 * 1024  # what the guessing looks at: it takes 50 ms for this much, and more makes it no better
DELIMITERS = {",": ",", ";": ";", "\t": "\t", "|": "|", "tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
ROWS_COMPARED = 50

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# What the guessing may answer. All of them write line breaks, quotes and delimiters as ASCII does.
GUESSABLE = ["cp1252", "latin_1", "cp1250", "cp1251", "cp1253", "cp1254", "cp932", "gb18030", "big5", "euc_kr"]
WESTERN = {"cp1252", "latin_1"}
NAMES = {"utf-8-sig": "utf-8", "utf8": "utf-8", "latin1": "latin-1", "iso-8859-1": "latin-1", "ansi": "cp1252", "windows-1252": "cp1252"}


@dataclass(frozen=True)
class Encoding:
    """`start` is the first byte after the mark. `is_certain` is False when the sample was plain ASCII, which proves nothing."""

    name: str
    start: int = 0
    is_certain: bool = True

    @property
    def unit(self) -> int:
        """Bytes of a line break or another ASCII character."""
        return 2 if self.name.startswith("utf-16") else 1


def find_encoding(sample: bytes, wanted: str = "") -> Encoding:
    """The encoding of a file that begins with `sample`; `wanted` is what the settings say, empty or “auto” to find out.

    A byte-order mark wins over both: nobody writes one by accident. Raises FileUnreadable, SettingInvalid.
    """
    name = wanted.strip().lower()
    name = NAMES.get(name, name)
    for mark, marked in MARKS:
        if sample.startswith(mark):
            return Encoding(marked, len(mark))
    if name not in ("", "auto"):
        return Encoding(_known("utf-16-le" if name == "utf-16" else name))
    if b"\0" in sample:
        return _without_mark(sample)
    if sample.isascii():
        return Encoding("utf-8", is_certain=False)
    if _decodes(sample, "utf-8"):
        return Encoding("utf-8")
    return Encoding(_guessed(sample))


def find_delimiter(text: str, wanted: str = "") -> str:
    """The delimiter of a table that begins with `text`: the one that cuts its rows into most, and most equal, cells."""
    name = wanted if wanted in DELIMITERS else wanted.strip().lower()
    if name not in ("", "auto"):
        if name not in DELIMITERS:
            raise SettingInvalid(f"“{wanted}” is not a delimiter; use a comma, a semicolon, a tab or a bar", field="delimiter")
        return DELIMITERS[name]
    lines = text.splitlines(keepends=True)
    if len(lines) > 1:
        lines = lines[:-1]  # the sample may end in the middle of a row
    return max(",;\t|", key=lambda delimiter: _regularity(lines, delimiter))


def _regularity(lines: Iterable[str], delimiter: str) -> tuple[float, int]:
    """The share of rows as wide as the widest kind, and that width; nothing where it is a single column."""
    widths: list[int] = []
    rows = csv.reader(lines, delimiter=delimiter)
    try:
        widths = [len(row) for row in islice(rows, ROWS_COMPARED) if row]
    except csv.Error:
        return 0.0, 0
    common = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
    return (widths.count(common) / len(widths), common) if common > 1 else (0.0, 0)


def _guessed(sample: bytes) -> str:
    """Western European first: its letters also make sense, as other letters, in the code pages of its neighbours."""
    telling = b"".join(line for line in sample.splitlines(keepends=True)[:-1] or [sample] if not line.isascii())[:GUESS_BYTES]
    matches = from_bytes(telling, cp_isolation=GUESSABLE)
    best = matches.best()
    plausible = {name for match in matches for name in (match.encoding, *match.could_be_from_charset)}
    if best is not None and not plausible & WESTERN:
        return best.encoding
    return "cp1252" if _decodes(sample, "cp1252") else "latin-1"


def _without_mark(sample: bytes) -> Encoding:
    """UTF-16 of text in Latin letters has a zero in every other byte."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if odd > 0.3 * half and even < 0.1 * half:
        return Encoding("utf-16-le")
    if even > 0.3 * half and odd < 0.1 * half:
        return Encoding("utf-16-be")
    raise FileUnreadable("this is not a text file")


def _decodes(sample: bytes, name: str) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(sample)  # not final: a sample may end inside a character
    except UnicodeDecodeError:
        return False
    return True


def _known(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise SettingInvalid(f"“{name}” is not an encoding", field="encoding") from error
