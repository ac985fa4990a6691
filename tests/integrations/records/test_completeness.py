"""When absence may be believed."""

from __future__ import annotations

import pytest

from config.sentences import english
from integrations.records.completeness import prove


@pytest.mark.parametrize(
    ("proof", "is_last", "announced", "heard", "complete", "why"),
    [
        ("none", True, 5, 5, False, "this source cannot prove that an answer was complete"),
        ("count", False, 5, 5, False, "the last page never came"),
        ("count", True, None, 5, False, "the source did not say how many there are"),
        ("count", True, 5, 4, False, "the source announced 5 and sent 4"),
        ("count", True, 5, 5, True, "all 5 announced records came"),
        ("last_page", True, None, 3, True, "the source marked the last page after 3 records"),
    ],
)
def test_a_read_is_complete_only_by_the_proof_its_source_can_give(
    proof: str, is_last: bool, announced: int | None, heard: int, complete: bool, why: str
) -> None:
    found = prove(proof, is_last=is_last, announced=announced, heard=heard)
    assert (found.is_complete, english(found.why)) == (complete, why)
