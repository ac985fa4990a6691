from __future__ import annotations

from typing import Any

import pytest

from config.errors import AnswerCutOff, FileUnreadable, NotFound, RollcallError, RowUnreadable, SourceEmpty, SourceFieldMissing


def test_the_connection_test_shows_what_was_found_and_nobody(people: Any) -> None:
    health = people("id;First Name;email\n1;Zoë;zoe@client-company.example\n", required_columns=["email"]).check()
    assert health.ok
    assert [step.name for step in health.steps] == ["Find the file", "Read the header", "Compare the columns", "Read the first row"]
    assert (health.facts["delimiter"], health.facts["encoding"], health.facts["file"]) == (";", "utf-8", "people.csv")
    assert "Zo" not in repr(health) and "zoe@" not in repr(health)


@pytest.mark.parametrize(
    ("content", "settings", "step", "kind"),
    [
        ("", {}, "Read the header", FileUnreadable),
        ("id\n1\n", {"path": "other.csv"}, "Find the file", NotFound),
        ("name\nAna\n", {}, "Compare the columns", SourceFieldMissing),
        ("id\n", {}, "Read the first row", SourceEmpty),
        ("id,name\n1\n", {}, "Read the first row", RowUnreadable),
        ('id,name\n"1', {}, "Read the first row", AnswerCutOff),
    ],
)
def test_the_connection_test_stops_at_the_step_that_fails(
    people: Any, content: str, settings: dict[str, Any], step: str, kind: type[RollcallError]
) -> None:
    health = people(content, **settings).check()
    assert not health.ok
    assert (health.steps[-1].name, health.steps[-1].ok, type(health.steps[-1].error)) == (step, False, kind)
    assert all(earlier.ok for earlier in health.steps[:-1])
