"""Where the file lies: uploaded, in a watched folder, or on an SFTP server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from config.errors import AnswerCutOff, NotFound, PermissionMissing, SettingMissing
from config.sentences import sentence
from integrations.wire.safe_url import Guard
from integrations.wire.sftp import Listed, Login, Sftp, is_meant


@dataclass(frozen=True)
class FoundFile:
    """A file that can be opened at any byte. `modified_at` in UTC, by the clock of where it lies."""

    name: str
    size: int
    modified_at: datetime
    opener: Callable[[int], BinaryIO]
    look: Callable[[], tuple[int, datetime]]

    def open(self, offset: int = 0) -> BinaryIO:
        return self.opener(offset)

    def version(self) -> dict[str, Any]:
        """What tells this file from another one, or from itself after it was written again (JSON)."""
        return {"file": self.name, "size": self.size, "modified": self.modified_at.isoformat()}

    def refuse_changed(self) -> None:
        """Raises AnswerCutOff when the file was written to since it was found."""
        if self.look() != (self.size, self.modified_at):
            raise AnswerCutOff(sentence("%(name)s was written to while it was read", name=self.name))


@contextmanager
def located(config: Mapping[str, Any], secrets: Mapping[str, str], guard: Guard) -> Iterator[FoundFile]:
    """The file to read, for as long as it is open.

    Raises SettingMissing, NotFound, AddressRefused for a place that may not be read, and what stops an SFTP session.
    """
    if config["source"] == "sftp":
        with Sftp(_login(config, secrets), guard) as session:
            listed = session.stat(config["path"]) if config["path"] else session.newest(config["folder"], config["pattern"])
            yield _remote(session, listed)
    elif config["source"] == "folder":
        yield _local(_newest(guard, config["folder"], config["pattern"]))
    elif config["path"]:
        yield _local(guard.check_path(config["path"]))
    else:
        raise SettingMissing(sentence("File: none was uploaded yet"), field="path")


def _newest(guard: Guard, folder: str, pattern: str) -> Path:
    found = guard.check_path(folder)
    if not found.is_dir():
        raise NotFound(sentence("“%(folder)s” is not a folder", folder=folder))
    files = [path for path in found.iterdir() if is_meant(path.name, pattern) and path.is_file()]
    if not files:
        raise NotFound(sentence("no file named like “%(pattern)s” in %(folder)s", pattern=pattern, folder=folder))
    newest = max(files, key=lambda path: (path.stat().st_mtime_ns, path.name))
    return guard.check_path(str(newest))  # it may be a link to somewhere else


def _local(path: Path) -> FoundFile:
    def look() -> tuple[int, datetime]:
        status = path.stat()
        return status.st_size, datetime.fromtimestamp(status.st_mtime, UTC)

    def opened(offset: int) -> BinaryIO:
        try:
            stream = path.open("rb")
        except FileNotFoundError as error:
            raise NotFound(sentence("%(name)s is gone", name=path.name)) from error
        except PermissionError as error:
            raise PermissionMissing(sentence("%(name)s may not be read by this process", name=path.name)) from error
        stream.seek(offset)
        return stream

    if not path.is_file():
        raise NotFound(sentence("“%(name)s” is not a file", name=path.name))
    return FoundFile(path.name, *look(), opened, look)


def _remote(session: Sftp, listed: Listed) -> FoundFile:
    def look() -> tuple[int, datetime]:
        now = session.stat(listed.path)
        return now.size, now.modified_at

    name = listed.path.rpartition("/")[2]
    return FoundFile(name, listed.size, listed.modified_at, lambda offset: session.open(listed.path, offset), look)


def _login(config: Mapping[str, Any], secrets: Mapping[str, str]) -> Login:
    return Login(
        host=config["host"],
        port=config["port"],
        username=config["username"],
        host_key=config["host_key"],
        password=secrets.get("password", ""),
        private_key=secrets.get("private_key", ""),
    )
