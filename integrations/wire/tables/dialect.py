"""How a text file is written: its encoding and its delimiter, told from a sample."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from charset_normalizer import from_bytes

from config.errors import FileUnreadable, SettingInvalid
from config.sentences import sentence

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
    telling = [line for line in _whole_lines(sample) if not line.isascii()]
    if not telling:
        return Encoding("utf-8", is_certain=False)
    # Other encodings hardly ever look like UTF-8, so one damaged line must not turn the names of all others into rubbish.
    if sum(_decodes(line, "utf-8") for line in telling) * 2 >= len(telling):
        return Encoding("utf-8")
    return Encoding(_guessed(b"".join(telling)))


def find_delimiter(text: str, wanted: str = "") -> str:
    """The delimiter of a table that begins with `text`: the one that cuts its rows into most, and most equal, cells."""
    name = wanted if wanted in DELIMITERS else wanted.strip().lower()
    if name not in ("", "auto"):
        if name not in DELIMITERS:
            raise SettingInvalid(
                sentence("“%(wanted)s” is not a delimiter; use a comma, a semicolon, a tab or a bar", wanted=wanted), field="delimiter"
            )
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


def _whole_lines(sample: bytes) -> list[bytes]:
    """The last line may end inside a character, unless it is the only one."""
    lines = sample.splitlines(keepends=True)
    return lines if len(lines) == 1 or lines[-1].endswith((b"\n", b"\r")) else lines[:-1]


def _guessed(telling: bytes) -> str:
    """Western European first: its letters also make sense, as other letters, in the code pages of its neighbours."""
    matches = from_bytes(telling[:GUESS_BYTES], cp_isolation=GUESSABLE)
    best = matches.best()
    plausible = {name for match in matches for name in (match.encoding, *match.could_be_from_charset)}
    if best is not None and not plausible & WESTERN:
        return best.encoding
    return "cp1252" if _decodes(telling, "cp1252") else "latin-1"


def _without_mark(sample: bytes) -> Encoding:
    """UTF-16 of text in Latin letters has a zero in every other byte, and no other control characters."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    name = "utf-16-le" if odd > even else "utf-16-be"
    text = sample[: len(sample) // 2 * 2].decode(name, "replace")
    if max(even, odd) * 3 < len(text) or any(letter < " " and letter not in "\t\r\n" for letter in text):
        raise FileUnreadable(sentence("this is not a text file"))
    return Encoding(name)


def _decodes(piece: bytes, name: str) -> bool:
    try:
        piece.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _known(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise SettingInvalid(sentence("“%(name)s” is not an encoding", name=name), field="encoding") from error
