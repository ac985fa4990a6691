"""A file of a gigabyte through the whole reader, in a process of its own: what it needs does not follow the file's size.

What does grow is the memory for ids (21 to 43 bytes a row, integrations/vendors/csv_file/row_ids.py); it is counted apart.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

GIGABYTE = 1024**3
BYTES_A_ROW = 1024  # an extract with a long text in it
MOST_BYTES_FOR_AN_ID = 43
SPARE_MB = 16


def write_extract(path: Path, size: int) -> int:
    """About `size` bytes of people with accents and a quoted text of several lines. Returns how many."""
    filler = "wächst mit der Aufgabe, ".encode()
    text = (filler * (BYTES_A_ROW // len(filler) + 1))[: BYTES_A_ROW - 60].decode(errors="ignore")
    rows = size // BYTES_A_ROW
    with path.open("w", newline="") as file:
        file.write("id,name,mail,about\r\n")
        for start in range(0, rows, 1000):
            file.writelines(
                f'{number},José {number},p{number}@meridian.example,"{text}\n""{number}"""\r\n'
                for number in range(start, min(start + 1000, rows))
            )
    return rows


def read_alone(path: Path) -> dict[str, float]:
    """Rows, seconds and peak memory (MB) of a fresh process that reads this file to its last page."""
    command = [sys.executable, "-m", "tests.integrations.vendors.csv_file.test_a_gigabyte", str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"})
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Path]:
    """Removed at once: pytest keeps what the last three runs left."""
    path = tmp_path / "large.csv"
    yield path
    path.unlink(missing_ok=True)


@pytest.mark.soak
def test_a_gigabyte_takes_no_more_memory_than_ten_megabytes(tmp_path: Path, large: Path) -> None:
    few = write_extract(tmp_path / "small.csv", GIGABYTE // 100)
    many = write_extract(large, GIGABYTE)
    small, big = read_alone(tmp_path / "small.csv"), read_alone(large)
    assert (small["rows"], big["rows"]) == (few, many)
    ids = (many - few) * MOST_BYTES_FOR_AN_ID / 1024**2
    sys.stderr.write(f"{big['rows']} rows of 1 GB in {big['seconds']} s; peak {big['peak_mb']} MB, of 10 MB {small['peak_mb']} MB\n")
    assert big["peak_mb"] - small["peak_mb"] < ids + SPARE_MB


def main() -> None:
    import django

    django.setup()

    from tests.integrations.vendors.csv_file.files import NIGHT, connector

    path = Path(sys.argv[1])
    os.utime(path, (NIGHT.until.timestamp() - 3600,) * 2 if NIGHT.until else None)
    begun = time.monotonic()
    vendor = connector(path.parent, {"source": "upload", "path": path.name, "id_column": "id"})
    rows, is_last = 0, False
    for page in vendor.fetch("people", NIGHT):
        assert not page.rejected
        rows, is_last = rows + len(page.records), page.is_last
    assert is_last
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(json.dumps({"rows": rows, "seconds": round(time.monotonic() - begun, 1), "peak_mb": peak}))


if __name__ == "__main__":
    main()
