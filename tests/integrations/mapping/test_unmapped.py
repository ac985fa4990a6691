"""The queue of values nobody mapped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from pytest_django import DjangoAssertNumQueries

from config.audit.models import AuditEntry
from config.errors import MappingInvalid, PlanStale
from config.roles.models import User
from integrations.connectors.models import Connector
from integrations.mapping.models import MappingVersion, UnmappedValue, ValueMap, ValueMapRow
from integrations.mapping.unmapped import open_values, record_unmapped
from integrations.mapping.value_map_decisions import MapValue
from integrations.records.models import SourceRecord
from tests.integrations.mapping.conftest import NOW, new_record

LATER = NOW + timedelta(days=1)


def queue() -> list[tuple[str, int]]:
    return list(open_values().values_list("value", "people"))


def test_every_code_is_listed_once_with_the_people_it_touches(connector: Connector, locations: ValueMap) -> None:
    one, two, three = (new_record(connector, str(number)).pk for number in range(3))
    assert (
        record_unmapped(connector, {("locations", "XYZ"): [one, two], ("locations", " xyz "): [three], ("locations", "Q"): [one]}, NOW) == 2
    )
    assert queue() == [("XYZ", 3), ("Q", 1)] or queue() == [("xyz", 3), ("Q", 1)]
    first = open_values()[0]
    assert (first.first_at, first.last_at) == (NOW, NOW)


def test_meeting_it_again_moves_the_last_time_only(connector: Connector, locations: ValueMap) -> None:
    record = new_record(connector, "1").pk
    record_unmapped(connector, {("locations", "XYZ"): [record]}, NOW)
    record_unmapped(connector, {("locations", "XYZ"): [record]}, LATER, translated=[record])
    [value] = open_values()
    assert (value.people, value.first_at, value.last_at) == (1, NOW, LATER)


def test_a_record_that_was_mended_at_its_source_waits_no_more_and_an_entry_without_people_closes(
    connector: Connector, locations: ValueMap
) -> None:
    one, two = new_record(connector, "1").pk, new_record(connector, "2").pk
    record_unmapped(connector, {("locations", "XYZ"): [one, two]}, NOW)
    record_unmapped(connector, {}, LATER, translated=[one])
    assert queue() == [("XYZ", 1)]
    record_unmapped(connector, {("locations", "Q"): [two]}, LATER, translated=[two])
    assert queue() == [("Q", 1)]
    assert UnmappedValue.objects.get(value="XYZ").closed_at == LATER


def test_a_code_without_known_people_is_listed_too(connector: Connector, locations: ValueMap) -> None:
    record_unmapped(connector, {("locations", "XYZ"): set()}, NOW)
    assert queue() == [("XYZ", 0)]


def test_a_map_that_is_gone_leaves_no_entry(connector: Connector) -> None:
    assert record_unmapped(connector, {("nowhere", "XYZ"): [new_record(connector, "1").pk]}, NOW) == 0
    assert queue() == []


def test_the_number_of_queries_does_not_grow_with_the_records(
    connector: Connector, locations: ValueMap, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    records = [new_record(connector, str(number)).pk for number in range(300)]
    waiting = {("locations", f"X{number % 40}"): records[number % 40 :: 40] for number in range(40)}
    with django_assert_max_num_queries(14):
        record_unmapped(connector, waiting, NOW, translated=records)
    assert sum(people for _, people in queue()) == 300


def test_naming_a_code_closes_it_and_marks_exactly_those_who_waited(mapped: MappingVersion, locations: ValueMap, author: User) -> None:
    connector = mapped.connector
    waiting, other = new_record(connector, "1", site="XYZ"), new_record(connector, "2", site="BER-01")
    record_unmapped(connector, {("locations", "XYZ"): [waiting.pk]}, NOW)
    decision = MapValue(author, open_values()[0], " Xanten ")
    assert decision.preview().counts == {"records": 1}
    decision.execute()
    assert queue() == []
    assert list(SourceRecord.objects.filter(pending=True)) == [waiting]
    assert not SourceRecord.objects.get(pk=other.pk).pending
    assert locations.rows.get(folded="xyz").target == "Xanten"
    assert {"unmapped_value.map_value", "value_map.row_set"} <= set(AuditEntry.objects.values_list("action", flat=True))


def test_it_closes_the_same_code_of_every_connector(mapped: MappingVersion, locations: ValueMap, author: User) -> None:
    second = Connector.objects.create(key="second", name="Second", vendor="probe")
    records = [new_record(mapped.connector, "1"), new_record(second, "1")]
    for record in records:
        record_unmapped(record.connector, {("locations", "xyz"): [record.pk]}, NOW)
    MapValue(author, open_values()[0], "Xanten").execute()
    assert queue() == []
    assert SourceRecord.objects.filter(pending=True).count() == 2


def test_a_code_that_had_a_name_once_gets_a_new_one_from_today(locations: ValueMap, connector: Connector, author: User) -> None:
    ValueMapRow.objects.create(
        value_map=locations, source="XYZ", folded="xyz", target="Xenia", valid_until=NOW.date() - timedelta(days=400)
    )
    record_unmapped(connector, {("locations", "XYZ"): [new_record(connector, "1").pk]}, NOW)
    MapValue(author, open_values()[0], "Xanten").execute()
    assert list(locations.rows.filter(folded="xyz").order_by("valid_from").values_list("target", flat=True)) in (
        ["Xenia", "Xanten"],
        ["Xanten", "Xenia"],
    )
    assert queue() == []


def test_a_code_somebody_else_named_first_is_left_alone(locations: ValueMap, connector: Connector, author: User) -> None:
    record_unmapped(connector, {("locations", "XYZ"): [new_record(connector, "1").pk]}, NOW)
    late = MapValue(author, open_values()[0], "Xerxes")
    MapValue(author, open_values()[0], "Xanten").execute()
    with pytest.raises(PlanStale):
        late.execute()
    assert locations.rows.get(folded="xyz").target == "Xanten"


def test_an_empty_name_is_refused_and_nothing_is_written(locations: ValueMap, connector: Connector, author: User) -> None:
    record_unmapped(connector, {("locations", "XYZ"): [new_record(connector, "1").pk]}, NOW)
    with pytest.raises(MappingInvalid):
        MapValue(author, open_values()[0], "  ").execute()
    assert queue() == [("XYZ", 1)]
    assert not locations.rows.filter(folded="xyz").exists()
    assert not AuditEntry.objects.filter(object_type="unmapped_value").exists()


def test_only_those_with_the_right_may_name_a_code(locations: ValueMap, connector: Connector) -> None:
    record_unmapped(connector, {("locations", "XYZ"): []}, NOW)
    stranger = User.objects.create_user("bob", is_staff=True)
    with pytest.raises(PermissionDenied):
        MapValue(stranger, open_values()[0], "Xanten").execute()
