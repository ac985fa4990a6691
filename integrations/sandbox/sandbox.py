"""The world, its emulators and the switches in one place. Knows nothing of sockets, pages or the control API."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from integrations.sandbox.exchange import Request, Response
from integrations.sandbox.extract import FILE_NAME
from integrations.sandbox.faults import Faults
from integrations.sandbox.world import World

# By dotted name, because the emulators import from the server, which imports this.
EMULATORS = {
    "workday": "integrations.sandbox.emulators.workday",
    "bamboohr": "integrations.sandbox.emulators.bamboohr",
    "moodle": "integrations.sandbox.emulators.moodle",
}
KEPT_EXCHANGES = 200  # per vendor


class Emulator(Protocol):
    """What a module in emulators/ offers under the name Emulator.

    May also have `spares: frozenset[str]` (common switches it plays in its own dialect), `reset()`, `state() -> dict` and
    `configure(**settings)` for the control API, `switches` (names of faults it plays besides the common ones; all if absent),
    and `close()`.
    """

    prefix: str

    def __init__(self, world: World, faults: Faults, settings: dict[str, Any], state_dir: Path | None) -> None: ...

    def handle(self, request: Request) -> Response: ...


class Sandbox:
    """Answers requests; knows nothing of sockets. `advance` moves the clock by whole days, None when nobody can."""

    def __init__(
        self,
        world: World,
        faults: Faults | None = None,
        *,
        vendors: Iterable[str] = tuple(EMULATORS),
        settings: Mapping[str, dict[str, Any]] | None = None,
        state_dir: Path | None = None,
        advance: Callable[[int], None] | None = None,
        rollcall_url: str = "",
        trusted: tuple[str, ...] = (),
    ) -> None:
        self.world = world
        self.faults = faults or Faults(state_dir)
        self.rollcall_url = rollcall_url
        self.trusted = trusted
        self._advance = advance
        self.exchanges: dict[str, deque[dict[str, Any]]] = {}
        self.emulators: dict[str, Emulator] = {}
        self.stopping = threading.Event()
        for vendor in vendors:
            made: Emulator = import_module(EMULATORS[vendor]).Emulator(
                world, self.faults, dict((settings or {}).get(vendor, {})), state_dir
            )
            self.emulators[vendor] = made
            self.exchanges[vendor] = deque(maxlen=KEPT_EXCHANGES)

    @property
    def can_advance(self) -> bool:
        return self._advance is not None

    def advance(self, days: int = 1) -> None:
        """Move time for everybody. Raises ValueError when this sandbox cannot, or for going back."""
        if self._advance is None:
            raise ValueError("this sandbox follows the real clock")
        if not 1 <= days <= 366:
            raise ValueError("time goes forward, by 1 to 366 days")
        self._advance(days)
        self.world.drop()

    def reset(self, *, keep: Collection[str] = ()) -> None:
        """People as on the first day, and switches off; accounts too, but in the learning systems named in `keep`."""
        self.world.reset()
        self.faults.clear()
        for name, emulator in self.emulators.items():
            if name not in keep and hasattr(emulator, "reset"):
                emulator.reset()

    def vendor_of(self, path: str) -> str:
        """Whose address this is, "" for the sandbox's own."""
        for vendor, emulator in self.emulators.items():
            if path == emulator.prefix or path.startswith(emulator.prefix + "/"):
                return vendor
        return ""

    def ask(self, vendor: str, request: Request) -> Response:
        """The vendor's answer, or that of a switch; kept in the list of exchanges."""
        emulator = self.emulators[vendor]
        started = time.perf_counter()
        whole_path = request.path
        request.base_url += emulator.prefix
        request.path = request.path[len(emulator.prefix) :] or "/"
        spared: frozenset[str] = getattr(emulator, "spares", frozenset())
        answer = self.faults.before(vendor, self.world.now(), self.stopping.wait, spared)
        if answer is None:
            answer = self.faults.after(vendor, emulator.handle(request))
        self._keep(vendor, request.method, whole_path, answer, started)
        return answer

    def _keep(self, vendor: str, method: str, path: str, answer: Response, started: float) -> None:
        """Path only: queries, headers and bodies may hold tokens and people."""
        self.exchanges[vendor].appendleft(
            {
                "at": self.world.now().isoformat(timespec="milliseconds"),
                "method": method,
                "path": path,
                "note": answer.note,
                "status": 0 if answer.drop == "before" else answer.status,
                "ms": round((time.perf_counter() - started) * 1000, 1),
                "bytes": len(answer.body) if isinstance(answer.body, bytes) else None,
            }
        )

    def state_of(self, vendor: str) -> dict[str, Any]:
        """What the emulator tells about itself; no secrets, no people."""
        emulator = self.emulators[vendor]
        return {"prefix": emulator.prefix, **(emulator.state() if hasattr(emulator, "state") else {})}

    def accounts(self, text: str, limit: int) -> list[dict[str, Any]]:
        """Accounts of the learning system whose name, address or number contains `text`."""
        found: list[dict[str, Any]] = getattr(self.emulators["moodle"], "accounts")(text, 0, limit)  # noqa: B009  only this one has it
        return found

    def configure(self, vendor: str, **settings: Any) -> None:
        """Change an emulator's own settings while it runs. Raises ValueError."""
        emulator = self.emulators.get(vendor)
        if emulator is None or not hasattr(emulator, "configure"):
            raise ValueError(f"{vendor!r} has no settings to change")
        emulator.configure(**settings)

    def close(self) -> None:
        self.stopping.set()
        for emulator in self.emulators.values():
            if hasattr(emulator, "close"):
                emulator.close()
        self.world.close()


KEPT_FILES = ("world.jsonl", "faults.json", "moodle.sqlite3", "moodle.sqlite3-wal", "moodle.sqlite3-shm")


def forget(state_dir: Path, drop_folder: Path) -> None:
    """Remove what a sandbox keeps in these folders, and no file that somebody else put there. No sandbox may be running on them."""
    for path in (*(state_dir / name for name in KEPT_FILES), drop_folder / FILE_NAME):
        path.unlink(missing_ok=True)
    for folder in (drop_folder, state_dir):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
