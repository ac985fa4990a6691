"""Files from an SFTP server whose host key was pinned before. There is no “trust it the first time”.

The same guard as for HTTP checks the address that is dialled. Connect, list, read; nothing is written there.
"""

from __future__ import annotations

import base64
import hashlib
import io
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any, BinaryIO, cast

import paramiko

from config.errors import (
    AnswerCutOff,
    ConnectionFailed,
    CredentialRejected,
    HostKeyChanged,
    NotFound,
    PermissionMissing,
    RollcallError,
    SettingInvalid,
    SettingMissing,
    TimedOut,
)
from config.sentences import sentence
from integrations.wire.deadline import Deadline
from integrations.wire.dial import Switch, dial
from integrations.wire.safe_url import Guard

SECONDS = 30.0  # for one step: connecting, signing in, a listing, one window of a file
BLOCK = 32 * 1024  # what servers hand out at once; larger requests are answered with less
WINDOW = 64 * BLOCK  # asked for at once: 2 MB on the way keep a line of 100 ms and 20 MB/s full
UNFINISHED = (".tmp", ".part", ".filepart", ".crdownload", ".swp")  # names that programs give to what they are still writing


@dataclass(frozen=True)
class Login:
    """Where and as whom. `host_key`: “ssh-ed25519 AAAA…” as in known_hosts, or its fingerprint “SHA256:…”.

    `private_key` is PEM or OpenSSH text; where there is one, `password` is what opens it.
    """

    host: str
    username: str
    host_key: str
    port: int = 22
    password: str = ""
    private_key: str = ""


@dataclass(frozen=True)
class Listed:
    """A file in a folder. `modified_at` in UTC, by the server's clock."""

    path: str
    size: int
    modified_at: datetime


class Sftp:
    """A session. Use as a context manager.

    Raises SettingMissing without a pinned key (and says which one the server shows), HostKeyChanged, CredentialRejected,
    SettingInvalid for a private key that cannot be read, and what stopped the connection.
    """

    def __init__(self, login: Login, guard: Guard, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        pin = _Pin.of(login.host_key)
        self._switch: Switch | None = None
        deadline = Deadline(seconds, self._cut)
        with deadline:
            made = dial(login.host, login.port, guard, deadline)
            self._switch = Switch(made)
            made.settimeout(None)  # the transport polls by itself; the deadline shuts the socket down
            self._transport = paramiko.Transport(made)
            with self._named(deadline), self._closed_on_error():
                self._start(login, pin)

    def newest(self, folder: str, pattern: str) -> Listed:
        """The newest file of `folder` whose name matches (“workers_*.csv”). Raises NotFound when none does."""
        files = [file for file in self.listed(folder) if is_meant(file.path, pattern)]
        if not files:
            raise NotFound(sentence("no file named like “%(pattern)s” in %(folder)s", pattern=pattern, folder=folder))
        return max(files, key=lambda file: (file.modified_at, file.path))

    def listed(self, folder: str) -> list[Listed]:
        with self._step() as client:
            entries = client.listdir_attr(folder)
        base = folder.rstrip("/")
        return [
            _listed(f"{base}/{entry.filename}", entry)
            for entry in entries
            if stat.S_ISREG(entry.st_mode or 0) and "/" not in entry.filename
        ]

    def stat(self, path: str) -> Listed:
        with self._step() as client:
            return _listed(path, client.stat(path))

    def open(self, path: str, offset: int = 0) -> BinaryIO:
        """The file from a byte on; read in windows, so that neither a distant server is slow nor a large file in memory."""
        with self._step() as client:
            file = client.open(path, "rb")
            size = client.stat(path).st_size or 0
        return cast(BinaryIO, io.BufferedReader(_Windows(file, size, offset, self._step), BLOCK))

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Sftp:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self, login: Login, pin: _Pin) -> None:
        transport = self._transport
        if pin.kind:
            transport.get_security_options().key_types = _accepted(pin.kind)
        transport.start_client(timeout=self._seconds)
        pin.check(transport.get_remote_server_key())  # before a password or a signature leaves this machine
        if login.private_key:
            transport.auth_publickey(login.username, _private_key(login))
        else:
            transport.auth_password(login.username, login.password, fallback=False)
        client = paramiko.SFTPClient.from_transport(transport)
        if client is None:
            raise ConnectionFailed(sentence("the server offers no SFTP"))
        self._client = client

    @contextmanager
    def _step(self) -> Iterator[paramiko.SFTPClient]:
        deadline = Deadline(self._seconds, self._cut)
        with self._named(deadline), deadline:
            yield self._client

    @contextmanager
    def _closed_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._transport.close()
            raise

    @contextmanager
    def _named(self, deadline: Deadline) -> Iterator[None]:
        try:
            yield
        except RollcallError:
            raise
        except (paramiko.SSHException, OSError, EOFError) as error:
            if deadline.has_expired or isinstance(error, TimeoutError):
                raise TimedOut(sentence("no answer within %(seconds)s s", seconds=f"{self._seconds:g}")) from error
            raise _named(error) from error

    def _cut(self) -> None:
        if self._switch is not None:
            self._switch.cut()


def is_meant(path: str, pattern: str) -> bool:
    """Whether a file's name matches, and does not say that somebody is still writing it."""
    name = path.rpartition("/")[2]
    return fnmatchcase(name, pattern) and not name.startswith((".", "~")) and not name.lower().endswith(UNFINISHED)


class _Windows(io.RawIOBase):
    """A remote file as a stream: one window is asked for, used up, and then the next."""

    def __init__(self, file: paramiko.SFTPFile, size: int, offset: int, step: Callable[[], Any]) -> None:
        super().__init__()
        self._file = file
        self._size = size
        self._offset = offset
        self._step = step
        self._window = b""
        self._used = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._used == len(self._window):
            self._window, self._used = self._next_window(), 0
        size = min(len(buffer), len(self._window) - self._used)
        buffer[:size] = self._window[self._used : self._used + size]
        self._used += size
        return size

    def _next_window(self) -> bytes:
        end = min(self._size, self._offset + WINDOW)
        blocks = [(start, min(BLOCK, end - start)) for start in range(self._offset, end, BLOCK)]
        if not blocks:
            return b""
        with self._step():
            window = b"".join(self._file.readv(blocks))
        if len(window) < end - self._offset:
            raise AnswerCutOff(sentence("the file became shorter while it was read"))
        self._offset = end
        return window

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


@dataclass(frozen=True)
class _Pin:
    kind: str  # "ssh-ed25519"; empty when only a fingerprint was given
    fingerprint: str

    @classmethod
    def of(cls, text: str) -> _Pin:
        """Read what was entered: a line of known_hosts (with or without the host name), or a fingerprint."""
        words = text.split()
        if not words:
            return cls("", "")
        if words[0].startswith("SHA256:"):
            return cls("", words[0].rstrip("="))
        for kind, key in pairwise(words):
            if kind.startswith(("ssh-", "ecdsa-")):
                try:
                    return cls(kind, _fingerprint(base64.b64decode(key, validate=True)))
                except ValueError:
                    break
        raise SettingInvalid(sentence("the host key must look like “ssh-ed25519 AAAA…” or “SHA256:…”"), field="host_key")

    def check(self, shown: paramiko.PKey) -> None:
        found = f"{shown.get_name()} {_fingerprint(shown.asbytes())}"
        if not self.fingerprint:
            raise SettingMissing(
                sentence("Host key; the server shows %(found)s. Ask its owner whether that is right.", found=str(found)), field="host_key"
            )
        if _fingerprint(shown.asbytes()) != self.fingerprint:
            raise HostKeyChanged(sentence("pinned %(fingerprint)s, shown %(found)s", fingerprint=self.fingerprint, found=str(found)))


def _fingerprint(key: bytes) -> str:
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def _accepted(kind: str) -> tuple[str, ...]:
    """The signatures a pinned key may make. An RSA key still calls itself ssh-rsa when it signs with SHA-2."""
    return ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)


def _private_key(login: Login) -> paramiko.PKey:
    password = login.password or None
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(login.private_key.strip() + "\n"), password)
        except paramiko.PasswordRequiredException as error:
            raise SettingMissing(sentence("the private key is protected by a password"), field="password") from error
        except (paramiko.SSHException, ValueError):
            continue  # not of this kind, or the wrong password: both read alike
    raise SettingInvalid(
        sentence("the private key cannot be read; it must be Ed25519, ECDSA or RSA, and its password right"), field="private_key"
    )


def _listed(path: str, entry: paramiko.SFTPAttributes) -> Listed:
    return Listed(path, entry.st_size or 0, datetime.fromtimestamp(entry.st_mtime or 0, UTC))


def _named(error: Exception) -> RollcallError:
    if isinstance(error, paramiko.BadAuthenticationType):
        return CredentialRejected(sentence("the server only takes: %(allowed_types)s", allowed_types=list(error.allowed_types)))
    if isinstance(error, paramiko.AuthenticationException):
        return CredentialRejected(sentence("user name, password or key"))
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return HostKeyChanged(sentence("the server no longer has a key of the pinned kind, or agrees on no cipher"))
    if isinstance(error, FileNotFoundError):
        return NotFound(sentence("there is no such file or folder on the server"))
    if isinstance(error, PermissionError):
        return PermissionMissing(sentence("the user may not read this file or folder"))
    return ConnectionFailed(sentence("the connection ended"))
