"""Switches that break a vendor on purpose. Off by default, kept in a file so that a restart does not mend anything.

The server applies the ones every vendor has in common (slow, throttled, down …) before an emulator sees the request;
the others change data or tokens, and each emulator looks at them itself: `faults.for_vendor("workday").empty`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from integrations.sandbox.exchange import Response

FOREVER = -1
SIGN_IN_PAGE = "<!doctype html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1><form></form></body></html>"


@dataclass
class VendorFaults:
    """The switches of one vendor. Counts say how many calls are still hit: 0 none, -1 all until switched off.

    Common, applied by the server: `slow` seconds before each answer; `rate_limited` with `retry_after` seconds (0: no such
    header) or until an instant; `server_error` with its status; `html_instead` (a sign-in page with 200); `down` (no answer
    at all) for a while or until an instant; `cut_off` (half an answer). Instants are UTC.
    Left to the emulators: everything below `expire_token_after`.
    """

    slow: float = 0.0
    rate_limited: int = 0
    rate_limited_until: datetime | None = None
    retry_after: int = 30
    server_error: int = 0
    server_error_status: int = 503
    html_instead: int = 0
    down: int = 0
    down_until: datetime | None = None
    cut_off: int = 0
    expire_token_after: int | None = None
    truncate_last_page: bool = False
    duplicate_across_pages: bool = False
    rename_field: dict[str, str] = field(default_factory=dict)
    empty: bool = False
    bad_dates: bool = False
    huge_field: bool = False
    manager_cycle: bool = False
    unknown_location: bool = False

    def take(self, name: str) -> bool:
        """Whether a counted switch hits this call; uses one up."""
        left = int(getattr(self, name))
        if left > 0:
            setattr(self, name, left - 1)
        return left != 0

    def token_expired(self) -> bool:
        """True once the number of calls in `expire_token_after` has been used up; counts this call."""
        if self.expire_token_after is None:
            return False
        if self.expire_token_after > 0:
            self.expire_token_after -= 1
            return False
        return True

    def broken(self) -> list[str]:
        """Names of the switches that are on."""
        whole = VendorFaults()
        extras = ("retry_after", "server_error_status")
        return [item.name for item in fields(self) if item.name not in extras and getattr(self, item.name) != getattr(whole, item.name)]


class Faults:
    """All switches, by vendor. Safe to use from many threads."""

    def __init__(self, state_dir: Path | None = None) -> None:
        self._path = state_dir / "faults.json" if state_dir else None
        self._lock = threading.RLock()
        self._vendors: dict[str, VendorFaults] = {}
        if self._path and self._path.exists():
            for vendor, values in json.loads(self._path.read_text("utf-8")).items():
                self.set(vendor, **values)

    def for_vendor(self, vendor: str) -> VendorFaults:
        with self._lock:
            return self._vendors.setdefault(vendor, VendorFaults())

    def set(self, vendor: str, **switches: Any) -> VendorFaults:
        """Set switches; others stay. `True` for a counted one means until switched off. Raises ValueError for unknown ones."""
        with self._lock:
            faults = self.for_vendor(vendor)
            for name, value in {name: _checked(name, value) for name, value in switches.items()}.items():
                setattr(faults, name, value)
            self._save()
            return faults

    def clear(self, vendor: str | None = None) -> None:
        """Mend one vendor, or all. Objects handed out before stay valid."""
        with self._lock:
            for name in [vendor] if vendor else list(self._vendors):
                faults, whole = self.for_vendor(name), VendorFaults()
                for item in fields(faults):
                    setattr(faults, item.name, getattr(whole, item.name))
            self._save()

    def state(self) -> dict[str, dict[str, Any]]:
        """Every vendor's switches as JSON values."""
        with self._lock:
            return {vendor: _as_json(faults) for vendor, faults in self._vendors.items()}

    def before(self, vendor: str, now: datetime, wait: Callable[[float], object], spared: frozenset[str] = frozenset()) -> Response | None:
        """What a common switch makes of this call: an answer instead of the emulator's, or None.

        `wait` is called with the seconds of `slow`. `spared` names switches that this emulator plays in its own dialect.
        """
        faults = self.for_vendor(vendor)
        if faults.slow and "slow" not in spared:
            wait(faults.slow)
        with self._lock:
            for name, answer in _COMMON.items():
                if name not in spared and _hits(faults, name, now):
                    return answer(faults)
        return None

    def after(self, vendor: str, answer: Response) -> Response:
        """Cut the answer off in the middle, if that is switched on."""
        with self._lock:
            if self.for_vendor(vendor).take("cut_off"):
                answer.drop = "midway"
        return answer

    def _save(self) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_suffix(".part")
        unfinished.write_text(json.dumps(self.state()), encoding="utf-8")
        unfinished.replace(self._path)


def _hits(faults: VendorFaults, name: str, now: datetime) -> bool:
    """Whether a common switch hits this call; a counted one is used up by one."""
    until: datetime | None = getattr(faults, f"{name}_until", None)
    return (until is not None and now < until) or faults.take(name)


def _down(_: VendorFaults) -> Response:
    return Response(status=503, drop="before", note="fault: down")


def _rate_limited(faults: VendorFaults) -> Response:
    answer = Response.json({"error": "Too many requests"}, status=429, note="fault: rate limited")
    if faults.retry_after:
        answer.headers["Retry-After"] = str(faults.retry_after)
    return answer


def _server_error(faults: VendorFaults) -> Response:
    """A page, as whatever stands before a service puts there while it is down or under maintenance."""
    page = "<!doctype html><html><head><title>Service unavailable</title></head><body><p>The server had a problem.</p></body></html>"
    return Response.text(page, faults.server_error_status, "text/html; charset=utf-8", note="fault: server error")


def _html_instead(_: VendorFaults) -> Response:
    return Response.text(SIGN_IN_PAGE, content_type="text/html; charset=utf-8", note="fault: a page instead of data")


_COMMON: dict[str, Callable[[VendorFaults], Response]] = {
    "down": _down,
    "rate_limited": _rate_limited,
    "server_error": _server_error,
    "html_instead": _html_instead,
}
_COUNTED = {"rate_limited", "server_error", "html_instead", "down", "cut_off"}
_INSTANTS = {"rate_limited_until", "down_until"}
_NUMBERS = {"retry_after", "server_error_status"}


def _checked(name: str, value: Any) -> Any:
    """The value in the switch's own type. Raises ValueError."""
    if name not in {item.name for item in fields(VendorFaults)}:
        raise ValueError(f"no switch {name!r}")
    if name in _COUNTED:
        return FOREVER if value is True else int(value or 0)
    if name in _INSTANTS:
        return _instant(value)
    if name in _NUMBERS:
        return int(value)
    if name == "slow":
        return min(float(value or 0), 120.0)
    if name == "expire_token_after":
        return None if value is None or value is False else int(value)
    if name == "rename_field":
        if not isinstance(value, dict):
            raise ValueError("rename_field takes {old name: new name}")
        return {str(old): str(new) for old, new in value.items()}
    return bool(value)


def _instant(value: Any) -> datetime | None:
    if not value:
        return None
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _as_json(faults: VendorFaults) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(faults).items()}
