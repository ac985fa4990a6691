"""Value maps on the page: what waits first, rows in place, files in and out."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from config.audit.models import AuditEntry
from config.roles.models import User
from integrations.connectors.models import Connector
from integrations.mapping.models import MappingVersion, UnmappedValue, ValueMap, ValueMapRow
from integrations.mapping.unmapped import record_unmapped
from integrations.records.models import SourceRecord
from tests.integrations.mapping.conftest import NOW, new_record

MAP = "/admin/value-maps/locations/"


@pytest.fixture
def lea(client: Client, author: User) -> Client:
    client.force_login(author)
    return client


@pytest.fixture
def waiting(mapped: MappingVersion, locations: ValueMap) -> UnmappedValue:
    records = [new_record(mapped.connector, str(number), site="XYZ-9").pk for number in range(3)]
    record_unmapped(mapped.connector, {("locations", "XYZ-9"): records, ("locations", "Q"): records[:1]}, NOW)
    return UnmappedValue.objects.get(value="XYZ-9")


def test_codes_without_a_name_stand_first_most_people_first(lea: Client, waiting: UnmappedValue) -> None:
    text = lea.get(MAP).content.decode()
    assert text.index("XYZ-9") < text.index("Q</b>") < text.index("BER-01")
    assert "3 people wait" in text and "1 person waits" in text


def test_naming_a_code_sends_its_people_on(lea: Client, waiting: UnmappedValue) -> None:
    lea.post(reverse("value-map-name", args=[waiting.pk]), {"name": "Xanten"})
    assert ValueMapRow.objects.get(folded="xyz-9").target == "Xanten"
    assert SourceRecord.objects.filter(pending=True).count() == 3
    text = lea.get(MAP).content.decode()
    assert "XYZ-9</b>" not in text and "records are translated again" in text


def test_naming_it_twice_or_with_nothing_is_refused_in_words(lea: Client, waiting: UnmappedValue) -> None:
    to = reverse("value-map-name", args=[waiting.pk])
    assert "has no name" in lea.post(to, {"name": " "}, follow=True).content.decode()
    lea.post(to, {"name": "Xanten"})
    assert "has a name by now" in lea.post(to, {"name": "Xerxes"}, follow=True).content.decode()
    assert ValueMapRow.objects.get(folded="xyz-9").target == "Xanten"
    assert lea.post(reverse("value-map-name", args=[999999]), {"name": "x"}).status_code == 404


def test_a_row_is_added_changed_and_removed(lea: Client, locations: ValueMap) -> None:
    lea.post(MAP, {"do": "set", "code": "PAR-01", "name": "Paris", "valid_from": "2026-01-01", "valid_until": ""})
    row = locations.rows.get(folded="par-01")
    assert (row.target, str(row.valid_from)) == ("Paris", "2026-01-01")
    lea.post(
        MAP, {"do": "set", "row": row.pk, "code": "PAR-01", "name": "Paris Nord", "valid_from": "2026-01-01", "valid_until": "2026-12-31"}
    )
    row.refresh_from_db()
    assert (row.target, str(row.valid_until)) == ("Paris Nord", "2026-12-31")
    shown = lea.get(f"{MAP}remove/{row.pk}/")
    assert shown.status_code == 200 and "the code waits for a name again" in shown.content.decode()
    assert locations.rows.filter(folded="par-01").exists(), "nothing has changed yet"
    lea.post(f"{MAP}remove/{row.pk}/")
    assert not locations.rows.filter(folded="par-01").exists()
    locations.refresh_from_db()
    assert locations.version == 4
    assert set(AuditEntry.objects.filter(object_type="value_map").values_list("action", flat=True)) == {
        "value_map.row_set",
        "value_map.row_removed",
        "value_map.remove_code",
    }


def test_a_new_code_never_overwrites_one_that_is_there(lea: Client, locations: ValueMap) -> None:
    row = locations.rows.get()
    answer = lea.post(MAP, {"do": "add", "code": row.source.lower(), "name": "Elsewhere", "valid_from": row.valid_from or ""})
    assert answer.status_code == 422 and f"This code has a name already: {row.target}." in answer.content.decode()
    assert locations.rows.get().target == row.target
    assert lea.post(MAP, {"do": "add", "code": "ROM-01", "name": "Rome"}).status_code == 302
    assert locations.rows.get(folded="rom-01").target == "Rome"


def test_a_row_of_another_map_cannot_be_removed_here(lea: Client, locations: ValueMap) -> None:
    other = ValueMap.objects.create(key="titles", name="Titles")
    row = ValueMapRow.objects.create(value_map=other, source="A", folded="a", target="Analyst")
    assert lea.post(f"{MAP}remove/{row.pk}/").status_code == 404
    assert other.rows.exists()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"code": "", "name": "x"}, "This field is required"),
        ({"code": "A", "name": "x", "valid_from": "2026-02-31"}, "Enter a valid date"),
        ({"code": "A", "name": "x", "valid_from": "2026-02-02", "valid_until": "2026-02-01"}, "ends before it begins"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused_on_the_page(lea: Client, locations: ValueMap, data: dict[str, str], says: str) -> None:
    answer = lea.post(MAP, {"do": "set", **data})
    assert answer.status_code == 422 and says in answer.content.decode()
    assert locations.rows.count() == 1


@pytest.fixture
def berliners(mapped: MappingVersion, locations: ValueMap) -> list[SourceRecord]:
    """Two records that have the name of BER-01, and one that has another."""
    found = [new_record(mapped.connector, str(number), site="BER-01") for number in range(3)]
    for record, city in zip(found, ("Berlin", "Berlin", "Paris"), strict=True):
        SourceRecord.objects.filter(pk=record.pk).update(values={"location": city}, mapping_version=mapped.number)
    return found


def rename(to: str, **more: str) -> dict[str, str]:
    return {"do": "set", "code": "BER-01", "name": to, "valid_from": "", "valid_until": "", **more}


def test_a_name_that_people_have_is_changed_after_it_was_shown_how_many(
    lea: Client, locations: ValueMap, berliners: list[SourceRecord]
) -> None:
    shown = lea.post(MAP, rename("Berlin-Mitte"))
    text = shown.content.decode()
    assert shown.status_code == 200 and "“BER-01” becomes “Berlin-Mitte”" in text
    assert "2 records have “Berlin” from this map; they are translated again with the next run." in text
    assert locations.rows.get().target == "Berlin" and not SourceRecord.objects.filter(pending=True).exists()
    pressed = lea.post(MAP, {"carried": shown.context["carries"]})
    assert pressed.status_code == 302 and locations.rows.get().target == "Berlin-Mitte"
    assert set(SourceRecord.objects.filter(pending=True)) == set(berliners[:2])


def test_whoever_was_quicker_stands_and_the_old_preview_does_nothing(
    lea: Client, locations: ValueMap, berliners: list[SourceRecord]
) -> None:
    shown = lea.post(MAP, rename("Berlin-Mitte"))
    locations.rows.update(target="Berlin-Ost")
    pressed = lea.post(MAP, {"carried": shown.context["carries"]})
    assert pressed.status_code == 422 and "somebody else changed this line in the meantime" in pressed.content.decode()
    assert locations.rows.get().target == "Berlin-Ost"
    leads_back = lea.post(MAP, {"carried": shown.context["carries"], "again": "1"})
    assert leads_back.status_code == 302 and locations.rows.get().target == "Berlin-Ost"
    assert lea.post(MAP, {"carried": "nonsense"}).status_code == 302


def test_what_nobody_has_is_changed_at_once(lea: Client, locations: ValueMap, berliners: list[SourceRecord]) -> None:
    SourceRecord.objects.update(values={"location": "Paris"})
    assert lea.post(MAP, rename("Berlin-Mitte")).status_code == 302
    assert locations.rows.get().target == "Berlin-Mitte"


def test_another_last_day_is_shown_as_well(lea: Client, locations: ValueMap, berliners: list[SourceRecord]) -> None:
    shown = lea.post(MAP, rename("Berlin", valid_until="2026-12-31"))
    assert "has this name until" in shown.content.decode() and locations.rows.get().valid_until is None
    lea.post(MAP, {"carried": shown.context["carries"]})
    assert str(locations.rows.get().valid_until) == "2026-12-31"
    assert "has this name without an end" in lea.post(MAP, rename("Berlin")).content.decode()


def test_a_file_says_how_many_records_it_reaches(lea: Client, locations: ValueMap, berliners: list[SourceRecord]) -> None:
    def upload(do: str, text: str, **more: str) -> dict[str, object]:
        return {"do": do, "file": SimpleUploadedFile("map.csv", text.encode()), **more}

    tried = lea.post(f"{MAP}import/", upload("try", "code,name\nBER-01,Berlin-Mitte\n")).content.decode()
    assert "2 records have a name that changes" in tried and locations.rows.get().target == "Berlin"
    gone = lea.post(f"{MAP}import/", upload("try", "code,name\nPAR-01,Paris\n", replace="on")).content.decode()
    assert "2 records have a name that changes" in gone
    same = lea.post(f"{MAP}import/", upload("try", "code,name\nBER-01,Berlin\n")).content.decode()
    assert "a name that changes" not in same
    done = lea.post(f"{MAP}import/", upload("import", "code,name\nBER-01,Berlin-Mitte\n"), follow=True).content.decode()
    assert "2 records are translated again." in done


def test_unknown_codes_can_be_let_through_which_releases_those_who_wait(lea: Client, waiting: UnmappedValue) -> None:
    lea.post(MAP, {"do": "unknown", "keep_unknown": "on"})
    assert ValueMap.objects.get().keep_unknown
    assert not UnmappedValue.objects.filter(closed_at=None).exists()
    assert SourceRecord.objects.filter(pending=True).count() == 3


def test_a_file_is_tried_then_read_in_then_downloaded(lea: Client, locations: ValueMap) -> None:
    def upload(do: str) -> object:
        return {"do": do, "file": SimpleUploadedFile("map.csv", "code;name\nZRH-01;Zürich\n=1;=2\n".encode())}

    tried = lea.post(f"{MAP}import/", upload("try"))
    assert "would add 2" in tried.content.decode()
    assert locations.rows.count() == 1
    assert lea.post(f"{MAP}import/", upload("import")).status_code == 302
    assert locations.rows.count() == 3
    answer = lea.get(f"{MAP}export/")
    assert answer["Content-Disposition"] == 'attachment; filename="locations.csv"'
    assert "ZRH-01,Zürich" in answer.content.decode("utf-8-sig") and "'=1,'=2" in answer.content.decode()
    again = lea.post(f"{MAP}import/", {"do": "try", "file": SimpleUploadedFile("map.csv", answer.content)})
    assert "add 0, change 0, remove 0 and leave 3" in again.content.decode()


def test_a_wrong_line_is_named_and_nothing_changes(lea: Client, locations: ValueMap) -> None:
    answer = lea.post(f"{MAP}import/", {"do": "import", "file": SimpleUploadedFile("map.csv", b"code,name\nA,x\nB,\n")})
    assert answer.status_code == 422
    assert "line 3" in answer.content.decode() and "no name" in answer.content.decode()
    assert locations.rows.count() == 1
    several = SimpleUploadedFile("map.csv", b"code,name\nA,x\nA,y\nB,\nC,\n")
    told = lea.post(f"{MAP}import/", {"do": "import", "file": several}).content.decode()
    assert all(f"line {number}" in told for number in (3, 4, 5)), "every wrong line at once"
    assert lea.post(f"{MAP}import/", {"do": "import", "file": SimpleUploadedFile("map.csv", b"\xff\xfe\x00")}).status_code == 422
    assert lea.post(f"{MAP}import/", {"do": "import"}).status_code == 422


def test_a_map_is_added_and_listed_with_what_waits(
    lea: Client, waiting: UnmappedValue, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    assert lea.post("/admin/value-maps/", {"key": "titles", "name": "Job titles"}).status_code == 302
    assert lea.post("/admin/value-maps/", {"key": "titles", "name": "Again"}).status_code == 422
    with django_assert_max_num_queries(14):
        text = lea.get("/admin/value-maps/").content.decode()
    assert "Job titles" in text and "lookup:locations" in text


def test_a_long_map_is_searched_and_paged(lea: Client, locations: ValueMap, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    ValueMapRow.objects.bulk_create(
        ValueMapRow(value_map=locations, source=f"C{number:03}", folded=f"c{number:03}", target=f"Town {number}") for number in range(250)
    )
    lea.get(MAP)
    with django_assert_max_num_queries(18):
        text = lea.get(MAP).content.decode()
    assert "1 to 100 of 251" in text and "C150" not in text
    assert "201 to 251 of 251" in lea.get(MAP, {"after": "200"}).content.decode()
    found = lea.get(MAP, {"q": "c15"}).content.decode()
    assert "C150" in found and "C149" not in found
    assert "Nothing fits" in lea.get(MAP, {"q": "nowhere"}).content.decode()


def test_those_who_may_only_look_find_no_buttons_and_are_refused(client: Client, waiting: UnmappedValue, connector: Connector) -> None:
    ben = User.objects.create_user("ben", is_staff=True)
    ben.user_permissions.add(Permission.objects.get(codename="view_valuemap"))
    client.force_login(ben)
    text = client.get(MAP).content.decode()
    assert "BER-01" in text and "Name it" not in text and 'value="set"' not in text
    for to, data in (
        (MAP, {"do": "set", "code": "A", "name": "B"}),
        (f"{MAP}remove/{ValueMapRow.objects.get().pk}/", {}),
        (f"{MAP}import/", {}),
        (reverse("value-map-name", args=[waiting.pk]), {"name": "x"}),
        ("/admin/value-maps/", {}),
    ):
        assert client.post(to, data).status_code == 403
