"""When absence may be believed."""

from __future__ import annotations

import pytest

from config.sentences import english
from integrations.records.completeness import Proof, prove, why_uncounted


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


@pytest.mark.parametrize("proof", ["none", "count", "last_page"])
def test_a_read_of_changes_is_complete_with_its_last_page_whatever_the_source_can_prove_about_absence(proof: str) -> None:
    whole = prove(proof, is_last=True, announced=None, heard=1, is_full=False)
    assert (whole.is_complete, english(whole.why)) == (True, "the source marked the last page after 1 record")
    cut = prove(proof, is_last=False, announced=None, heard=1, is_full=False)
    assert (cut.is_complete, english(cut.why)) == (False, "the last page never came")


COMPLETE = Proof(True, "all 5 announced records came")


@pytest.mark.parametrize(
    ("proof", "nameless", "is_repeated", "why"),
    [
        (COMPLETE, 0, False, None),
        (COMPLETE, 1, False, "1 row that was set aside has no id and may be anybody's"),
        (COMPLETE, 0, True, "nothing was written anew since the last full read"),
        (Proof(False, "the last page never came"), 1, True, "the last page never came"),
    ],
)
def test_nobody_is_counted_as_absent_by_a_read_that_is_no_new_and_whole_witness(
    proof: Proof, nameless: int, is_repeated: bool, why: str | None
) -> None:
    found = why_uncounted(proof, nameless=nameless, is_repeated=is_repeated)
    assert (found and english(found)) == why
