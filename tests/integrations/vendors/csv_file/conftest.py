from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from integrations.vendors.csv_file.vendor import CsvFile
from tests.integrations.vendors.csv_file.files import connector, write


@pytest.fixture
def people(tmp_path: Path) -> Callable[..., CsvFile]:
    """A connector for a file with this content; further settings by name."""

    def make(content: bytes | str, name: str = "people.csv", **settings: Any) -> CsvFile:
        write(tmp_path / name, content)
        return connector(tmp_path, {"source": "upload", "path": name, "id_column": "id", **settings})

    return make
