"""The pure rules hold for whatever a source may say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from identity.authority.choose import Statement, choose
from identity.lifecycle.state import LifePolicy, judge
from identity.organisation.flatten import paths, rings
from identity.organisation.primary_manager import pick
from integrations.records.completeness import Seen, pack
from integrations.records.delta import from_json, next_window, to_json
from integrations.records.models import Watermark
from integrations.vendors.base import Window
from syncjobs.guards.limits import Limit, weigh

TODAY = date(2026, 6, 10)
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati", "America/St_Johns", "UTC")]
days = st.integers(-40, 40).map(lambda n: (TODAY + timedelta(days=n)).isoformat())
maybe_day = st.none() | days
facts = st.fixed_dictionaries(
    {
        "hire_on": maybe_day,
        "last_day_on": maybe_day,
        "termination_on": maybe_day,
        "leave_from_on": maybe_day,
        "leave_until_on": maybe_day,
        "status": st.sampled_from(["active", "pending", "leave", "terminated", ""]),
        "on_leave": st.sampled_from([True, False, None]),
        "termination_reason": st.sampled_from(["", "Misconduct", "Resignation"]),
    }
)
policies = st.builds(
    LifePolicy,
    leaver_rule=st.sampled_from(["termination_date", "last_day", "first", "last"]),
    ready_days_before=st.integers(0, 14),
    urgent_reasons=st.sampled_from([frozenset(), frozenset({"misconduct"})]),
)
moments = st.integers(-45 * 24 * 60, 45 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes))


@given(facts, moments, st.sampled_from(ZONES), policies, st.integers(0, 100 * 24 * 60))
@settings(max_examples=600, deadline=None)
def test_a_standing_stays_until_the_instant_that_was_announced(
    values: dict[str, Any], now: datetime, zone: ZoneInfo, policy: LifePolicy, minutes: int
) -> None:
    assume(not (values["leave_from_on"] and values["leave_until_on"] and values["leave_until_on"] < values["leave_from_on"]))
    said = judge(values, now, zone, policy)
    then = now + timedelta(minutes=minutes)
    if said.next_change_at is None or then < said.next_change_at:
        assert judge(values, then, zone, policy).standing == said.standing
    if said.next_change_at is not None:
        assert said.next_change_at > now
        assert said.next_change_at.astimezone(zone).strftime("%H:%M:%S") == "00:00:00", "a day begins where the person is"


@given(facts, moments, st.sampled_from(ZONES), policies)
def test_the_same_facts_and_instant_give_the_same_judgement(
    values: dict[str, Any], now: datetime, zone: ZoneInfo, policy: LifePolicy
) -> None:
    assert judge(values, now, zone, policy) == judge(dict(values), now, zone, policy)


@st.composite
def statements(draw: st.DrawFn) -> list[Statement]:
    count = draw(st.integers(1, 5))
    return [
        Statement(
            record_id=number + 1,
            version=1,
            mapping=1,
            connector_id=number % 3,
            connector_name=f"source {number % 3}",
            rank=draw(st.integers(1, 3)),
            standing=draw(st.sampled_from(["active", "on_leave", "before", "left"])),
            hired=draw(st.just("") | days),
            values=draw(st.dictionaries(st.sampled_from(["job_title", "department", "status", "phone"]), st.none() | st.text(max_size=3))),
            strengths=draw(
                st.dictionaries(st.sampled_from(["job_title", "phone"]), st.sampled_from(["always", "fill_if_empty", "suggest"]))
            ),
            is_gone=draw(st.booleans()),
        )
        for number in range(count)
    ]


@given(statements(), st.randoms(use_true_random=False), st.dictionaries(st.sampled_from(["job_title", "phone"]), st.text(max_size=3)))
def test_what_survives_does_not_depend_on_the_order_of_the_records(said: list[Statement], random: Any, before: dict[str, str]) -> None:
    shuffled = list(said)
    random.shuffle(shuffled)
    one, other = choose(said, before), choose(shuffled, before)
    assert (one.values, one.sources, one.lead.record_id) == (other.values, other.sources, other.lead.record_id)


@given(statements())
def test_choosing_again_with_what_was_chosen_changes_nothing(said: list[Statement]) -> None:
    first = choose(said, {})
    assert choose(said, first.values).values == first.values


graphs = st.dictionaries(st.integers(0, 12), st.integers(0, 12), max_size=13)


@given(graphs)
def test_exactly_those_who_report_to_themselves_are_in_a_circle(reports_to: dict[int, int]) -> None:
    def comes_back(start: int) -> bool:
        at, steps = reports_to.get(start), 0
        while at is not None and at != start and steps < 20:
            at, steps = reports_to.get(at), steps + 1
        return at == start

    assert rings(reports_to, reports_to) == {person for person in reports_to if comes_back(person)}


@given(graphs)
def test_every_path_ends_in_its_unit_and_holds_none_twice(graph: dict[int, int]) -> None:
    parents = {str(unit): str(parent) for unit, parent in graph.items()}
    found, cycles = paths(parents)
    assert set(found) == set(parents)
    circling = {unit for ring in cycles for unit in ring}
    for unit, path in found.items():
        assert path[-1] == unit and len(set(path)) == len(path)
        for above, below in pairwise(path):
            assert parents[below] == above
        assert path[0] in circling or parents[path[0]] not in parents


@given(st.lists(st.fixed_dictionaries({"type": st.sampled_from(["supervisory", "matrix", "other"]), "manager": st.sampled_from("abc")})))
def test_one_manager_or_a_tie_and_never_a_weaker_line(lines: list[dict[str, str]]) -> None:
    said = pick(lines)
    kinds = [line["type"] for line in lines]
    if said.index is None:
        assert not lines or len(said.tie) > 1
    else:
        assert not ("supervisory" in kinds and lines[said.index]["type"] != "supervisory")
    assert said.why


@given(st.integers(1, 5000), st.integers(0, 5000), st.integers(1, 50), st.floats(0.01, 1), st.integers(1, 500))
def test_the_guard_lets_few_pass_and_never_more_than_the_most(people: int, of: int, few: int, share: float, most: int) -> None:
    breach = weigh("deactivate", people, of, Limit(few, share, most))
    if people >= most:
        assert breach is not None
    elif people < few:
        assert breach is None
    else:
        assert (breach is not None) == (people > share * of if of else share < 1)


@given(st.lists(st.lists(st.integers(1, 5000), max_size=30), max_size=6))
def test_the_ids_of_pages_are_counted_once_each(read: list[list[int]]) -> None:
    seen = Seen()
    assert sum(seen.add_packed(pack(ids)) for ids in read) == sum(map(len, read))
    everybody = {number for ids in read for number in ids}
    assert len(seen) == len(everybody) and all(number in seen for number in everybody)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=25), st.lists(st.integers(1, 60), min_size=1, max_size=8), st.integers(-10, 10))
def test_windows_one_after_the_other_miss_no_row_whatever_the_clocks_say(stamps: list[int], gaps: list[int], skew: int) -> None:
    """Rows are stamped by the source's clock, which goes wrong by up to ten minutes; each may be stamped in the same minute (ties)."""
    heard: set[int] = set()
    mark: datetime | None = None
    now = NOON
    for gap in [*gaps, 500]:
        now += timedelta(minutes=gap)
        source_now = now + timedelta(minutes=skew)
        window = from_json(to_json(next_window(_mark(mark), full=False, overlap_minutes=15, until=now, as_of=TODAY)))
        for index, stamp in enumerate(stamps):
            entered = NOON + timedelta(minutes=stamp)
            if entered < source_now and _covers(window, entered, source_now):
                heard.add(index)
        mark = source_now
    assert heard == set(range(len(stamps)))


def _mark(at: datetime | None) -> Watermark | None:
    return Watermark(mark=at) if at else None


def _covers(window: Window, entered: datetime, source_now: datetime) -> bool:
    return (window.since is None or entered >= window.since) and entered < source_now
