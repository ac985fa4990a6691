from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from config.errors import RecordRejected
from config.sentences import english
from integrations.wire.payload import Payload

WORKER = Payload(
    {
        "user": {"id": ["a", "b"], "name": "Zoë", "manager": None},
        "jobs": [{"title": "Buyer", "hours": "38"}, {"title": None}],
        "active": "true",
        "count": 7,
    }
)


def test_a_value_is_read_by_its_path() -> None:
    assert WORKER["user"]["name"].as_text() == "Zoë"
    assert WORKER["jobs"][0]["title"].as_text() == "Buyer"
    assert WORKER["jobs"][-1].path == "jobs[-1]"
    assert [job["title"].as_text("none") for job in WORKER["jobs"]] == ["Buyer", "none"]


def test_the_error_names_the_path_that_was_wrong() -> None:
    with pytest.raises(RecordRejected) as caught:
        WORKER["user"]["id"].as_text()
    assert english(caught.value.detail) == "user.id: expected text, got list"
    assert caught.value.field == "user.id"
    with pytest.raises(RecordRejected, match=r"jobs\[1\]\.title: expected text, got nothing"):
        WORKER["jobs"][1]["title"].as_text()
    with pytest.raises(RecordRejected, match=r"user\.name: expected object, got text"):
        WORKER["user"]["name"]["first"].as_text()
    with pytest.raises(RecordRejected, match="the answer: expected list, got object"):
        WORKER.as_list()


def test_missing_and_null_are_the_same() -> None:
    for place in (WORKER["user"]["manager"], WORKER["user"]["nobody"], WORKER["none"]["at"][3]["all"], WORKER["jobs"][9]):
        assert place.is_missing
        assert place.as_text("") == ""
        assert list(place) == []
        assert place.as_moment(None) is None
    assert "name" in WORKER["user"] and "manager" not in WORKER["user"] and "x" not in WORKER["nothing"]


@pytest.mark.parametrize(("value", "text"), [("a", "a"), (7, "7"), (2.5, "2.5")])
def test_numbers_count_as_text(value: Any, text: str) -> None:
    assert Payload(value).as_text() == text


@pytest.mark.parametrize(("value", "number"), [(7, 7), ("7", 7), (" -7 ", -7), (7.0, 7)])
def test_whole_numbers_are_read_however_written(value: Any, number: int) -> None:
    assert Payload(value).as_integer() == number


@pytest.mark.parametrize("value", ["7.5", 7.5, True, "x", [], None, "", "²"])
def test_anything_else_is_no_whole_number(value: Any) -> None:
    with pytest.raises(RecordRejected):
        Payload(value).as_integer()


@pytest.mark.parametrize(("value", "expected"), [(True, True), (0, False), (1, True), ("TRUE", True), (" false ", False)])
def test_true_and_false_are_read_however_written(value: Any, expected: bool) -> None:
    assert Payload(value).as_boolean() is expected


@pytest.mark.parametrize("value", ["yes", 2, [], {}, None])
def test_anything_else_is_neither_true_nor_false(value: Any) -> None:
    with pytest.raises(RecordRejected):
        Payload(value).as_boolean()


@pytest.mark.parametrize("text", ["2026-05-20", "2026-05-20T23:30:00-07:00", "2026-05-20-07:00"])
def test_a_day_stays_the_day_that_was_written(text: str) -> None:
    assert Payload(text).as_date() == date(2026, 5, 20)


@pytest.mark.parametrize("text", ["2026-05-20T06:00:00Z", "2026-05-20T08:00:00+02:00", "2026-05-20T06:00:00"])
def test_a_moment_is_in_utc(text: str) -> None:
    assert Payload(text).as_moment() == datetime(2026, 5, 20, 6, tzinfo=UTC)


@pytest.mark.parametrize("value", ["0000-00-00", "20.05.2026", "soon", 5, [], None])
def test_what_is_no_date_is_rejected_with_its_place(value: Any) -> None:
    with pytest.raises(RecordRejected, match="hired"):
        Payload({"hired": value})["hired"].as_date()
    with pytest.raises(RecordRejected, match="hired"):
        Payload({"hired": value})["hired"].as_moment()
