from __future__ import annotations

import pytest
from django.utils import translation

from config.roles.masking import Sight
from syncjobs.explain.values import words


@pytest.mark.parametrize(
    ("key", "value", "english", "german"),
    [
        ("worker_type", "employee", "employee", "angestellt"),
        ("worker_type", "Contingent", "contractor", "extern"),
        ("worker_type", "Working student", "Working student", "Working student"),
        ("status", "active", "active", "aktiv"),
        ("on_leave", True, "yes", "ja"),
    ],
)
def test_words_of_ours_are_said_in_the_reader_s_language_and_those_of_the_source_as_they_came(key, value, english, german):
    assert words(key, value, Sight(True)) == english
    with translation.override("de"):
        assert words(key, value, Sight(True)) == german


def test_compliance_flags_stand_side_by_side_and_are_masked_as_one() -> None:
    flags = ["Forklift", "GDPR"]
    assert words("compliance_flags", flags, Sight(True)) == "Forklift, GDPR"
    assert "Forklift" not in words("compliance_flags", flags, Sight(False))
