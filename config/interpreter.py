"""Python itself, at the pace of a process that holds thousands of records and works in two threads at once."""

from __future__ import annotations

import gc
import sys

# A page of 2,000 people is some 100,000 dicts and tuples, all alive and none in a circle. At the default pace (700, 10, 10) every
# page was searched again and again: measured on first loads of 12,000 people, 40 % of our processor time, for no memory regained.
PACE = (50_000, 20, 50)

# While one thread prepares (config/ahead.py), the other comes back from the database some twenty times a page and waits for its turn.
# At the default of 5 ms that was up to a tenth of a second a page.
TURN_SECONDS = 0.0005


def settle() -> None:
    """Once, when everything is imported: what lives as long as the process is not searched any more, the rest less often."""
    gc.freeze()
    gc.set_threshold(*PACE)
    sys.setswitchinterval(TURN_SECONDS)
