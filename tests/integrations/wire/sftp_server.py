"""An SFTP server over a folder, on a free port of this machine."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import paramiko

USERNAME, PASSWORD = "extract", "s3cret-password"


class SftpServer:
    """Serves `folder` as /. `user_key` may sign in beside the password. `accepted` counts connections, `tried` sign-ins."""

    def __init__(self, folder: Path, host_key: paramiko.PKey, user_key: paramiko.PKey | None = None) -> None:
        self.folder = folder
        self.host_key = host_key
        self.user_key = user_key
        self.tried = 0
        self.asked = 0  # bytes: how far into a file somebody has asked to read
        self.is_silent = False  # accepts, and says nothing
        self.cuts_reads = threading.Event()  # answers every read with the end of the file
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[Any] = []

    def __enter__(self) -> SftpServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for item in self._open:
            item.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                if self.is_silent:
                    continue
                transport = paramiko.Transport(connection)
                self._open.append(transport)
                transport.add_server_key(self.host_key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, partial(_Files, shared=self))
                with suppress(paramiko.SSHException, EOFError):
                    transport.start_server(server=_SignIn(self), event=threading.Event())


class _SignIn(paramiko.ServerInterface):
    def __init__(self, server: SftpServer) -> None:
        self.server = server

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_auth_password(self, username: str, password: str) -> int:
        self.server.tried += 1
        return paramiko.AUTH_SUCCESSFUL if (username, password) == (USERNAME, PASSWORD) else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self.server.tried += 1
        return paramiko.AUTH_SUCCESSFUL if key == self.server.user_key else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, sign_in: paramiko.ServerInterface, *_: Any, shared: SftpServer) -> None:
        super().__init__(sign_in)
        self._server = shared

    def _real(self, path: str) -> Path:
        return self._server.folder / path.lstrip("/")

    def list_folder(self, path: str) -> Any:
        try:
            entries = list(self._real(path).iterdir())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return [paramiko.SFTPAttributes.from_stat(entry.stat(), entry.name) for entry in entries]

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(os.stat(self._real(path)))  # noqa: PTH116 - takes what stat gives
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        try:
            stream = self._real(path).open("rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        handle = _Handle(flags)
        handle.server = self._server
        handle.readfile = stream
        return handle


class _Handle(paramiko.SFTPHandle):
    server: SftpServer

    def read(self, offset: int, length: int) -> Any:
        if self.server.cuts_reads.is_set():
            return paramiko.SFTP_EOF
        self.server.asked = max(self.server.asked, offset + length)
        return super().read(offset, length)
