"""Files people upload: streamed to the data directory, a megabyte in memory, under names of ours."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from config import clock
from integrations.connectors.models import Connector

KEPT = 5  # of one connector; older ones are removed when a newer one has arrived


def folder() -> Path:
    return Path(settings.DATA_DIR) / "files"


def takes_uploads(connector: Connector) -> bool:
    """Only a connector set to uploads: elsewhere a file would change where it reads, which is for whoever may change its settings."""
    return connector.vendor == "csv_file" and connector.settings.get("source") == "upload"


def store(connector: Connector, file: UploadedFile) -> Path:
    """Write the upload completely, then give it its name: a run never finds half a file. Raises OSError when the disk is full."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    suffix = Path(file.name or "").suffix.lower()[:6]
    final = folder() / f"{connector.key}-{clock.now():%Y%m%dT%H%M%S%f}{suffix}"
    growing = final.with_suffix(f"{suffix}.part")
    try:
        with growing.open("xb") as out:
            for chunk in file.chunks(1024 * 1024):
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        growing.replace(final)
    finally:
        growing.unlink(missing_ok=True)
    return final


def forget_older(connector: Connector) -> None:
    """Remove all but the newest uploads of this connector: extracts are personal data."""
    for path in _uploads(connector.key)[:-KEPT]:
        path.unlink(missing_ok=True)


def forget_all(key: str) -> None:
    """Remove the uploads of a connector that is gone."""
    for path in _uploads(key):
        path.unlink(missing_ok=True)


def _uploads(key: str) -> list[Path]:
    return sorted(path for path in folder().glob(f"{key}-*") if path.name[len(key) + 1 :][:8].isdecimal())
