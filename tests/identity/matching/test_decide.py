"""Link, new person or a question: exact numbers decide, everything else is evidence."""

from __future__ import annotations

from typing import Any

from config.sentences import sentence
from identity.matching.decide import AskSomeone, Facing, Known, Link, NewPerson, decide

RECORD = Facing(1, 10, "Workday", "hr:7", "a@meridian.example", "Jane", "Doe")


def known(person: int = 5, **values: Any) -> Known:
    fields = {"strong_key": "hr:7", "email_key": "a@meridian.example", "given": "Jane", "family": "Doe", "connector_id": 20, **values}
    return Known(record_id=100 + person, connector_name="BambooHR", person_id=person, **fields)


def test_nobody_who_shares_anything_is_a_new_person() -> None:
    assert decide(RECORD, [], []) == NewPerson()


def test_the_same_number_and_a_name_that_fits_is_the_same_person() -> None:
    found = decide(RECORD, [known()], [known()])
    assert found == Link(5, "strong_key", sentence("same employee number %(number)s as in %(system)s", number="7", system="BambooHR"))


def test_the_same_number_under_another_name_is_asked() -> None:
    found = decide(RECORD, [known(given="Ulla", family="Other")], [])
    assert isinstance(found, AskSomeone) and found.kind == "number_reused"
    assert ("-", "the names have nothing in common") in found.candidates[0][1]


def test_an_e_mail_alone_never_joins() -> None:
    found = decide(RECORD, [], [known(strong_key="hr:8")])
    assert isinstance(found, AskSomeone) and found.kind == "duplicate"
    found = decide(RECORD, [], [known(strong_key="hr:8", given="Ulla", family="Other")])
    assert isinstance(found, AskSomeone) and found.kind == "shared_email"


def test_number_and_e_mail_that_point_at_two_people_are_asked_with_both() -> None:
    found = decide(RECORD, [known()], [known(6, strong_key="hr:9")])
    assert isinstance(found, AskSomeone) and [person for person, _ in found.candidates] == [5, 6]


def test_two_current_records_of_one_source_with_one_number_are_asked_and_an_ended_one_is_not() -> None:
    assert isinstance(decide(RECORD, [known(connector_id=10)], []), AskSomeone)
    assert isinstance(decide(RECORD, [known(connector_id=10, is_live=False)], []), Link)


def test_whom_a_human_ruled_out_is_not_asked_about_again() -> None:
    assert decide(RECORD, [], [known(strong_key="hr:8")], frozenset({5})) == NewPerson()
