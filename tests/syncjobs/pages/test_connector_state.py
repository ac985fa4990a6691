"""The word for a connector's state, from its signs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.vocabulary import CONNECTOR
from syncjobs.pages.connector_state import Signs, connector_state

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("signs", "word"),
    [
        (Signs("active"), "new"),
        (Signs("active", AT), "on time"),
        (Signs("active", AT, missed=1), "late"),
        (Signs("active", AT, missed=2), "down"),
        (Signs("active", None, missed=1), "late"),
        (Signs("active", AT, has_failed_since=True), "down"),
        (Signs("active", AT, open_codes=("credential_rejected",), missed=2), "action needed"),
        (Signs("active", AT, open_codes=("timed_out",)), "on time"),
        (Signs("paused", AT, open_codes=("credential_rejected",), missed=2), "paused"),
        (Signs("disabled", AT), "disabled"),
    ],
)
def test_the_most_pressing_sign_gives_the_word(signs, word):
    assert connector_state(signs) == word
    assert word in {one.key for one in CONNECTOR}
