"""What a web service function works with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.emulators.moodle.describe import Description, Single, Site
from integrations.sandbox.emulators.moodle.failure import no_permission
from integrations.sandbox.emulators.moodle.store import Store

ALL_CAPABILITIES = (
    "moodle/user:create",
    "moodle/user:update",
    "moodle/user:delete",
    "moodle/user:viewdetails",
    "moodle/user:viewalldetails",
    "moodle/cohort:manage",
    "moodle/cohort:assign",
    "moodle/cohort:view",
    "moodle/role:assign",
)


@dataclass(frozen=True)
class Token:
    """Bound to a user and a service. `functions` None means every function this site has."""

    text: str
    username: str = "rollcall-ws"
    functions: tuple[str, ...] | None = None
    capabilities: tuple[str, ...] = ALL_CAPABILITIES


@dataclass
class Settings:
    """The site's own switches; each can be changed while it runs (Emulator.configure).

    `hidden_fields` are user fields that the token's user may not see. `custom_fields` maps shortname to (datatype, name).
    `roles` maps the ids that the token's user may assign to their names.
    """

    site_name: str = "Meridian Academy"
    release: str = "4.5"
    database: str = "mysql"  # finds by field whatever the case; "pgsql" does not
    debug: bool = False
    maintenance: bool = False
    rest_enabled: bool = True
    allow_same_email: bool = False
    max_input_vars: int = 1000
    hidden_fields: tuple[str, ...] = ()
    languages: tuple[str, ...] = Site().languages
    auths: tuple[str, ...] = Site().auths
    extended_usernames: bool = False
    custom_fields: dict[str, tuple[str, str]] = field(
        default_factory=lambda: {
            "costcenter": ("text", "Cost centre"),
            "manager": ("text", "Manager"),
            "location": ("text", "Location"),
            "jobtitle": ("text", "Job title"),
            "population": ("menu", "Population"),
        }
    )
    roles: dict[int, str] = field(default_factory=lambda: {5: "student", 9: "linemanager"})

    def is_at_least(self, major: int, minor: int) -> bool:
        return tuple(int(part) for part in self.release.split(".")[:2]) >= (major, minor)

    @property
    def site(self) -> Site:
        return Site(tuple(self.languages), tuple(self.auths), self.extended_usernames)


@dataclass
class Call:
    """One call of one function: checked `params`, who calls, and where things are kept. `now` in Unix seconds."""

    params: dict[str, Any]
    token: Token
    store: Store
    settings: Settings
    writes: Counter[str]
    now: int
    base_url: str
    empty: bool = False  # a switch: nobody is found
    functions: tuple[str, ...] = ()  # what this token may call

    def require(self, capability: str, in_words: str) -> None:
        if capability not in self.token.capabilities:
            raise no_permission(in_words)

    def may(self, capability: str) -> bool:
        return capability in self.token.capabilities


@dataclass(frozen=True)
class Function:
    """`takes` describes the parameters; `answer` returns what goes out, None for the functions that answer nothing."""

    answer: Callable[[Call], Any]
    takes: Description = field(default_factory=lambda: Single({}))
