from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Group

from config.roles.catalogue import AUDITOR, IT, LND
from config.roles.masking import Sight, sight_of
from config.roles.models import User

MASKED, FULL = Sight(False), Sight(True)


def test_a_masked_reader_can_tell_people_apart_but_not_name_them() -> None:
    assert MASKED.name("Jane van den Berg") == "J••• v••• d••• B•••"
    assert MASKED.email("jane.doe@company.com") == "j•••@company.com"
    assert MASKED.number("100234") == "•••34"


def test_a_short_number_and_a_broken_address_show_nothing() -> None:
    assert MASKED.number("123") == "•••"
    assert MASKED.email("@company.com") == "•••"
    assert MASKED.email("no-at-sign") == "•••"


def test_a_sentence_is_no_address_and_a_day_is_no_number() -> None:
    assert MASKED.value("“jane@a.example” of Jane Doe was refused") == "•••"
    assert MASKED.value("2019-08-17") == "•••"


def test_a_detail_is_masked_where_it_looks_personal_even_when_nothing_is_known_of_whom_it_is_about() -> None:
    assert MASKED.text("jane.doe@a.example, 884123, left after 2019-08-17, 12 tries") == "j•••@a.example, •••23, left after •••, 12 tries"


def test_a_gap_stays_a_gap_for_everybody() -> None:
    for sight in (MASKED, FULL):
        assert (sight.name(""), sight.email(None), sight.number("")) == ("", "", "")
        assert sight.value(None) is None
        assert sight.value([]) == []


def test_a_full_reader_sees_values_as_they_are() -> None:
    assert FULL.name("Jane Doe") == "Jane Doe"
    assert FULL.values({"work_email": "a@b.c"}, {"work_email": "email"}) == {"work_email": "a@b.c"}


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        ("jane.doe@company.com", "email", "j•••@company.com"),
        ("jane.doe@company.com", "text", "j•••@company.com"),
        ("+49 30 1234567", "text", "•••67"),
        ("Doe", "text", "D•••"),
        ("2026-05-03", "date", "•••"),
        (True, "boolean", "•••"),
    ],
)
def test_a_value_is_masked_by_the_type_of_its_attribute(value: object, kind: str, shown: str) -> None:
    assert MASKED.value(value, kind) == shown


def test_only_personal_attributes_of_a_person_are_masked() -> None:
    values = {"given_name": "Jane", "job_title": "Analyst II"}

    assert MASKED.values(values, {"given_name": "text"}) == {"given_name": "J•••", "job_title": "Analyst II"}


def test_a_sentence_that_quotes_a_record_is_masked_where_it_quotes() -> None:
    assert MASKED.text("jane@a.com is also used by Jane Doe", of=["Jane Doe", "jane@a.com", ""]) == "j•••@a.com is also used by J••• D•••"
    assert FULL.text("Jane Doe", of=["Jane Doe"]) == "Jane Doe"


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "sees"), [(LND, True), (AUDITOR, True), (IT, False)], ids=lambda value: getattr(value, "name", value))
def test_who_sees_personal_data_is_decided_by_the_role(role: object, sees: bool) -> None:
    user = User.objects.create(username="someone")
    user.groups.add(Group.objects.get(name=role.name))  # type: ignore[attr-defined]

    assert sight_of(user).is_full is sees


@pytest.mark.django_db
def test_a_visitor_who_is_not_signed_in_sees_nothing_in_full() -> None:
    assert sight_of(AnonymousUser()).is_full is False
