"""The editor: rows in a plain form, a real record beside them, nothing saved before somebody says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from config.roles.models import User
from config.sentences import english
from integrations.connectors.models import Connector
from integrations.mapping.compare import compare
from integrations.mapping.models import MappingState, MappingVersion, ValueMap
from integrations.mapping.shapes import shape_of
from integrations.mapping.versions import as_values, draft, install_default, of_stream, problems, save_draft
from integrations.records.models import SourceRecord
from integrations.vendors.base import MappingRow as Row
from integrations.vendors.moodle.vendor import Moodle
from tests.integrations.mapping.conftest import new_record

EDIT = ("mapping-edit", ["probe", "people"])
PREVIEW = ("mapping-preview", ["probe", "people"])


def address(name: tuple[str, list[Any]]) -> str:
    return reverse(name[0], args=name[1])


@pytest.fixture
def lea(client: Client, author: User) -> Client:
    client.force_login(author)
    return client


def staff(client: Client, *permissions: str) -> Client:
    user = User.objects.create_user("ben", is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client.force_login(user)
    return client


def sent(version: MappingVersion | None, do: str = "save", **changes: Any) -> dict[str, str]:
    """What a browser sends for the rows of a version; `target__field=value` changes one, `new={...}` fills the empty row."""
    rows = [as_values(row) for row in version.rows.all()] if version else []
    data = {"do": do, "rows-TOTAL_FORMS": str(len(rows) + 1), "rows-INITIAL_FORMS": str(len(rows)), "seen": changes.pop("seen", "")}
    new = {"null_policy": "keep", "strength": "always", "direction": "in", **changes.pop("new", {})}
    extra = {key: value for key, value in changes.items() if "__" not in key}
    for place, row in enumerate(rows):
        row = {**row, "transforms": "\r\n".join(row["transforms"])}
        row |= {key.split("__")[1]: value for key, value in changes.items() if key.split("__")[0] == row["target"] and "__" in key}
        data |= {f"rows-{place}-{name}": value for name, value in row.items() if value not in (False, None)}
    data |= {f"rows-{len(rows)}-{name}": value for name, value in new.items()}
    return data | extra


def test_the_list_shows_every_stream_with_what_is_in_force(
    lea: Client, mapped: MappingVersion, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    draft(mapped.connector, "people", None)
    for number in range(3):
        Connector.objects.create(key=f"c{number}", name=f"Connector {number}", vendor="probe")
    lea.get(reverse("mappings"))
    with django_assert_max_num_queries(14):
        text = lea.get(reverse("mappings")).content.decode()
    assert text.count("Probe HR: ") == 4
    assert "version 1" in text and "draft" in text and "not yet" in text


def test_the_rows_in_force_stand_in_the_form_with_a_real_record_beside(
    lea: Client, mapped: MappingVersion, locations: ValueMap, record: SourceRecord
) -> None:
    text = lea.get(address(EDIT)).content.decode()
    assert 'value="email"' in text
    assert "jane.doe@meridian.example" in text
    assert "Berlin" in text
    assert "<script>" not in text and " style=" not in text and "onclick" not in text


def test_saving_a_change_begins_a_draft_and_leaves_what_is_in_force(lea: Client, mapped: MappingVersion) -> None:
    answer = lea.post(address(EDIT), sent(mapped, work_email__source="mail"))
    assert answer.status_code == 302
    begun = of_stream(mapped.connector, "people", MappingState.DRAFT)
    assert begun is not None
    assert begun.rows.get(target="work_email").source == "mail"
    assert [as_values(row) | {"source": ""} for row in begun.rows.all()] == [as_values(row) | {"source": ""} for row in mapped.rows.all()]
    assert mapped.rows.get(target="work_email").source == "email"


def test_a_row_can_be_added_and_one_removed(lea: Client, mapped: MappingVersion) -> None:
    new = {"target": "job_title", "source": "title", "transforms": "trim\r\n\r\ntitle", "null_policy": "clear", "required": "on"}
    lea.post(address(EDIT), sent(mapped, new=new, location__DELETE="on"))
    begun = of_stream(mapped.connector, "people", MappingState.DRAFT)
    assert begun is not None
    assert set(begun.rows.values_list("target", flat=True)) == {
        "employee_number",
        "given_name",
        "family_name",
        "work_email",
        "termination_on",
        "job_title",
    }
    added = begun.rows.get(target="job_title")
    assert (added.transforms, added.null_policy, added.required) == (["trim", "title"], "clear", True)


def test_spaces_in_an_argument_stay(lea: Client, mapped: MappingVersion) -> None:
    lea.post(address(EDIT), sent(mapped, work_email__transforms="join: \nreplace:a| and "))
    begun = of_stream(mapped.connector, "people", MappingState.DRAFT)
    assert begun is not None
    assert begun.rows.get(target="work_email").transforms == ["join: ", "replace:a| and "]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"work_email__source": "a..b"}, "is not a path"),
        ({"work_email__transforms": "nonsense"}, "there is no transform"),
        ({"work_email__condition": "value.upper()"}, "only the fields of the record"),
        ({"work_email__target": "shoe_size"}, "Select a valid choice"),
        ({"work_email__target": "location"}, "Another row fills this already"),
        ({"work_email__null_policy": "forget"}, "Select a valid choice"),
        ({"work_email__source": ""}, "This field is required"),
    ],
)
def test_a_row_that_cannot_be_understood_is_not_saved_and_says_why_beside_the_field(
    lea: Client, mapped: MappingVersion, record: SourceRecord, change: dict[str, str], says: str
) -> None:
    answer = lea.post(address(EDIT), sent(mapped, **change))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert says in text
    assert 'role="alert"' in text and 'aria-invalid="true"' in text
    assert of_stream(mapped.connector, "people", MappingState.DRAFT) is None


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(lea: Client, mapped: MappingVersion, author: User) -> None:
    begun = draft(mapped.connector, "people", author)
    seen = lea.get(address(EDIT)).context["seen"]
    save_draft(begun, [as_values(row) for row in begun.rows.all()][:-1], author)
    answer = lea.post(address(EDIT), sent(begun, work_email__source="mail", seen=seen))
    assert "omebody else changed this draft" in answer.content.decode()
    assert begun.rows.get(target="work_email").source == "email"


def test_one_more_row_keeps_what_was_typed_and_saves_nothing(lea: Client, mapped: MappingVersion) -> None:
    text = lea.post(address(EDIT), sent(mapped, do="add", work_email__source="typed_but_not_saved")).content.decode()
    assert 'value="typed_but_not_saved"' in text
    assert 'name="rows-TOTAL_FORMS" value="8"' in text
    assert of_stream(mapped.connector, "people", MappingState.DRAFT) is None


def test_the_preview_shows_each_step_and_saves_nothing(
    lea: Client, mapped: MappingVersion, record: SourceRecord, locations: ValueMap
) -> None:
    before = MappingVersion.objects.count()
    data = sent(mapped, do="", given_name__transforms="upper\nsuffix:!", record=str(record.pk))
    answer = lea.post(address(PREVIEW), data)
    text = " ".join(answer.content.decode().split())
    assert "<html" not in text
    assert "JANE!" in text and "upper</span>: JANE" in text
    assert "5 attributes filled" in text
    assert MappingVersion.objects.count() == before


def test_the_preview_marks_what_is_wrong_what_is_empty_and_what_has_no_name(
    lea: Client, mapped: MappingVersion, locations: ValueMap
) -> None:
    record = new_record(mapped.connector, "7", email="nobody", site="XYZ", left="")
    lines = {line.label: line for line in lea.post(address(PREVIEW), sent(mapped, record=str(record.pk))).context["preview"].lines}
    assert (lines["Work e-mail"].tone, "nobody" in lines["Work e-mail"].message) == ("bad", True)
    assert lines["Termination date"].tone == "idle"
    assert (lines["Location"].tone, "“XYZ” waits" in lines["Location"].message) == ("warn", True)
    assert lines["First name"].tone == "ok"


def test_a_row_that_cannot_be_read_shows_its_mistake_while_the_others_go_on(
    lea: Client, mapped: MappingVersion, record: SourceRecord
) -> None:
    answer = lea.post(address(PREVIEW), sent(mapped, work_email__transforms="nonsense"))
    assert answer.status_code == 200
    shown = answer.context["preview"]
    assert "there is no transform" in shown.lines[0].message
    assert {line.label for line in shown.lines if line.tone == "ok"} >= {"First name", "Last name"}


def test_a_record_is_found_by_its_id_at_random_or_because_it_waits(lea: Client, mapped: MappingVersion) -> None:
    records = [new_record(mapped.connector, f"id-{number}") for number in range(5)]
    SourceRecord.objects.filter(pk=records[1].pk).update(pending=True)

    def shown(**asked: str) -> Any:
        return lea.post(address(PREVIEW), sent(mapped, **asked)).context["preview"].record

    assert shown(pick="find", asked="id-3") == records[3]
    assert shown(pick="find", asked="ID-4") == records[4]
    assert shown(pick="find", asked="nobody") is None
    assert shown(pick="waiting") == records[1]
    assert shown(pick="random") in records
    assert shown(record=str(records[2].pk)) == records[2]
    assert shown(record="x' OR 1=1") == records[4]


def test_a_record_of_another_stream_is_never_shown(lea: Client, mapped: MappingVersion, record: SourceRecord) -> None:
    other = Connector.objects.create(key="other", name="Other", vendor="probe")
    foreign = new_record(other, "99", first="Foreign")
    answer = lea.post(address(PREVIEW), sent(mapped, record=str(foreign.pk)))
    assert answer.context["preview"].record == record


def test_the_number_of_queries_does_not_grow_with_rows_or_records(
    lea: Client, mapped: MappingVersion, locations: ValueMap, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        new_record(mapped.connector, str(number))
    lea.get(address(EDIT))
    with django_assert_max_num_queries(22):
        assert lea.get(address(EDIT)).status_code == 200
    with django_assert_max_num_queries(12):
        assert lea.post(address(PREVIEW), sent(mapped)).status_code == 200


def test_trying_on_many_records_counts_and_writes_nothing(lea: Client, mapped: MappingVersion, locations: ValueMap) -> None:
    records = [
        new_record(mapped.connector, str(number), mail=f"new{number}@meridian.example" if number else "nobody") for number in range(4)
    ]
    SourceRecord.objects.update(values={"work_email": "jane.doe@meridian.example"})
    tried = lea.post(address(EDIT), sent(mapped, do="trial", work_email__source="mail")).context["trial"]
    assert (tried.tried, tried.changed, tried.set_aside) == (4, 3, 1)
    assert tried.by_attribute["work_email"] == 3
    text = lea.post(address(EDIT), sent(mapped, do="trial", work_email__source="mail")).content.decode()
    assert text.index("On many records") < text.index("On a real record"), "what was asked for stands on top"
    assert '<h2 tabindex="-1" autofocus>On many records' in text
    assert SourceRecord.objects.get(pk=records[1].pk).values == {"work_email": "jane.doe@meridian.example"}


@pytest.fixture
def secret(mapped: MappingVersion) -> SourceRecord:
    return new_record(mapped.connector, "42", first="Zuleika", last="Quist", email="zuleika.q@meridian.example")


def test_personal_values_are_masked_for_those_without_the_right(
    client: Client, mapped: MappingVersion, secret: SourceRecord, locations: ValueMap
) -> None:
    ben = staff(client, "integrations.view_mappingversion", "integrations.change_mappingversion")
    text = ben.get(address(EDIT)).content.decode()
    assert "Zuleika" not in text and "zuleika.q" not in text
    assert "z•••@meridian.example" in text
    assert "Berlin" in text
    assert "masked for you" in text


def test_pointing_a_harmless_attribute_at_a_personal_field_reveals_nothing(
    client: Client, mapped: MappingVersion, secret: SourceRecord
) -> None:
    ben = staff(client, "integrations.view_mappingversion", "integrations.change_mappingversion")
    for change in (
        {"location__source": "first", "location__transforms": ""},
        {"new": {"target": "job_title", "source": "join(' ', [first, last])"}},
    ):
        text = ben.post(address(PREVIEW), sent(mapped, **change)).content.decode()
        assert "Zuleika" not in text and "Quist" not in text
    text = ben.post(address(PREVIEW), sent(mapped, new={"target": "country", "source": "first"})).content.decode()
    assert "Zuleika" not in text and "cannot be read" in text
    ben.post(address(EDIT), sent(mapped, location__source="first", location__transforms=""))
    text = ben.get(address(EDIT)).content.decode()
    assert "Zuleika" not in text


def test_examples_of_a_trial_are_hidden_from_those_without_the_right(client: Client, mapped: MappingVersion, secret: SourceRecord) -> None:
    ben = staff(client, "integrations.view_mappingversion")
    text = ben.post(address(EDIT), sent(mapped, do="trial", work_email__source="first")).content.decode()
    assert "Zuleika" not in text
    assert "Would be set aside" in text


def test_only_those_who_may_change_mappings_can_save(client: Client, mapped: MappingVersion) -> None:
    ben = staff(client, "integrations.view_mappingversion")
    assert "Save draft" not in ben.get(address(EDIT)).content.decode()
    assert ben.post(address(EDIT), sent(mapped)).status_code == 403
    assert of_stream(mapped.connector, "people", MappingState.DRAFT) is None


@pytest.mark.parametrize("name", ["mappings", "mapping-edit", "mapping-versions", "mapping-publish", "value-maps"])
def test_the_pages_are_closed_to_strangers_and_to_staff_without_the_right(client: Client, mapped: MappingVersion, name: str) -> None:
    args = [] if name in ("mappings", "value-maps") else ["probe", "people"]
    assert client.get(reverse(name, args=args)).status_code == 302
    assert staff(client).get(reverse(name, args=args)).status_code == 403


def test_a_stream_that_does_not_exist_is_not_found(lea: Client, mapped: MappingVersion) -> None:
    assert lea.get(reverse("mapping-edit", args=["probe", "nothing"])).status_code == 404
    assert lea.get(reverse("mapping-edit", args=["nobody", "people"])).status_code == 404


def test_a_mapping_to_a_target_is_looked_at_with_the_values_of_a_person(lea: Client, mapped: MappingVersion, record: SourceRecord) -> None:
    SourceRecord.objects.update(values={"given_name": "Jane", "family_name": "Doe"})
    target = Connector.objects.create(key="lms", name="LMS", vendor="probe", is_target=True)
    install_default(target, "accounts", [Row("firstname", "given_name", ("upper",))])
    text = lea.get(reverse("mapping-edit", args=["lms", "accounts"])).content.decode()
    assert "JANE" in text
    assert "public_id" in text
    assert "Try on many" not in text


def test_a_mapping_without_rows_can_be_begun(lea: Client, connector: Connector) -> None:
    assert "Nothing is mapped yet" in lea.get(reverse("mapping-edit", args=["probe", "units"])).content.decode()
    lea.post(reverse("mapping-edit", args=["probe", "units"]), sent(None, new={"target": "name", "source": "title"}))
    begun = of_stream(connector, "units", MappingState.DRAFT)
    assert begun is not None
    assert begun.rows.get().source == "title"


def test_a_broken_form_is_refused_without_an_error_page(lea: Client, mapped: MappingVersion) -> None:
    assert lea.post(address(EDIT), {"do": "save"}).status_code == 422
    assert lea.post(address(EDIT), {"do": "add", "rows-TOTAL_FORMS": "x"}).status_code == 422
    assert lea.post(address(PREVIEW), {}).status_code == 200


def test_a_row_to_a_target_says_when_it_arrives_and_a_row_inwards_does_not(lea: Client, mapped: MappingVersion) -> None:
    target = Connector.objects.create(key="lms", name="LMS", vendor="probe", is_target=True)
    version = install_default(target, "accounts", [Row("firstname", "given_name"), Row("city", "location", route="nightly")])
    there = reverse("mapping-edit", args=["lms", "accounts"])
    text = lea.get(there).content.decode()
    assert "Arrives" in text and 'value="nightly" selected' in text
    assert "Arrives" not in lea.get(address(EDIT)).content.decode()
    assert (
        lea.post(
            there, sent(version, new={"direction": "out", "route": "at_once"}, firstname__route="hourly", city__route="at_once")
        ).status_code
        == 302
    )
    begun = of_stream(target, "accounts", MappingState.DRAFT)
    assert begun is not None and dict(begun.rows.values_list("target", "route")) == {"firstname": "hourly", "city": "at_once"}
    told = compare(version.rows.all(), begun.rows.all(), shape_of("probe", "accounts"))
    assert [english(one.sentences[0]) for one in told] == [
        "Arrives: within the hour (was: at once).",
        "Arrives: at once (was: at night).",
    ]


def test_only_what_goes_out_can_wait(mapped: MappingVersion, author: User) -> None:
    begun = draft(mapped.connector, "people", author)
    begun.rows.filter(target="work_email").update(route="nightly")
    assert [english(one.detail) for one in problems(begun)] == ["work_email: only what goes to a target can wait"]


@pytest.mark.parametrize("wrong", [{"source": "]"}, {"source": "start", "transforms": "no_such_step"}])
def test_a_row_that_cannot_be_read_is_called_what_it_fills(lea: Client, mapped: MappingVersion, wrong: dict[str, str]) -> None:
    new_record(mapped.connector, "42", first="Zuleika", start="2026-06-15")
    answer = lea.post(address(PREVIEW), sent(mapped, new={"target": "hire_on", **wrong}))
    assert "Hire date" in [line.label for line in answer.context["preview"].lines if line.tone == "bad"]
    assert "<b>hire_on</b>" not in answer.content.decode()


def test_a_mapping_to_a_learning_system_shows_examples_of_what_only_a_person_has(lea: Client, connector: Connector) -> None:
    academy = Connector.objects.create(key="academy", name="Academy", vendor="moodle", is_target=True)
    install_default(academy, "users", Moodle.default_mapping["users"])
    record = new_record(connector, "7")
    record.values = {"given_name": "Ana", "family_name": "Ruiz", "work_email": "ana@meridian.example"}
    record.save()
    page = lea.get(reverse("mapping-edit", args=["academy", "users"])).content.decode()
    assert "P-000000" in page and "here an example" in page and "is wrong" not in page
