"""Look-ups: folding, time, changes and files."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from config.audit.models import AuditEntry, Cause
from config.errors import FileUnreadable, MappingInvalid
from config.roles.models import User
from config.sentences import english
from integrations.connectors.models import Connector
from integrations.mapping.models import MappingVersion, UnmappedValue, ValueMap, ValueMapRow
from integrations.mapping.unmapped import record_unmapped
from integrations.mapping.value_map_files import export_csv, guarded, import_csv, unguarded
from integrations.mapping.value_map_rows import RowValues, mark_dated, remove_row, set_row
from integrations.mapping.value_maps import UNKNOWN, Table, ValueMaps, fold
from integrations.records.models import SourceRecord
from tests.integrations.mapping.conftest import NOW, new_record

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("one", "other"),
    [("BER-01", " ber-01 "), ("São  Paulo", "SAO PAULO"), ("STRASSE", "Straße"), ("ﬁn", "FIN"), ("É", "E\u0301")],
)
def test_codes_are_the_same_whatever_case_accents_and_spaces(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_name_holds_for_its_time_and_the_latest_start_wins() -> None:
    table = Table("units")
    table.add("x1", "Sales")
    table.add("x1", "Growth", date(2026, 7, 1))
    table.add("x1", "Market", date(2027, 1, 1), date(2027, 12, 31))
    names = [table.find("X1", day) for day in (date(2026, 6, 30), date(2026, 7, 1), date(2027, 1, 1), date(2027, 12, 31), date(2028, 1, 1))]
    assert names == ["Sales", "Growth", "Market", "Market", "Growth"]


def test_a_code_that_only_had_a_name_before_is_unknown_now() -> None:
    table = Table("units")
    table.add("x1", "Sales", None, date(2026, 1, 1))
    assert table.find("x1", TODAY) is UNKNOWN


def test_a_map_that_lets_unknown_codes_through_answers_the_code() -> None:
    assert Table("units", keep_unknown=True).find(" X9 ", TODAY) == "X9"


def test_a_name_added_later_is_found_although_the_code_was_asked_for_before() -> None:
    table = Table("units")
    assert table.find("x1", TODAY) is UNKNOWN
    table.add("x1", "Sales")
    assert table.find("x1", TODAY) == "Sales"


@pytest.mark.django_db
def test_loading_takes_two_queries_however_many_maps(locations: ValueMap, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ValueMap.objects.create(key="titles", name="Titles")
    with django_assert_num_queries(2):
        maps = ValueMaps.load(["locations", "titles", "nowhere"])
    assert maps.table("locations").find("BER-01", TODAY) == "Berlin"
    assert maps.table("titles").find("BER-01", TODAY) is UNKNOWN
    with pytest.raises(MappingInvalid):
        maps.table("nowhere")
    with django_assert_num_queries(2):
        assert ValueMaps.load().table("locations").find("ber-01", TODAY) == "Berlin"


def test_a_changed_name_raises_the_version_and_marks_the_records_that_hold_it(
    mapped: MappingVersion, locations: ValueMap, cause: Cause
) -> None:
    concerned = new_record(mapped.connector, "1")
    other = new_record(mapped.connector, "2")
    SourceRecord.objects.filter(pk=concerned.pk).update(values={"location": "Berlin"})
    SourceRecord.objects.filter(pk=other.pk).update(values={"location": "Paris"})
    with transaction.atomic():
        set_row(locations, RowValues("ber-01", "Berlin Mitte"), cause, NOW)
    assert locations.version == 2
    assert [row.target for row in locations.rows.all()] == ["Berlin Mitte"]
    assert list(SourceRecord.objects.filter(pending=True)) == [concerned]
    entry = AuditEntry.objects.get(action="value_map.row_set")
    assert (entry.detail.before["name"], entry.detail.after["name"]) == ("Berlin", "Berlin Mitte")


def test_the_same_row_again_changes_nothing(locations: ValueMap, cause: Cause) -> None:
    with transaction.atomic():
        set_row(locations, RowValues(" BER-01 ", "Berlin "), cause, NOW)
    assert locations.version == 1
    assert not AuditEntry.objects.exists()


def test_a_removed_row_marks_its_people(mapped: MappingVersion, locations: ValueMap, cause: Cause) -> None:
    record = new_record(mapped.connector, "1")
    SourceRecord.objects.filter(pk=record.pk).update(values={"location": "Berlin"})
    with transaction.atomic():
        remove_row(locations.rows.get(), cause, NOW)
    assert not locations.rows.exists()
    assert SourceRecord.objects.get().pending


def test_a_dated_row_marks_its_people_on_its_first_day_and_after_its_last(mapped: MappingVersion, locations: ValueMap) -> None:
    record = new_record(mapped.connector, "1")
    SourceRecord.objects.filter(pk=record.pk).update(values={"location": "Berlin"})
    ValueMapRow.objects.create(
        value_map=locations,
        source="BER-01",
        folded="ber-01",
        target="Berlin Ost",
        valid_from=date(2026, 12, 1),
        valid_until=date(2026, 12, 5),
    )
    for day, marked in ((30, 0), (31, 1), (34, 0), (35, 0), (36, 1)):
        SourceRecord.objects.update(pending=False)
        yesterday, today = (date.fromordinal(date(2026, 10, 31).toordinal() + day + shift) for shift in (-1, 0))
        assert (today, mark_dated(yesterday, today)) == (today, marked)


@pytest.mark.parametrize(
    "row",
    [
        RowValues("", "x"),
        RowValues("\u0301", "x"),
        RowValues("a", " "),
        RowValues("a" * 201, "x"),
        RowValues("a", "x" * 301),
        RowValues("a", "x", date(2026, 2, 2), TODAY.replace(month=1)),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused(row: RowValues) -> None:
    with pytest.raises(MappingInvalid):
        row.checked()


FORMULAS = ["=1+1", "+49 30", "-x", "@cmd", "\ttab", "\rreturn", "'=quoted", "''-twice"]


@pytest.mark.parametrize("cell", [*FORMULAS, "Berlin", "'s-Hertogenbosch", "a=b", ""])
def test_no_cell_begins_a_formula_and_every_cell_comes_back(cell: str) -> None:
    assert not guarded(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguarded(guarded(cell)) == cell


def test_what_goes_out_comes_in_again_unchanged(locations: ValueMap, cause: Cause) -> None:
    for number, cell in enumerate([*FORMULAS[:4], "'=quoted", "Zürich; “Nord”, 1\nStock"]):
        ValueMapRow.objects.create(
            value_map=locations, source=f"{number} {cell.split()[0]}", folded=fold(f"{number} {cell.split()[0]}"), target=cell
        )
    ValueMapRow.objects.create(
        value_map=locations, source="BER-01", folded="ber-01", target="Ost", valid_from=date(2027, 1, 1), valid_until=date(2027, 6, 30)
    )
    written = export_csv(locations)
    before = set(locations.rows.values_list("source", "folded", "target", "valid_from", "valid_until"))
    with transaction.atomic():
        again = import_csv(locations, written.encode(), cause, NOW)
    assert (again.added, again.changed, again.same, again.errors) == (0, 0, len(before), [])
    locations.rows.all().delete()
    with transaction.atomic():
        fresh = import_csv(locations, written.encode(), cause, NOW)
    assert (fresh.added, fresh.errors) == (len(before), [])
    assert set(locations.rows.values_list("source", "folded", "target", "valid_from", "valid_until")) == before
    assert export_csv(locations) == written


def test_a_file_adds_changes_and_where_asked_removes(mapped: MappingVersion, locations: ValueMap, cause: Cause) -> None:
    ValueMapRow.objects.create(value_map=locations, source="OLD", folded="old", target="Gone")
    record = new_record(mapped.connector, "1")
    SourceRecord.objects.filter(pk=record.pk).update(values={"location": "Gone"})
    content = "Code;Name\nber-01;Berlin Mitte\nPAR-01;Paris\n;\n".encode("cp1252")
    with transaction.atomic():
        tried = import_csv(locations, content, cause, NOW, replace=True, dry_run=True)
    assert (tried.added, tried.changed, tried.removed, tried.errors) == (1, 1, 1, [])
    assert locations.version == 1 and locations.rows.count() == 2
    with transaction.atomic():
        done = import_csv(locations, content, cause, NOW, replace=True)
    assert (done.added, done.changed, done.removed) == (1, 1, 1)
    assert dict(locations.rows.values_list("source", "target")) == {"BER-01": "Berlin Mitte", "PAR-01": "Paris"}
    assert locations.version == 2
    assert SourceRecord.objects.get().pending
    assert AuditEntry.objects.filter(action="value_map.imported").count() == 1


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("code,name\nA,\n", 2, "no name"),
        ("code,name\nA,x\n,y\n", 3, "code is empty"),
        ("code,name\nA,x\na ,y\n", 3, "line 2 already"),
        ("code,name,valid_from\nB,y,\nA,x,2026-02-31\n", 3, "2026-02-31"),
        ("code,name,valid_from,valid_until\nA,x,2026-02-01,2026-01-01\n", 2, "before it begins"),
        (f"code,name\nA,{'x' * 301}\n", 2, "at most"),
    ],
)
def test_a_file_with_a_wrong_line_names_it_and_changes_nothing(
    locations: ValueMap, cause: Cause, content: str, line: int, says: str
) -> None:
    with transaction.atomic():
        outcome = import_csv(locations, content.encode(), cause, NOW)
    assert [(number, says in english(message)) for number, message in outcome.errors] == [(line, True)]
    assert dict(locations.rows.values_list("source", "target")) == {"BER-01": "Berlin"}
    assert locations.version == 1


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"code\nA\n", b"code,name\nA,b,c,d\n", b"\x00\x01\x02", b"x" * 10_000_001])
def test_what_is_no_table_is_refused(locations: ValueMap, cause: Cause, content: bytes) -> None:
    with transaction.atomic(), pytest.raises(FileUnreadable):
        import_csv(locations, content, cause, NOW)


def test_a_file_of_many_lines_takes_a_few_queries(
    locations: ValueMap, cause: Cause, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    content = "code,name\n" + "".join(f"C{number},Name {number}\n" for number in range(2000))
    with django_assert_max_num_queries(60), transaction.atomic():
        assert import_csv(locations, content.encode(), cause, NOW).added == 2000


def test_names_that_arrive_in_a_file_release_the_codes_that_waited(
    mapped: MappingVersion, locations: ValueMap, connector: Connector, author: User, cause: Cause
) -> None:
    record = new_record(connector, "1", site="XYZ")
    record_unmapped(connector, {("locations", "XYZ"): [record.pk]}, NOW)
    with transaction.atomic():
        import_csv(locations, b"code,name\nxyz,Xanten\n", cause, NOW)
    assert UnmappedValue.objects.get().closed_at == NOW
    assert SourceRecord.objects.get().pending
