from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from config.audit.cause import because
from config.audit.chain import Link, canonical, digest, instant, plain, verify
from config.audit.models import AuditDetail, AuditEntry, AuditHead
from config.audit.record import Entry, record, record_many
from config.secrets import Secret

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def write_some(count: int = 5) -> None:
    with transaction.atomic():
        cause = because("system", "a test wrote some entries")
        for number in range(count):
            record(cause, "thing.changed", "thing", number, before={"n": number}, after={"n": number + 1}, label=f"thing {number}")


@given(JSON)
def test_the_digest_survives_the_way_through_a_json_column(value: object) -> None:
    stored = json.loads(json.dumps(plain(value)))

    assert canonical(stored) == canonical(value)


def test_what_a_json_column_cannot_hold_becomes_text() -> None:
    when = datetime(2026, 5, 3, 12, tzinfo=UTC)

    assert plain({"nul": "a\x00b", "big": 2**80, "whole": 3.0, "inf": float("inf"), "money": Decimal("1.50"), "at": when}) == {
        "nul": "a␀b",
        "big": str(2**80),
        "whole": 3,
        "inf": "inf",
        "money": "1.50",
        "at": "2026-05-03T12:00:00.000000+00:00",
    }


def test_a_secret_never_enters_the_trail_in_clear() -> None:
    assert canonical({"password": Secret("hunter2")}) == '{"password":"••••••"}'.encode()


def test_the_order_of_keys_does_not_matter_to_the_digest() -> None:
    assert digest({"a": 1, "b": [2, 3]}) == digest({"b": [2, 3], "a": 1})


def test_an_instant_is_written_in_utc_with_six_digits_whatever_zone_it_came_in() -> None:
    berlin = datetime(2026, 7, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))

    assert instant(berlin) == instant(datetime(2026, 7, 1, 12, 0)) == "2026-07-01T12:00:00.000000+00:00"  # noqa: DTZ001


@pytest.mark.django_db
def test_an_empty_trail_is_intact() -> None:
    verdict = verify()

    assert verdict.is_intact and verdict.checked == 0


@pytest.mark.django_db
def test_an_untouched_trail_is_intact_to_its_end() -> None:
    write_some(7)

    verdict = verify()

    assert verdict.is_intact
    assert verdict.checked == 7
    assert verdict.last_hash == AuditHead.objects.get(pk=1).hash


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "somebody else"),
        ("action", "thing.invented"),
        ("object_type", "other"),
        ("object_id", "99"),
        ("digest", "f" * 64),
        ("at", datetime(2020, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_changed_column_breaks_the_chain_at_that_entry(column: str, value: object) -> None:
    write_some()
    AuditEntry.objects.filter(pk=3).update(**{column: value})

    verdict = verify()

    assert verdict.first_broken == 3
    assert verdict.reason == "the entry was changed"


@pytest.mark.django_db
def test_another_cause_under_an_entry_breaks_the_chain() -> None:
    write_some()
    with transaction.atomic():
        other = because("system", "an innocent cause")
    AuditEntry.objects.filter(pk=2).update(cause=other)

    assert verify().first_broken == 2


@pytest.mark.django_db
def test_a_rehashed_entry_breaks_the_chain_at_the_next_one() -> None:
    write_some()
    AuditEntry.objects.filter(pk=3).update(hash="a" * 64)
    AuditEntry.objects.filter(pk=4).update(previous="a" * 64)

    assert verify().first_broken == 3


@pytest.mark.django_db
def test_a_removed_entry_is_missed() -> None:
    write_some()
    AuditDetail.objects.filter(pk=3).delete()
    AuditEntry.objects.filter(pk=3).delete()

    verdict = verify()

    assert (verdict.first_broken, verdict.reason) == (3, "the entry is missing")


@pytest.mark.django_db
def test_entries_cut_off_at_the_end_are_missed() -> None:
    write_some()
    AuditDetail.objects.filter(pk__gte=4).delete()
    AuditEntry.objects.filter(pk__gte=4).delete()

    assert verify().first_broken == 4


@pytest.mark.django_db
def test_an_end_moved_back_over_existing_entries_is_noticed() -> None:
    write_some()
    AuditHead.objects.update(seq=3, hash=AuditEntry.objects.get(pk=3).hash)

    verdict = verify()

    assert (verdict.first_broken, verdict.reason) == (4, "an entry stands after the recorded end of the chain")


@pytest.mark.django_db
def test_changed_values_are_noticed_by_their_digest() -> None:
    write_some()
    AuditDetail.objects.filter(pk=2).update(after={"n": 1000})

    verdict = verify()

    assert (verdict.first_broken, verdict.reason) == (2, "the values of the entry were changed")


@pytest.mark.django_db
def test_erased_values_leave_the_chain_whole() -> None:
    write_some()
    AuditDetail.objects.filter(pk=2).delete()

    assert verify().is_intact


@pytest.mark.django_db
def test_a_part_of_the_trail_can_be_verified_alone() -> None:
    write_some(10)

    assert verify(from_seq=4, to=6).checked == 3
    AuditEntry.objects.filter(pk=2).update(actor="x")
    assert verify(from_seq=4, to=6).is_intact
    assert not verify(from_seq=1, to=6).is_intact


@pytest.mark.django_db
def test_a_checker_judges_the_values_that_are_kept_elsewhere() -> None:
    with transaction.atomic():
        cause = because("run", "a run")
        record_many(cause, [Entry("person.changed", "person", str(n), digest=f"{n:064d}") for n in range(4)])
    seen: list[int] = []

    def checker(links: Sequence[Link]) -> Iterable[tuple[int, str]]:
        seen.extend(link.seq for link in links)
        return [(link.seq, "the fact sheet was changed") for link in links if link.object_id == "2"]

    verdict = verify(checkers={"person": checker})

    assert seen == [1, 2, 3, 4]
    assert (verdict.first_broken, verdict.reason) == (3, "the fact sheet was changed")


@pytest.mark.django_db
def test_a_long_trail_is_verified_in_constant_queries_per_five_thousand(django_assert_max_num_queries: object) -> None:
    with transaction.atomic():
        record_many(because("run", "a run"), (Entry("person.changed", "person", str(n), digest="0" * 64) for n in range(12_000)))

    with django_assert_max_num_queries(8):  # type: ignore[operator]
        verdict = verify()

    assert verdict.checked == 12_000
