from __future__ import annotations

from typing import Any

import pytest

from config.errors import FileUnreadable, SourceFieldMissing
from config.sentences import english
from tests.integrations.vendors.csv_file.files import NIGHT, read


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"id_column": "Employee ID"}, "“Employee ID”"),
        ({"required_columns": ["name", "email", "title"]}, "“email” and “title”"),
        ({"required_columns": "email\n\n name "}, "“email”"),
        ({"changed_column": "changed"}, "“changed”"),
    ],
)
def test_a_missing_column_is_named_with_those_that_are_there(people: Any, settings: dict[str, Any], missing: str) -> None:
    pages = people("id,name\n1,Ana\n", **settings).fetch("people", NIGHT)
    with pytest.raises(SourceFieldMissing) as caught:
        next(pages)
    assert english(caught.value.detail) == f"there is no column {missing}; the file has “id” and “name”"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"-----BEGIN PGP MESSAGE-----\n", "PGP"),
        (b"%PDF-1.7", "PDF"),
        (b"<!DOCTYPE html><title>Sign in</title>", "web page"),
        (b"id,id\n1,2\n", "more than one column"),
    ],
)
def test_what_is_no_table_is_refused(people: Any, content: bytes, words: str) -> None:
    with pytest.raises(FileUnreadable, match=words):
        read(people(content))
