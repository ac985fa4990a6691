"""Versions on the page: compare, publish with a note, restore, throw away."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from config.roles.models import User
from integrations.mapping.decisions import SECOND_PERSON, PublishMapping
from integrations.mapping.models import MappingState, MappingVersion
from integrations.mapping.translate import published
from integrations.mapping.versions import as_values, draft, of_stream, save_draft


@pytest.fixture
def lea(client: Client, author: User) -> Client:
    client.force_login(author)
    return client


@pytest.fixture
def changed(mapped: MappingVersion, author: User) -> MappingVersion:
    begun = draft(mapped.connector, "people", author)
    rows = [as_values(row) | ({"source": "mail"} if row.target == "work_email" else {}) for row in begun.rows.all()]
    return save_draft(begun, rows, author)


def address(name: str, *more: int) -> str:
    return reverse(name, args=["probe", "people", *more])


def test_two_versions_are_compared_in_words(lea: Client, changed: MappingVersion) -> None:
    text = lea.get(address("mapping-versions"), {"old": "1", "new": "2"}).content.decode()
    assert "From version 1 to version 2" in text
    assert "Taken from “mail” instead of “email”." in text
    assert "Nothing differs" in lea.get(address("mapping-versions"), {"old": "1", "new": "1"}).content.decode()
    assert lea.get(address("mapping-versions"), {"old": "x", "new": "99"}).status_code == 200


def test_publishing_shows_what_changes_and_asks_for_a_note(lea: Client, changed: MappingVersion) -> None:
    assert "instead of “email”" in lea.get(address("mapping-publish")).content.decode()
    refused = lea.post(address("mapping-publish"), {"reason": ""})
    assert refused.status_code == 422 and "Please give a reason" in refused.content.decode()
    assert lea.post(address("mapping-publish"), {"reason": "renamed"}).status_code == 302
    assert published(changed.connector_id, "people").number == 2


def test_a_draft_with_mistakes_shows_them_instead_of_the_button(lea: Client, changed: MappingVersion, author: User) -> None:
    save_draft(changed, [], author)
    text = lea.get(address("mapping-publish")).content.decode()
    assert "nothing fills First name" in text
    assert 'name="reason"' not in text
    assert lea.post(address("mapping-publish"), {"reason": "try"}).status_code == 422
    assert "cannot be published yet" in lea.get(address("mapping-edit")).content.decode()


def test_the_author_is_told_that_a_second_person_must_publish(lea: Client, changed: MappingVersion) -> None:
    changed.connector.policy = {SECOND_PERSON: True}
    changed.connector.save()
    text = lea.get(address("mapping-publish")).content.decode()
    assert "Somebody else has to decide this" in text and 'name="reason"' not in text
    assert lea.post(address("mapping-publish"), {"reason": "mine"}).status_code == 422
    assert published(changed.connector_id, "people").number == 1


def test_without_a_draft_there_is_nothing_to_publish(lea: Client, mapped: MappingVersion) -> None:
    assert lea.get(address("mapping-publish")).status_code == 302


def test_an_earlier_version_is_restored_as_a_draft(lea: Client, changed: MappingVersion, mapped: MappingVersion, author: User) -> None:
    PublishMapping(author, changed).execute("renamed")
    assert "“email” instead of “mail”" in lea.get(address("mapping-restore", 1)).content.decode()
    assert lea.post(address("mapping-restore", 1)).status_code == 302
    back = of_stream(mapped.connector, "people", MappingState.DRAFT)
    assert back is not None
    assert back.rows.get(target="work_email").source == "email"
    assert lea.get(address("mapping-restore", 9)).status_code == 404


def test_a_draft_is_thrown_away_by_post_only(lea: Client, changed: MappingVersion) -> None:
    assert lea.get(address("mapping-discard")).status_code == 405
    lea.post(address("mapping-discard"))
    assert of_stream(changed.connector, "people", MappingState.DRAFT) is None
