from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from config.errors import (
    AddressRefused,
    AnswerCutOff,
    ConnectionFailed,
    CredentialRejected,
    HostKeyChanged,
    NotFound,
    RollcallError,
    SettingInvalid,
    SettingMissing,
    TimedOut,
)
from integrations.wire.safe_url import Guard
from integrations.wire.sftp import WINDOW, Login, Sftp
from tests.integrations.wire.sftp_server import PASSWORD, USERNAME, SftpServer

pytestmark = pytest.mark.servers

MEGABYTE = 1024 * 1024
LOOPBACK = Guard(allow_networks=["127.0.0.0/8"])


def private_text(password: str = "") -> str:
    protection = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    key = ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, protection).decode()


def ed25519_key(text: str = "", password: str | None = None) -> paramiko.Ed25519Key:
    return paramiko.Ed25519Key.from_private_key(io.StringIO(text or private_text()), password)


HOST_KEY = ed25519_key()
OTHER_KEY = ed25519_key()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    with SftpServer(tmp_path, HOST_KEY) as running:
        yield running


def login(server: SftpServer, **changes: Any) -> Login:
    pin = f"{HOST_KEY.get_name()} {HOST_KEY.get_base64()}"
    return Login(**{"host": "127.0.0.1", "port": server.port, "username": USERNAME, "password": PASSWORD, "host_key": pin, **changes})


def written(folder: Path, name: str, content: bytes = b"x", age_seconds: int = 0) -> Path:
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (1_800_000_000 - age_seconds,) * 2)
    return path


# ── the pinned key ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "pin",
    [
        f"{HOST_KEY.get_name()} {HOST_KEY.get_base64()}",
        f"sftp.example.com {HOST_KEY.get_name()} {HOST_KEY.get_base64()} a comment",
        HOST_KEY.fingerprint,
        HOST_KEY.fingerprint + "=",
    ],
    ids=["key", "line of known_hosts", "fingerprint", "padded fingerprint"],
)
def test_a_server_with_the_pinned_key_is_talked_to(server: SftpServer, pin: str) -> None:
    with Sftp(login(server, host_key=pin), LOOPBACK) as session:
        assert session.listed("/") == []


@pytest.mark.parametrize("pin", [f"{OTHER_KEY.get_name()} {OTHER_KEY.get_base64()}", OTHER_KEY.fingerprint], ids=["key", "fingerprint"])
def test_another_key_than_the_pinned_one_ends_it_before_anything_is_sent(server: SftpServer, pin: str) -> None:
    with pytest.raises(HostKeyChanged, match=HOST_KEY.fingerprint[7:20].replace("+", r"\+")):
        Sftp(login(server, host_key=pin), LOOPBACK)
    assert server.tried == 0


def test_a_key_of_another_kind_than_the_pinned_one_ends_it(server: SftpServer) -> None:
    ecdsa = paramiko.ECDSAKey.generate()
    with pytest.raises(HostKeyChanged):
        Sftp(login(server, host_key=f"{ecdsa.get_name()} {ecdsa.get_base64()}"), LOOPBACK)
    assert server.tried == 0


def test_without_a_pinned_key_the_shown_one_is_told_and_nothing_is_sent(server: SftpServer) -> None:
    with pytest.raises(SettingMissing) as caught:
        Sftp(login(server, host_key=" "), LOOPBACK)
    assert HOST_KEY.fingerprint in caught.value.detail
    assert caught.value.field == "host_key"
    assert server.tried == 0


@pytest.mark.parametrize("pin", ["AAAA", "ssh-ed25519", "ssh-ed25519 not*base64", "MD5:aa:bb"])
def test_a_pin_that_is_no_key_is_refused_before_a_connection_is_made(server: SftpServer, pin: str) -> None:
    with pytest.raises(SettingInvalid):
        Sftp(login(server, host_key=pin), LOOPBACK)


# ── signing in ──────────────────────────────────────────────────────────────────────────────────────


def test_a_wrong_password_is_a_rejected_credential(server: SftpServer) -> None:
    with pytest.raises(CredentialRejected):
        Sftp(login(server, password="wrong"), LOOPBACK)


@pytest.mark.parametrize("protection", ["", "opens it"])
def test_a_private_key_signs_in(tmp_path: Path, protection: str) -> None:
    text = private_text(protection)
    with (
        SftpServer(tmp_path, HOST_KEY, ed25519_key(text, protection or None)) as server,
        Sftp(login(server, private_key=text, password=protection), LOOPBACK) as session,
    ):
        assert session.listed("/") == []


def test_a_private_key_the_server_does_not_know_is_rejected(server: SftpServer) -> None:
    with pytest.raises(CredentialRejected):
        Sftp(login(server, private_key=private_text(), password=""), LOOPBACK)


@pytest.mark.parametrize(
    ("text", "password", "kind"),
    [
        ("-----BEGIN NONSENSE-----", "", SettingInvalid),
        (private_text("right"), "", SettingMissing),
        (private_text("right"), "wrong", SettingInvalid),
    ],
)
def test_a_private_key_that_cannot_be_opened_is_named(server: SftpServer, text: str, password: str, kind: type[RollcallError]) -> None:
    with pytest.raises(kind):
        Sftp(login(server, private_key=text, password=password), LOOPBACK)


# ── the network ─────────────────────────────────────────────────────────────────────────────────────


def test_a_private_address_is_refused_unless_the_operator_opened_it(server: SftpServer) -> None:
    with pytest.raises(AddressRefused):
        Sftp(login(server), Guard())


def test_a_server_that_says_nothing_is_timed_out(server: SftpServer) -> None:
    server.is_silent = True
    started = time.monotonic()
    with pytest.raises(TimedOut):
        Sftp(login(server), LOOPBACK, seconds=0.4)
    assert time.monotonic() - started < 2


def test_a_server_that_is_not_there_is_a_failed_connection(server: SftpServer) -> None:
    with pytest.raises(ConnectionFailed):
        Sftp(login(server, port=1), LOOPBACK)


# ── files ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_newest_file_that_matches_and_is_finished_is_chosen(server: SftpServer) -> None:
    written(server.folder, "workers_1.csv", age_seconds=50)
    written(server.folder, "workers_2.csv", b"four", age_seconds=20)
    written(server.folder, "workers_3.csv.filepart", age_seconds=5)
    written(server.folder, ".workers_4.csv", age_seconds=4)
    written(server.folder, "leavers_5.csv", age_seconds=1)
    (server.folder / "workers_6.csv").mkdir()
    with Sftp(login(server), LOOPBACK) as session:
        newest = session.newest("/", "workers_*.csv")
        assert (newest.path, newest.size, newest.modified_at.isoformat()) == ("/workers_2.csv", 4, "2027-01-15T07:59:40+00:00")
        with pytest.raises(NotFound, match="joiners"):
            session.newest("/", "joiners_*.csv")
        with pytest.raises(NotFound):
            session.listed("/nowhere")
        with pytest.raises(NotFound):
            session.stat("/nowhere.csv")


@pytest.mark.parametrize("offset", [0, 1, 32 * 1024, WINDOW - 1, WINDOW, WINDOW + 70_000])
def test_a_file_is_read_from_any_byte_on(server: SftpServer, offset: int) -> None:
    content = os.urandom(WINDOW + 100_000)
    written(server.folder, "a.csv", content)
    with Sftp(login(server), LOOPBACK) as session, session.open("/a.csv", offset) as stream:
        assert stream.read() == content[offset:]


def test_a_large_file_is_asked_for_one_window_at_a_time(server: SftpServer) -> None:
    """What is on the way or in our memory is never more than one window, whatever the file's size."""
    written(server.folder, "a.csv", bytes(12 * MEGABYTE))
    total = ahead = 0
    with Sftp(login(server), LOOPBACK) as session, session.open("/a.csv") as stream:
        while piece := stream.read(65536):
            ahead = max(ahead, server.asked - total)
            total += len(piece)
    assert total == 12 * MEGABYTE
    assert ahead == WINDOW


def test_a_file_that_shrinks_while_it_is_read_is_cut_off(server: SftpServer) -> None:
    written(server.folder, "a.csv", bytes(2 * WINDOW))
    with Sftp(login(server), LOOPBACK) as session, session.open("/a.csv") as stream:
        stream.read(10)
        server.cuts_reads.set()
        with pytest.raises(AnswerCutOff):
            stream.read()
