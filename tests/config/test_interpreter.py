"""The collector's pace."""

from __future__ import annotations

import gc
import weakref

from config.interpreter import PACE


class Knot:
    """Refers to itself."""

    def __init__(self) -> None:
        self.me = self


def test_every_process_of_the_installation_runs_at_our_pace() -> None:
    assert gc.get_threshold() == PACE
    assert gc.get_freeze_count() > 10_000


def test_circular_garbage_still_goes_by_itself() -> None:
    gone = weakref.ref(Knot())
    kept = [Knot() for _ in range(PACE[0] * 2)]
    assert gone() is None
    assert len(kept) == PACE[0] * 2
