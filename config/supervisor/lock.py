"""One Rollcall per data folder: a lock that the kernel gives back whatever becomes of the process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunningError(Exception):
    """Another supervisor holds the lock; the text is for the person at the terminal."""


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the lock of this data folder. Raises AlreadyRunningError at once when it is taken."""
    path = folder / "supervisor.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)  # not inherited by children, who could outlive us with it
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = path.read_text().strip() or "unknown"
        os.close(descriptor)
        raise AlreadyRunningError(
            f"Rollcall runs already on {folder} (process {holder}). Stop it first, or set ROLLCALL_DATA_DIR."
        ) from None
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)
