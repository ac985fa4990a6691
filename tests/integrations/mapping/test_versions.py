"""Draft, publish, compare, restore."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from pytest_django import DjangoAssertNumQueries

from config.audit.models import AuditEntry
from config.errors import MappingInvalid
from config.roles.models import User
from config.sentences import english
from integrations.connectors.models import Connector
from integrations.mapping.compare import compare
from integrations.mapping.decisions import SECOND_PERSON, PublishMapping, RestoreVersion
from integrations.mapping.models import MappingState, MappingVersion, ValueMap
from integrations.mapping.shapes import OUTWARDS, WORKER
from integrations.mapping.translate import published
from integrations.mapping.versions import as_values, discard, draft, install_default, of_stream, problems, save_draft
from integrations.vendors.base import MappingRow as Row
from tests.integrations.mapping.conftest import new_record
from tests.integrations.mapping.probe import PEOPLE


def rows_of(version: MappingVersion, **changes: dict[str, Any]) -> list[dict[str, Any]]:
    return [as_values(row) | changes.get(row.target, {}) for row in version.rows.all()]


def test_the_default_mapping_is_installed_once_in_force_with_its_value_maps(connector: Connector, author: User) -> None:
    version = install_default(connector, "people", PEOPLE, author)
    assert (version.state, version.number, version.rows.count()) == ("published", 1, len(PEOPLE))
    assert ValueMap.objects.get().key == "locations"
    assert install_default(connector, "people", PEOPLE, author) == version
    assert MappingVersion.objects.count() == 1


def test_rows_to_a_target_are_written_as_such(connector: Connector) -> None:
    version = install_default(connector, "accounts", [Row("firstname", "given_name")])
    assert version.rows.get().direction == "out"
    assert published(connector.pk, "accounts").strengths == {"firstname": "always"}


def test_the_published_mapping_is_read_with_two_queries_and_compiled_once(
    mapped: MappingVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = published(mapped.connector_id, "people")
    with django_assert_num_queries(2):
        assert published(mapped.connector_id, "people") is first
    assert first.number == 1


def test_without_a_published_mapping_it_says_so(connector: Connector) -> None:
    with pytest.raises(MappingInvalid, match="no mapping is published"):
        published(connector.pk, "people")


def test_a_draft_is_a_copy_and_there_is_only_one(mapped: MappingVersion, author: User) -> None:
    begun = draft(mapped.connector, "people", author)
    assert (begun.number, begun.state) == (2, "draft")
    assert rows_of(begun) == rows_of(mapped)
    assert draft(mapped.connector, "people", author) == begun


def test_publishing_puts_the_draft_in_force_and_retires_the_old(mapped: MappingVersion, author: User) -> None:
    begun = draft(mapped.connector, "people", author)
    save_draft(begun, rows_of(begun, work_email={"source": "mail"}), author)
    PublishMapping(author, begun).execute("the column was renamed")
    mapped.refresh_from_db()
    begun.refresh_from_db()
    assert (mapped.state, begun.state, begun.note) == (MappingState.RETIRED, MappingState.PUBLISHED, "the column was renamed")
    assert published(mapped.connector_id, "people").number == 2
    assert "mail" in published(mapped.connector_id, "people").roots
    entry = AuditEntry.objects.filter(action="mapping.published").latest("seq")
    assert entry.detail.before == {"number": 1}
    assert entry.cause.reason == "the column was renamed"


def test_publishing_needs_a_note(mapped: MappingVersion, author: User) -> None:
    begun = draft(mapped.connector, "people", author)
    with pytest.raises(ValidationError):
        PublishMapping(author, begun).execute(" ")
    assert of_stream(mapped.connector, "people", MappingState.DRAFT) == begun


def test_a_published_version_never_changes(mapped: MappingVersion, author: User) -> None:
    with pytest.raises(MappingInvalid, match="only a draft"):
        save_draft(mapped, [], author)
    with pytest.raises(MappingInvalid, match="only a draft"):
        discard(mapped, author)
    with pytest.raises(MappingInvalid, match="only a draft"):
        PublishMapping(author, mapped).execute("again")


def test_what_is_wrong_blocks_publishing_and_is_said_row_by_row(mapped: MappingVersion, author: User) -> None:
    begun = draft(mapped.connector, "people", author)
    rows = rows_of(begun, location={"transforms": ["lookup:cities"]}, termination_on={"direction": "out"}, work_email={"source": "a..b"})
    save_draft(begun, [row for row in rows if row["target"] != "family_name"], author)
    wrong = {error.field: error.detail for error in problems(begun)}
    assert wrong.keys() == {"location", "termination_on", "work_email", "family_name"}
    assert "Last name" in wrong["family_name"] and "cities" in wrong["location"]
    assert PublishMapping(author, begun).preview().counts == {"problems": 4}
    with pytest.raises(MappingInvalid):
        PublishMapping(author, begun).execute("try")
    assert published(mapped.connector_id, "people").number == 1


def test_the_preview_says_in_words_what_differs_and_how_many_records_read_differently(
    mapped: MappingVersion, author: User, locations: ValueMap
) -> None:
    connector = mapped.connector
    for number in range(3):
        record = new_record(connector, str(number), mail="new@meridian.example")
        record.values = published(connector.pk, "people").translate(record.payload, _maps(), record.changed_at.date()).values
        record.save()
    begun = draft(connector, "people", author)
    save_draft(begun, rows_of(begun, work_email={"source": "mail"}, given_name={"source": "nothing"}), author)
    effect = PublishMapping(author, begun).preview()
    assert any("“mail” instead of “email”" in english(line) for line in effect.sentences)
    assert (effect.counts["differences"], effect.counts["tried"], effect.counts["set_aside"], effect.danger) == (2, 3, 3, 3)


def _maps() -> Any:
    from integrations.mapping.value_maps import ValueMaps

    return ValueMaps.load()


def test_a_second_person_publishes_where_the_connector_asks_for_it(mapped: MappingVersion, author: User) -> None:
    Connector.objects.update(policy={SECOND_PERSON: True})
    begun = draft(Connector.objects.get(), "people", author)
    with pytest.raises(PermissionDenied, match="you made it"):
        PublishMapping(author, begun).execute("mine")
    PublishMapping(User.objects.create_superuser("tom"), begun).execute("read by me")
    assert published(mapped.connector_id, "people").number == 2


def test_an_earlier_version_comes_back_as_a_draft(mapped: MappingVersion, author: User) -> None:
    begun = draft(mapped.connector, "people", author)
    save_draft(begun, rows_of(begun, work_email={"source": "mail"}), author)
    PublishMapping(author, begun).execute("renamed")
    decision = RestoreVersion(author, mapped)
    assert any("“email” instead of “mail”" in english(line) for line in decision.preview().sentences)
    decision.execute()
    back = of_stream(mapped.connector, "people", MappingState.DRAFT)
    assert back is not None
    assert back.number == 3
    assert rows_of(back) == rows_of(mapped)
    assert published(mapped.connector_id, "people").number == 2


def test_restoring_replaces_the_draft_and_says_so_before(mapped: MappingVersion, author: User) -> None:
    begun = draft(mapped.connector, "people", author)
    save_draft(begun, [], author)
    decision = RestoreVersion(author, mapped)
    assert any("replaced" in sentence for sentence in decision.preview().sentences)
    decision.execute()
    assert rows_of(begun) == rows_of(mapped)


def test_a_discarded_draft_is_gone_and_its_number_is_used_again(mapped: MappingVersion, author: User) -> None:
    discard(draft(mapped.connector, "people", author), author)
    assert of_stream(mapped.connector, "people", MappingState.DRAFT) is None
    assert AuditEntry.objects.filter(action="mapping.draft_discarded").count() == 1
    assert draft(mapped.connector, "people", author).number == 2


def test_saving_what_is_there_already_leaves_no_trace(mapped: MappingVersion, author: User) -> None:
    begun = draft(mapped.connector, "people", author)
    save_draft(begun, rows_of(begun), author)
    assert not AuditEntry.objects.filter(action="mapping.draft_saved").exists()
    save_draft(begun, rows_of(begun)[:-1], author)
    assert AuditEntry.objects.filter(action="mapping.draft_saved").count() == 1


def test_versions_are_compared_in_words() -> None:
    old = [Row("phone", "tel", ("trim",)), Row("job_title", "title"), Row("company", "firm")]
    new = [
        Row("phone", "mobile", ("trim", "digits"), required=True, null_policy="clear", strength="suggest", condition="value != '0'"),
        Row("company", "firm"),
        Row("country", "land", ("country",), required=True, condition="row.land"),
    ]
    found = compare(old, new, WORKER)
    assert [(one.target, one.label, one.kind) for one in found] == [
        ("phone", "Phone", "changed"),
        ("country", "Country", "added"),
        ("job_title", "Job title", "removed"),
    ]
    assert told(found[0]) == (
        "Taken from “mobile” instead of “tel”.",
        "Changed by: trim, digits (was: trim).",
        "Only when: value != '0' (was: always).",
        "It is now required.",
        "When empty: empty it (was: keep the old value).",
        "Strength: suggest (was: always).",
    )
    assert told(found[1]) == ("Is now filled, taken from “land”.", "Changed by: country.", "Only when row.land.", "It is required.")
    assert told(found[2]) == ("Is no longer filled; was taken from “title”.",)


def test_equal_versions_and_another_order_say_nothing() -> None:
    rows = [Row("a", "x"), Row("b", "y")]
    assert compare(rows, rows[::-1], OUTWARDS) == []


def told(difference):
    return tuple(english(line) for line in difference.sentences)
