from __future__ import annotations

import csv
import io
import tracemalloc
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import AnswerCutOff, FileUnreadable, RollcallError, RowUnreadable, ValueInvalid, ValueTooLarge
from config.sentences import english
from integrations.wire.tables.csv_table import CsvTable
from integrations.wire.tables.lines import LINE_LIMIT
from integrations.wire.tables.table import CELL_LIMIT, Batch
from tests.integrations.wire.tables.memory_file import MemoryFile

MEGABYTE = 1024 * 1024


def table(content: bytes | str, **options: object) -> CsvTable:
    return CsvTable(MemoryFile(content.encode() if isinstance(content, str) else content), **options)  # type: ignore[arg-type]


def read(content: bytes | str, size: int = 100, **options: object) -> Batch:
    """Everything in one batch."""
    whole = Batch()
    for batch in table(content, **options).batches(size):
        whole.rows += batch.rows
        whole.positions += batch.positions
        whole.faults += batch.faults
        whole.digests += batch.digests
        whole.is_last = batch.is_last
    return whole


def faults(batch: Batch) -> list[tuple[int, int, type[RollcallError]]]:
    return [(fault.position, fault.line, type(fault.error)) for fault in batch.faults]


def test_rows_are_dicts_of_stripped_text_and_none_where_a_cell_is_empty() -> None:
    batch = read("id , name,note\n 7 ,\u00a0Zoë ,\n8,,  \n")
    assert batch.rows == [{"id": "7", "name": "Zoë", "note": None}, {"id": "8", "name": None, "note": None}]
    assert batch.positions == [1, 2]
    assert batch.is_last


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_and_line_breaks_are_found_out(delimiter: str, line_break: str) -> None:
    lines = ["id,name,town", '1,"Doe, Jane",Köln', "2,Marco|Rossi,Roma;Lazio", "3,Ana,", ""]
    content = line_break.join(delimiter.join(f'"{cell}"' for cell in next(csv.reader([line]))) if line else "" for line in lines)
    batch = read(content)
    assert [row["name"] for row in batch.rows] == ["Doe, Jane", "Marco|Rossi", "Ana"]
    assert batch.rows[1]["town"] == "Roma;Lazio"


def test_a_line_break_inside_quotes_belongs_to_the_cell() -> None:
    batch = read('id,address\n1,"Main St 1\nBerlin"\n2,"said ""hello"""\n')
    assert [row["address"] for row in batch.rows] == ["Main St 1\nBerlin", 'said "hello"']


def test_a_last_line_without_a_line_break_is_a_row() -> None:
    assert read("id,name\n1,Ana").rows == [{"id": "1", "name": "Ana"}]


def test_blank_lines_and_lines_of_delimiters_only_are_passed_over() -> None:
    batch = read("id,name\n\n1,Ana\n , \n,\n2,Marco\n\n\n")
    assert [row["id"] for row in batch.rows] == ["1", "2"]
    assert batch.positions == [1, 2] and not batch.faults


def test_a_hint_for_excel_is_understood_and_not_read_as_a_header() -> None:
    opened = table("sep=;\r\nid;name, first\r\n1;Ana\r\n")
    assert opened.columns == ["id", "name, first"]


def test_the_header_may_stand_further_down() -> None:
    opened = table("Extract of 20 May\n\nid,name\n1,Ana\n", header_row=3)
    assert opened.columns == ["id", "name"]
    assert [batch.rows for batch in opened.batches(5)] == [[{"id": "1", "name": "Ana"}]]


def test_a_column_without_a_name_is_not_read() -> None:
    assert read("id,,name,\n1,x,Ana,\n").rows == [{"id": "1", "name": "Ana"}]


# ── files that are refused whole ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"id,name,id\n1,a,2\n", "more than one column is named “id”"),
        (b"id, id \n1,2\n", "more than one column is named “id”"),
        (b",,\n1,2,3\n", "header row is empty"),
        (b'"id,name\n1,Ana\n', "header"),
        (b"\x00\x01\x02\x03" * 100, "not a text file"),
        ("id,na\xefme\n1,Ana\n".encode("latin-1") + "Zoë".encode() * 10, "header"),
    ],
)
def test_a_header_that_cannot_be_used_refuses_the_file(content: bytes, words: str) -> None:
    with pytest.raises(FileUnreadable, match=words):
        table(content, encoding="utf-8" if b"\xef" in content else "")


def test_a_header_row_beyond_the_end_refuses_the_file() -> None:
    with pytest.raises(FileUnreadable, match="ends before its header"):
        table("id,name\n", header_row=5)


# ── encodings ───────────────────────────────────────────────────────────────────────────────────────

NAMES = ["Müller", "Großmann", "Ångström", "O’Neil", "José"]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("cp1252", b""),
    ],
)
def test_the_encoding_is_found_out(encoding: str, mark: bytes) -> None:
    content = mark + ("id,name\r\n" + "".join(f"{number},{name}\r\n" for number, name in enumerate(NAMES))).encode(encoding)
    opened = table(content)
    assert opened.columns == ["id", "name"]
    assert opened.facts["encoding"] == encoding
    assert [row["name"] for batch in opened.batches(2) for row in batch.rows] == NAMES


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1250", "Łukasz Żółw Świętosław"),
        ("cp1251", "Юлия Петрова Санкт"),
        ("cp932", "佐藤 春人 東京 鈴木 花子"),
        ("gb18030", "陈伟 王芳 北京 上海"),
    ],
)
def test_other_code_pages_are_guessed_from_a_sample(encoding: str, name: str) -> None:
    content = ("id,name\n" + "".join(f"{number},{name}\n" for number in range(20))).encode(encoding)
    assert {row["name"] for row in read(content).rows} == {name}


def test_the_settings_beat_the_guess_and_a_mark_beats_the_settings() -> None:
    assert read("id,name\n1,Łukasz\n".encode("cp1250"), encoding="cp1250").rows[0]["name"] == "Łukasz"
    assert read(b"\xef\xbb\xbf" + "id,name\n1,Zoë\n".encode(), encoding="cp1252").rows == [{"id": "1", "name": "Zoë"}]


def test_a_letter_beyond_ascii_far_from_the_beginning_still_decides() -> None:
    plain = "".join(f"{number:06},Anna\n" for number in range(80_000))
    content = ("id,name\n" + plain).encode() + "999999,Zoë\n".encode("cp1252")
    batch = read(content, size=100_000)
    assert batch.rows[-1] == {"id": "999999", "name": "Zoë"} and not batch.faults


def test_a_line_with_broken_letters_is_rejected_alone() -> None:
    content = "id,name\n1,Zoë\n".encode() + b"2,Jos\xe9\n" + b"3,Ana\n"
    batch = read(content)
    assert [row["id"] for row in batch.rows] == ["1", "3"]
    assert faults(batch) == [(2, 3, ValueInvalid)]
    assert batch.positions == [1, 3]


# ── rows that are rejected alone ────────────────────────────────────────────────────────────────────


def test_a_row_with_too_few_or_too_many_cells_is_rejected_with_its_line() -> None:
    batch = read('id,name\n1,"two\nlines"\n2\n3,Ana,x\n4,Marco\n')
    assert [row["id"] for row in batch.rows] == ["1", "4"]
    assert faults(batch) == [(2, 4, RowUnreadable), (3, 5, RowUnreadable)]
    assert english(batch.faults[0].error.detail) == "line 4: 1 cells, the header has 2"


def test_a_stray_quote_costs_its_own_line_and_none_of_the_people_after_it() -> None:
    content = 'id,name,town\n1,Ana,Roma\n2,"Marco,Roma\n3,Jane,Bonn\n4,"Chen, Wei","Bonn"\n5,Lena,Ulm\n'
    batch = read(content)
    assert [row["id"] for row in batch.rows] == ["1", "3", "4", "5"]
    assert faults(batch) == [(2, 3, RowUnreadable)]


def test_text_behind_a_closing_quote_is_rejected() -> None:
    batch = read('id,name\n1,"Ana" Maria\n2,Marco\n')
    assert [row["id"] for row in batch.rows] == ["2"]
    assert faults(batch) == [(1, 2, RowUnreadable)]


def test_a_quote_inside_a_cell_that_is_not_quoted_is_a_letter() -> None:
    assert read('id,name\n1,Dwayne "Rock" J\n').rows[0]["name"] == 'Dwayne "Rock" J'


@pytest.mark.parametrize("quoted", [True, False])
def test_a_cell_beyond_a_megabyte_rejects_its_row_and_nothing_else(quoted: bool) -> None:
    long = "x" * (CELL_LIMIT + 1)
    cell = f'"{long[: len(long) // 2]}\n{long}"' if quoted else long
    batch = read(f"id,name\n1,Ana\n2,{cell}\n3,Marco\n")
    assert [row["id"] for row in batch.rows] == ["1", "3"]
    assert faults(batch) == [(2, 3, ValueTooLarge)]


def test_a_cell_of_a_megabyte_is_still_read() -> None:
    batch = read(f"id,name\n1,{'x' * CELL_LIMIT}\n2,Ana\n")
    assert [len(row["name"] or "") for row in batch.rows] == [CELL_LIMIT, 3]


def test_a_row_of_many_cells_longer_than_a_line_may_be_is_rejected_whole() -> None:
    endless = "a,b," * (LINE_LIMIT // 4 + 1000)
    batch = read(f"id,name\n1,Ana\n{endless}\n3,Marco\n")
    assert [row["id"] for row in batch.rows] == ["1", "3"]
    assert faults(batch) == [(2, 3, ValueTooLarge)]


def test_the_number_of_a_line_is_right_after_everything_that_was_skipped() -> None:
    long = "y" * (CELL_LIMIT + 5)
    batch = read(f'id,name\n1,"a\nb"\n2,"{long}\n\n"\n3,"x,y\n4\n5,"Ana"\n6\n')
    assert [fault.line for fault in batch.faults] == [4, 7, 8, 10]
    assert [row["id"] for row in batch.rows] == ["1", "5"]


# ── the end ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_cut_inside_a_quoted_cell_never_ends() -> None:
    batches = table('id,name\n1,Ana\n2,Marco\n3,"Doe, Ja').batches(2)
    assert not next(batches).is_last
    with pytest.raises(AnswerCutOff, match="begins in line 4"):
        next(batches)


def test_a_file_cut_in_the_middle_of_a_row_never_ends() -> None:
    with pytest.raises(AnswerCutOff, match="in the middle of line 3"):
        read("id,name,town\n1,Ana,Roma\n2,Mar")


def test_a_quote_that_is_never_closed_names_its_line() -> None:
    with pytest.raises(FileUnreadable, match="opens in line 3"):
        read('id,name\n1,Ana\n2,"Marco\n3,Jane\n4,Lena\n')


def test_a_quote_never_closed_in_a_large_file_names_its_line_in_bounded_memory() -> None:
    content = 'id,name\n1,"Ana\n' + "2,Marco\n" * 300_000
    source = MemoryFile(content.encode())
    tracemalloc.start()
    try:
        with pytest.raises(FileUnreadable, match="opens in line 2"):
            list(CsvTable(source).batches(100))
        assert tracemalloc.get_traced_memory()[1] < 30 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_a_header_alone_is_a_complete_table_of_nobody() -> None:
    (batch,) = table("id,name\n").batches(10)
    assert batch.is_last and not batch.rows


@pytest.mark.parametrize("rows", [0, 1, 3, 4, 5])
def test_the_last_batch_alone_is_marked(rows: int) -> None:
    batches = list(table("id,name\n" + "".join(f"{number},x\n" for number in range(rows))).batches(2))
    assert [batch.is_last for batch in batches] == [False] * (len(batches) - 1) + [True]
    assert sum(len(batch.rows) for batch in batches) == rows


# ── going on after a restart ────────────────────────────────────────────────────────────────────────

TRICKY = (
    'id,name\n1,Zoë\n2,"two\nlines"\n\n3\n4,"a ""b"" c"\n5,"Marco,Roma\n6,Ana\n7,"x" y\n8,'
    + "z" * 40
    + "\n9,Müller\r\n10,Ångström\n11,José"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_reading_on_from_any_cursor_gives_what_was_left(encoding: str, size: int) -> None:
    content = TRICKY.encode(encoding)
    batches = list(table(content).batches(size))
    told = [(batch.rows, batch.positions, faults(batch)) for batch in batches]
    assert sum(len(batch.rows) + len(batch.faults) for batch in batches) == 11
    for number, batch in enumerate(batches[:-1], start=1):
        rest = list(table(content).batches(size, batch.cursor))
        assert [(batch.rows, batch.positions, faults(batch)) for batch in rest] == told[number:]


def test_a_cursor_is_a_byte_and_nothing_before_it_is_read_again() -> None:
    source = MemoryFile(b"id,name\n1,Ana\n2,Marco\n3,Jane\n")
    opened = CsvTable(source)
    first = next(opened.batches(1))
    source.opened_at.clear()
    assert [row["id"] for batch in opened.batches(5, first.cursor) for row in batch.rows] == ["2", "3"]
    assert source.opened_at == [len(b"id,name\n1,Ana\n")]


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=12)


@given(st.lists(st.tuples(st.integers(0, 999), CELLS, CELLS), max_size=12), st.sampled_from([",", ";", "\t"]), st.integers(1, 5))
def test_whatever_a_csv_writer_writes_is_read_back(rows: list[tuple[int, str, str]], delimiter: str, size: int) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["id", "one", "two"])
    writer.writerows(rows)
    batch = read(out.getvalue(), size, encoding="utf-8", delimiter=delimiter)
    assert not batch.faults
    assert [(row["id"], row["one"] or "", row["two"] or "") for row in batch.rows] == [(str(a), b.strip(), c.strip()) for a, b, c in rows]


def test_equal_lines_have_equal_digests_and_others_do_not() -> None:
    digests = read('id,name\n1,Ana\n1,Ana\n1,Anna\n2,"a\nb"\n2,"a\nb"\n1,Ana').digests
    assert digests[0] == digests[1] == digests[5]
    assert digests[3] == digests[4]
    assert len(set(digests)) == 3


# ── size ────────────────────────────────────────────────────────────────────────────────────────────


class Endless:
    """A table of `size` bytes that is made while it is read."""

    name = "people.csv"
    line = b"12345,Jane,Doe,jane.doe@client-company.example,Berlin\n"

    def __init__(self, size: int) -> None:
        self.size = size // len(self.line) * len(self.line)

    def open(self, offset: int = 0) -> BinaryIO:
        return io.BufferedReader(_Repeated(self.line, self.size, offset), 65536)


class _Repeated(io.RawIOBase):
    def __init__(self, line: bytes, size: int, offset: int) -> None:
        super().__init__()
        self._block = line * 2000
        self._left = size - offset
        self._at = offset % len(line)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        piece = self._block[self._at : self._at + min(len(buffer), self._left)]
        buffer[: len(piece)] = piece
        self._left -= len(piece)
        self._at = (self._at + len(piece)) % len(self._block)
        return len(piece)


def test_the_memory_does_not_grow_with_the_file() -> None:
    def peak(size: int) -> int:
        tracemalloc.start()
        try:
            rows = sum(len(batch.rows) for batch in CsvTable(Endless(size)).batches(1000))
            assert rows == size // len(Endless.line) - 1
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = peak(MEGABYTE), peak(5 * MEGABYTE)
    assert large < small * 1.2
