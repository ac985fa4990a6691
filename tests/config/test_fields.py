"""Look-ups by many values at once."""

from __future__ import annotations

import pytest
from django.db import connection

from config.fields import array_literal
from integrations.connectors.models import Connector

AWKWARD = ["plain", 'with "quotes"', "back\\slash", "comma, brace } and {", "", "NULL", "Łódź", "new\nline"]


def test_numbers_are_written_as_they_are_and_nothing_is_left_out_but_none() -> None:
    assert array_literal([3, None, 1]) == "{3,1}"
    assert array_literal([]) == "{}"


@pytest.mark.django_db
@pytest.mark.postgres
def test_the_database_reads_every_awkward_text_back_as_it_was() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [array_literal(AWKWARD)])
        assert cursor.fetchone()[0] == AWKWARD


@pytest.mark.django_db
def test_rows_are_found_by_any_of_the_awkward_texts() -> None:
    for number, text in enumerate(AWKWARD):
        Connector.objects.create(key=f"c{number}", name=text, vendor="moodle")
    assert set(Connector.objects.filter(name__any=AWKWARD[1:4]).values_list("name", flat=True)) == set(AWKWARD[1:4])
    assert list(Connector.objects.filter(name__any=["nobody"])) == []
    assert Connector.objects.filter(pk__any=list(Connector.objects.values_list("pk", flat=True))).count() == len(AWKWARD)


@pytest.mark.django_db
def test_words_of_the_program_are_found_and_anything_else_is_refused_before_it_reaches_a_statement() -> None:
    for key in ("active", "paused"):
        Connector.objects.create(key=key, name=key, vendor="moodle", state=key)
    assert [one.key for one in Connector.objects.filter(state__one_of=["paused", "archived"])] == ["paused"]
    assert list(Connector.objects.filter(state__one_of=["archived"])) == []
    with pytest.raises(ValueError, match="plain words"):
        Connector.objects.filter(state__one_of=["it's"])
