"""Which source wins, and what it says of itself: a fixed rank until somebody may choose per attribute."""

from __future__ import annotations

from typing import Any

from config.sentences import english
from identity.authority.choose import Statement, choose, source_of

WHY = 3  # place of the reason in a source


def say(record_id: int, rank: int, standing: str = "active", **values: Any) -> Statement:
    strengths = values.pop("strengths", {})
    name = f"Source {record_id}"
    return Statement(record_id, 1, 1, record_id, name, rank, standing, "2020-01-01", values, strengths)


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
