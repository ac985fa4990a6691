from __future__ import annotations

import orjson
import pytest

from config.errors import AnswerCutOff, UnexpectedAnswer
from integrations.vendors.bamboohr import rows
from integrations.vendors.bamboohr.rows import ArrayReader
from integrations.wire.http import Response
from tests.integrations.vendors.bamboohr.other_side import FIELDS, Bamboo, person, read, records


def pieces(document: bytes, size: int) -> list[bytes]:
    return [document[start : start + size] for start in range(0, len(document), size)]


AWKWARD = [
    {"id": "1", "name": 'she said "}, {" and left'},
    {"id": "2", "name": 'back\\slash \\" quote'},
    {"id": "3", "nested": {"a": [{"b": "}"}, {}]}, "x": None},
    {"id": "4", "name": "東京 – ünïcode"},
    {},
    {"id": "5", "name": "],[{"},
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100_000])
def test_objects_are_found_however_the_document_is_cut(size: int) -> None:
    document = orjson.dumps({"title": '"employees":[', "fields": [{"id": "x"}], "employees": AWKWARD, "after": {"employees": [1]}})
    reader = ArrayReader(pieces(document, size), "employees")
    assert [item for batch in reader for item in batch] == AWKWARD
    assert reader.frame["after"] == {"employees": [1]} and reader.frame["fields"] == [{"id": "x"}]


@pytest.mark.parametrize("size", [1, 5, 4096])
def test_spaces_and_line_breaks_between_objects_do_no_harm(size: int) -> None:
    document = b'{ "employees" : [ {"id": "1"} ,\n\t{"id": "2"}\r\n ] }\n'
    assert [item for batch in ArrayReader(pieces(document, size), "employees") for item in batch] == [{"id": "1"}, {"id": "2"}]


def test_a_document_that_is_the_list_itself_can_be_read() -> None:
    assert [item for batch in ArrayReader([b' [{"id":"1"},{"id":"2"}] ']) for item in batch] == [{"id": "1"}, {"id": "2"}]
    assert list(ArrayReader([b"[]"])) == []


@pytest.mark.parametrize("keep", range(1, 60))
def test_a_document_cut_anywhere_is_never_taken_for_whole(keep: int) -> None:
    document = b'{"fields":[{"id":"x"}],"employees":[{"id":"1","a":{}},{"id":"2"}],"z":1}'
    with pytest.raises(AnswerCutOff):
        list(ArrayReader([document[:keep]], "employees"))


@pytest.mark.parametrize("document", [b"<html>Sign in</html>", b'{"title":"R"}', b"", b'{"employees":{"1":{}}}'])
def test_another_document_is_unexpected(document: bytes) -> None:
    with pytest.raises(UnexpectedAnswer):
        list(ArrayReader([document], "employees"))


def test_one_unreadable_object_does_not_take_the_others_along() -> None:
    document = b'{"employees":[{"id":"1"},{"id":"2","n":"\xff\xfe"},{"id":"3"}]}'
    (batch,) = ArrayReader([document], "employees")
    assert [isinstance(item, rows.Unreadable) for item in batch] == [False, True, False]


def test_the_rejected_row_names_its_place() -> None:
    bamboo = Bamboo(person(501))
    broken = b'{"fields":' + orjson.dumps(FIELDS) + b',"employees":[' + orjson.dumps(person(501)) + b',{"id":"502","n":"\xff"}]}'
    bamboo.other = lambda asked: Response(200, {"Content-Type": "application/json"}, broken) if asked.path.endswith("custom") else None
    (page,) = read(bamboo)
    assert [(one.position, one.error.code) for one in page.rejected] == [(2, "record_rejected")]
    assert "501" in records([page])
