"""A broker made of files, for one machine and no services: safefs://

Celery's own file transport lets a reader take a file between its creation and its last byte; the worker then dies on half a
message. Here a message is written under another name and renamed into the queue, so it is there whole or not at all; a reader
claims it by renaming it away, so two readers never hold the same one. What cannot be read is moved aside and the queue goes on.

There is no fanout: remote control, gossip and mingle stay off with this broker (config/celery.py). A message that a killed
process had in its hands is lost; messages here are doorbells, and the worker's pulse looks at the rows every second anyway.
"""

from __future__ import annotations

import json
import time
import uuid
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any, ClassVar
from urllib.parse import quote

from kombu.exceptions import ChannelError
from kombu.transport import virtual

POLL_SECONDS = 0.1  # 0.2 s is the slowest that still feels immediate; at 0.1 s an idle worker costs under one percent of a core
STALE_CLAIM_SECONDS = 60  # a claim lives for microseconds; one this old belongs to a process that was killed in between


class Channel(virtual.Channel):
    """One folder per queue: `q-<name>/ready` holds messages in order of their names, `claimed` what is being read right now."""

    supports_fanout = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)  # type: ignore[no-untyped-call]
        self._listed: dict[str, deque[str]] = {}
        self._root = Path(self.connection.client.transport_options.get("folder", "broker"))
        for folder in (self._root, self._root / "writing", self._root / "unreadable"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _folder(self, queue: str, part: str) -> Path:
        """The queue's folder, whatever characters its name has."""
        return self._root / f"q-{quote(queue, safe='')}" / part

    def _new_queue(self, queue: str, **_: Any) -> None:
        for folder in (self._folder(queue, ""), self._folder(queue, "ready"), self._folder(queue, "claimed")):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._take_back_stale_claims(queue)

    def _has_queue(self, queue: str, **_: Any) -> bool:
        return self._folder(queue, "ready").is_dir()

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        """Whole or not at all. Raises ChannelError when the disk does not take it."""
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex}.msg"
        written = self._root / "writing" / name
        try:
            self._new_folder_if_gone(queue)
            written.write_bytes(json.dumps(message).encode())
            written.rename(self._folder(queue, "ready") / name)
        except OSError as error:
            written.unlink(missing_ok=True)
            raise ChannelError(f"the file broker cannot write: {error}") from error

    def _new_folder_if_gone(self, queue: str) -> None:
        if not self._has_queue(queue):
            (self._root / "writing").mkdir(mode=0o700, parents=True, exist_ok=True)
            self._new_queue(queue)

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        """The oldest message. Raises Empty."""
        for name in self._candidates(queue):
            claimed = self._folder(queue, "claimed") / name
            try:
                (self._folder(queue, "ready") / name).rename(claimed)
            except FileNotFoundError:
                continue  # another reader was first
            message = self._read(claimed)
            if message is not None:
                return message
        raise Empty

    def _candidates(self, queue: str) -> Iterator[str]:
        """Names in order. The folder is listed again only when the last listing is used up: listing thousands each time is slow."""
        listed = self._listed.setdefault(queue, deque())
        if not listed:
            listed.extend(self._names(queue))
        while listed:
            yield listed.popleft()

    def _names(self, queue: str) -> list[str]:
        try:
            return sorted(path.name for path in self._folder(queue, "ready").iterdir())
        except FileNotFoundError:
            return []

    def _read(self, claimed: Path) -> dict[str, Any] | None:
        """The message, or None when it is none; then the file stands under `unreadable` for whoever wants to know."""
        try:
            message = json.loads(claimed.read_bytes())
            is_message = isinstance(message, dict) and "body" in message and "properties" in message
        except ValueError:
            is_message = False
        if not is_message:
            (self._root / "unreadable").mkdir(mode=0o700, exist_ok=True)
            claimed.rename(self._root / "unreadable" / claimed.name)
            return None
        claimed.unlink()
        return dict(message)

    def _take_back_stale_claims(self, queue: str) -> None:
        before = time.time() - STALE_CLAIM_SECONDS
        for path in self._folder(queue, "claimed").glob("*.msg"):
            try:
                if path.stat().st_mtime < before:
                    path.rename(self._folder(queue, "ready") / path.name)
            except FileNotFoundError:
                continue  # its reader was only slow, or another process took it back

    def _size(self, queue: str) -> int:
        return len(self._names(queue))

    def _purge(self, queue: str) -> int:
        names = self._names(queue)
        for name in names:
            (self._folder(queue, "ready") / name).unlink(missing_ok=True)
        return len(names)

    def _delete(self, queue: str, *_: Any, **__: Any) -> None:
        self._purge(queue)


class Transport(virtual.Transport):
    """Connects at once; losing the folder is a lost connection, after which the worker tries again."""

    Channel = Channel
    polling_interval = POLL_SECONDS
    driver_type = "safefs"
    driver_name = "safefs"
    implements = virtual.Transport.implements.extend(asynchronous=False, exchange_type=frozenset(["direct", "topic"]))
    connection_errors = (*virtual.Transport.connection_errors, OSError)  # type: ignore[assignment]
    shared_state: ClassVar[Any] = virtual.BrokerState()  # type: ignore[no-untyped-call]  # which queue hangs on which exchange, for this process

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)  # type: ignore[no-untyped-call]
        self.state = self.shared_state

    @property
    def default_connection_params(self) -> dict[str, Any]:
        return {}  # no host, no port

    def driver_version(self) -> str:
        return "1"
