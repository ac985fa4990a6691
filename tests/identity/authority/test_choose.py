"""Which source wins, and what it says of itself: a fixed rank until somebody may choose per attribute."""

from __future__ import annotations

from typing import Any

from config.sentences import english
from identity.authority.choose import Statement, choose, source_of

WHY = 3  # place of the reason in a source


def say(record_id: int, rank: int, standing: str = "active", **values: Any) -> Statement:
    strengths = values.pop("strengths", {})
    name = f"Source {record_id}"
    connector = values.pop("connector", record_id)
    return Statement(record_id, 1, 1, connector, name, rank, standing, values.get("hire_on", "2020-01-01"), values, strengths)


def test_the_source_of_the_lower_rank_wins_and_says_so() -> None:
    said = choose([say(1, 20, job_title="Buyer", phone="1"), say(2, 10, job_title="Head of buying")], {})
    assert said.values == {"job_title": "Head of buying", "phone": "1"}
    title, phone = source_of(said.sources, "job_title"), source_of(said.sources, "phone")
    assert title is not None and (title[0], english(title[WHY])) == (2, "Source 2 leads: rank 10, active")
    assert phone is not None and (phone[0], english(phone[WHY])) == (1, "Source 2 says nothing")


def test_a_living_employment_leads_before_any_rank_and_brings_all_of_itself() -> None:
    left = say(1, 10, "left", hire_on="2019-01-01", termination_on="2024-01-31", unit="Sales")
    here = say(2, 20, hire_on="2024-02-01", unit="Research")
    said = choose([left, here], {})
    assert said.lead is here
    assert said.values == {"hire_on": "2024-02-01", "unit": "Research"}, "no end of the employment that is over"


def test_who_left_by_the_leading_source_is_not_kept_by_an_older_record_elsewhere() -> None:
    """R112: the account closes. Whoever forgot to end the second record does not keep it open."""
    left = say(1, 10, "left", hire_on="2019-01-01", termination_on="2024-01-31")
    said = choose([say(2, 20, hire_on="2019-01-01", phone="2"), left], {})
    assert said.lead is left and said.values["termination_on"] == "2024-01-31"
    assert english(said.sources["*"][WHY]) == "Source 1 leads: rank 10, left"
    undated = say(1, 10, "left")
    assert choose([say(2, 20), undated], {}).lead is undated, "without a day nothing proves that the other began later"


def test_the_end_in_a_lower_source_closes_nothing() -> None:
    here = say(1, 10)
    assert choose([here, say(2, 20, "left", termination_on="2024-01-31")], {}).lead is here


def test_a_source_that_also_knows_the_person_alive_or_only_lists_them_no_more_has_not_told_an_end() -> None:
    elsewhere = say(3, 20)
    old, taken_on = say(1, 10, "left", connector=1, termination_on="2024-01-31"), say(2, 10, connector=1)
    assert choose([old, taken_on, elsewhere], {}).lead is taken_on
    starts = say(2, 10, "before", connector=1, hire_on="2027-01-01")
    assert choose([old, starts, elsewhere], {}).lead is elsewhere
    assert choose([old._replace(is_gone=True), elsewhere], {}).lead is elsewhere


def test_a_row_that_fills_what_is_empty_leaves_alone_what_stands() -> None:
    one = say(1, 10, phone="1", strengths={"phone": "fill_if_empty"})
    assert choose([one], {}).values == {"phone": "1"}
    assert choose([one], {"phone": "7"}).values == {"phone": "7"}
    silent = say(1, 10, strengths={"phone": "fill_if_empty"})
    assert choose([silent], {"phone": "7"}).values == {"phone": "7"}


def test_a_row_that_only_suggests_writes_nothing_and_lets_the_next_source_speak() -> None:
    suggests = say(1, 10, phone="1", strengths={"phone": "suggest"})
    assert choose([suggests], {}).values == {}
    assert choose([suggests, say(2, 20, phone="2")], {}).values == {"phone": "2"}


def test_a_source_that_is_switched_off_comes_behind_every_other_and_still_speaks_where_they_are_silent() -> None:
    silent = say(1, 10, job_title="Buyer", phone="1")._replace(is_off=True)
    living = say(2, 20, job_title="Head of buying")
    said = choose([silent, living], {})
    assert said.values == {"job_title": "Head of buying", "phone": "1"}
    assert english(said.sources["*"][WHY]) == "Source 2 leads: rank 20, active; Source 1 is switched off"
    assert choose([silent], {}).values == {"job_title": "Buyer", "phone": "1"}
    ended = say(2, 20, "left", termination_on="2024-01-31")
    assert choose([silent, ended], {}).lead is ended
    later_on = say(1, 10, hire_on="2024-03-01")._replace(is_off=True)
    assert choose([later_on, ended], {}).lead is later_on, "an employment that began after that end"
    told = say(1, 10, "left")._replace(is_off=True)
    assert choose([told, living], {}).lead is living
