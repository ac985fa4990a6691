from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from paramiko import Ed25519Key

from config.errors import HostKeyChanged
from integrations.vendors.csv_file.vendor import CsvFile
from tests.integrations.vendors.csv_file.files import WRITTEN, connector, ids, read, small_pages, write
from tests.integrations.wire.sftp_server import PASSWORD, USERNAME, SftpServer
from tests.integrations.wire.tables.test_workbook import workbook
from tests.integrations.wire.test_sftp import HOST_KEY, OTHER_KEY

pytestmark = pytest.mark.servers


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    folder = tmp_path / "served"
    folder.mkdir()
    with SftpServer(folder, HOST_KEY) as running:
        yield running


def over_sftp(server: SftpServer, key: Ed25519Key = HOST_KEY, **settings: Any) -> CsvFile:
    pin = f"{key.get_name()} {key.get_base64()}"
    base = {
        "source": "sftp",
        "host": "127.0.0.1",
        "port": server.port,
        "username": USERNAME,
        "folder": "/",
        "host_key": pin,
        "id_column": "id",
    }
    return connector(server.folder, {**base, **settings}, {"password": PASSWORD})


def test_the_newest_file_of_an_sftp_server_is_read(server: SftpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pages(monkeypatch, 10)
    write(server.folder / "old.csv", "id\n1\n", WRITTEN - timedelta(days=1))
    write(server.folder / "new.csv", "id,name\n" + "".join(f"{number},Zoë\n" for number in range(25)))
    vendor = over_sftp(server)
    pages = read(vendor)
    assert ids(pages) == [str(number) for number in range(25)]
    assert pages[-1].is_last and pages[-1].mark == WRITTEN
    assert ids(read(vendor, cursor=pages[0].cursor)) == [str(number) for number in range(10, 25)]
    assert ids(read(over_sftp(server, path="/old.csv"))) == ["1"]


def test_a_workbook_on_an_sftp_server_is_read(server: SftpServer) -> None:
    write(server.folder / "people.xlsx", workbook(People=[["id"], [1], [2]]))
    assert ids(read(over_sftp(server, pattern="*.xlsx"))) == ["1", "2"]


def test_an_sftp_server_with_another_key_is_not_signed_in_to(server: SftpServer) -> None:
    health = over_sftp(server, OTHER_KEY).check()
    assert [(step.name, step.ok) for step in health.steps] == [("Find the file", False)]
    assert isinstance(health.steps[0].error, HostKeyChanged)
    assert server.tried == 0
