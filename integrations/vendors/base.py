"""The contract between Rollcall and one kind of outside system. Plain Python: no Django, no tables, no clock.

A vendor *says* what it is and can (class attributes), *does* a few verbs that take and return values,
and *explains* an answer as an error of the catalogue. Whatever it does not declare raises `NotSupported`.
It gets its settings, its secrets and an open line (integrations/wire/http.py), and never anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from config.errors import NotSupported, RollcallError, SettingInvalid, SettingMissing
from config.sentences import Sentence, sentence
from integrations.wire.http import Line, Response, explain_status
from integrations.wire.redact import is_secret_name

Json = Any


class Family(StrEnum):
    HRIS = "hris"
    CRM = "crm"
    IDP = "idp"
    LMS = "lms"
    FILE = "file"


# ── says ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Setting:
    """One field of the connector's form.

    `kind`: text, url, integer, boolean, choice, list (one a line) or secret. A secret goes into a
    Credential, is never part of `settings` and never shown again. `help` is read by people who are not engineers.
    `is_manner`: it says how the system is asked and signed in to, not what is read; changing it needs no new reading of everything.
    """

    key: str
    label: str
    kind: str = "text"
    required: bool = False
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""
    is_manner: bool = False


@dataclass(frozen=True)
class Limits:
    """How often this system may be called; shared by all processes of an installation."""

    per_second: float = 5.0
    burst: int = 5
    in_parallel: int = 2


@dataclass(frozen=True)
class Stream:
    """Something that can be read.

    `fields` is the allow-list: source paths (JMESPath roots) that may be stored; what is not listed is dropped
    before anything is kept (pay, national ids and whatever nobody mapped never reach a table).
    `proof` says how a full read proves that it was complete: "count" (announced total equals what came),
    "last_page" (the source marks its last page), or "none" (absence is never believed).
    `delta` is whether `Window.since` is understood.
    """

    name: str
    label: str
    kind: str = "worker"  # worker, unit, learner: integrations/canonical.py
    fields: tuple[str, ...] = ()
    delta: bool = False
    proof: str = "none"


@dataclass(frozen=True)
class Target:
    """Something that can be written. `bulk` is the most changes one call carries.

    `unseen` are operations whose effect this system offers no way of reading: written, receipted, and never claimed as read back.
    The effect of every other operation is shown by `read_back`, or for `cohorts` by `memberships`.
    """

    name: str
    label: str
    operations: tuple[str, ...] = ("create", "update", "deactivate", "reactivate")
    bulk: int = 1
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True)
class MappingRow:
    """One row of a default mapping: `source` is a JMESPath into the payload, `transforms` are "name" or "name:argument"."""

    target: str
    source: str
    transforms: tuple[str, ...] = ()
    required: bool = False
    null_policy: str = "keep"  # keep, clear, reject
    strength: str = "always"  # always, fill_if_empty, suggest
    condition: str = ""
    route: str = "at_once"  # of a target's field: at_once, hourly, nightly
    direction: str = ""  # never: used here and not written; else as the mapping it stands in


# ── values that go in and out ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Window:
    """What a read should cover: [since, until), both UTC and both of the *source's* clock.

    `since=None` means everything (a full read). `until` is the frozen moment as of which the whole read is made, so that
    pages do not drift. `ids` reads just these records (a hint from a webhook, or "sync this person now").
    `as_of` is the business date on which effective-dated values are wanted. `known_to`, on a full read: up to where reads of changes
    should have told everything; a source whose records carry no stamp of their own answers it with `Page.later`.
    """

    since: datetime | None = None
    until: datetime | None = None
    ids: tuple[str, ...] = ()
    as_of: date | None = None
    known_to: datetime | None = None

    @property
    def is_full(self) -> bool:
        return self.since is None and not self.ids


@dataclass(slots=True)
class Record:
    """One record, word for word. `external_id` is immutable in the source; `deleted` = the source says it is erased."""

    external_id: str
    payload: dict[str, Json]
    changed_at: datetime | None = None  # UTC, the source's own stamp or version time; None where it has none
    deleted: bool = False


@dataclass(slots=True)
class Rejected:
    """A row of a page that could not even become a Record. `position` counts from 1 over the whole read.

    With `external_id` that person is there and keeps what was known; without it nobody counts as absent in this read.
    """

    position: int
    error: RollcallError
    external_id: str = ""
    excerpt: str = ""  # at most 200 characters, without personal data where that can be told


@dataclass(slots=True)
class Page:
    """A stretch of a read.

    `cursor` (JSON) is where to go on *after* this page: handed back to `fetch(cursor=…)` after a crash. `total` is what the
    source announced for the whole read, None where it does not. `is_last` is True only when the source itself
    said so (or its count was reached), never because an answer was short. `mark` (UTC, source's clock) is the moment up to
    which this read is true once the last page has arrived; the next window starts there, less the overlap. `later`: the ids of whoever
    changed after the window's `known_to`, of the whole read; None where the stamps of the records say it.
    """

    records: list[Record]
    cursor: Json = None
    is_last: bool = False
    total: int | None = None
    mark: datetime | None = None
    rejected: list[Rejected] = field(default_factory=list)
    later: frozenset[str] | None = None


@dataclass(slots=True)
class Change:
    """One write. `key` makes it idempotent; `remote_id` is empty for a create.

    `operation`: create, update, deactivate, reactivate, and what a target declares beyond these.
    `values` is in canonical attributes (integrations/canonical.py) or the vendor's own field names as mapped outwards.
    """

    key: str
    operation: str
    values: dict[str, Json]
    remote_id: str = ""


@dataclass(slots=True)
class Receipt:
    """What became of one Change. Exactly one of `error` and `remote_id` is meaningful.

    `state` is what the system now holds, as far as the answer says (else empty; `read_back` fetches it).
    `warnings` are sentences the system sent although it did the work.
    """

    key: str
    remote_id: str = ""
    state: dict[str, Json] = field(default_factory=dict)
    error: RollcallError | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Step:
    """One line of a connection test, in the order it was done."""

    name: str
    ok: bool
    detail: str = ""
    ms: int = 0
    error: RollcallError | None = None


@dataclass(slots=True)
class Health:
    """The answer of a connection test. `facts`: version, site name, what the key may do; no personal data."""

    steps: list[Step]
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return all(step.ok for step in self.steps)


# ── does ────────────────────────────────────────────────────────────────────────────────────────────


def _refuse_secret(item: Setting, url: str) -> None:
    """Settings are shown, kept in history and written into bundles: no address may carry a key. Raises SettingInvalid."""
    try:
        parts = urlsplit(url)
        names = [name for name, _value in parse_qsl(parts.query, keep_blank_values=True)]
        holds_user = "@" in parts.netloc
    except ValueError as error:
        raise SettingInvalid(sentence("%(label)s: the address cannot be read", label=Sentence(item.label)), field=item.key) from error
    if holds_user or any(is_secret_name(name) for name in names):
        raise SettingInvalid(
            sentence("%(label)s: user name, password and key have fields of their own", label=Sentence(item.label)), field=item.key
        )


class Vendor:
    """Base of every vendor. Subclasses declare, and override only what they can do."""

    key: ClassVar[str] = ""
    label: ClassVar[str] = ""
    family: ClassVar[Family]
    version: ClassVar[str] = ""  # the API version this was built against
    sunset: ClassVar[date | None] = None  # when that version ends, where the vendor says
    settings: ClassVar[tuple[Setting, ...]] = ()
    limits: ClassVar[Limits] = Limits()
    streams: ClassVar[tuple[Stream, ...]] = ()
    targets: ClassVar[tuple[Target, ...]] = ()
    default_mapping: ClassVar[Mapping[str, tuple[MappingRow, ...]]] = {}
    page_rows: int = 2000  # how many records a page should hold where the system leaves it to us; whoever stores them may ask for fewer

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str], line: Line) -> None:
        self.config = self.checked(settings, secrets)
        self.secrets = dict(secrets)
        self.line = line
        line.explain = self.explain

    @classmethod
    def checked(cls, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
        """Settings with defaults filled in. Raises SettingMissing or SettingInvalid, naming the field."""
        values: dict[str, Any] = {}
        for item in cls.settings:
            given = secrets.get(item.key) if item.kind == "secret" else settings.get(item.key, item.default)
            if item.required and given in (None, "", [], ()):
                raise SettingMissing(Sentence(item.label), field=item.key)
            if item.kind == "choice" and given not in (None, "") and given not in dict(item.choices):
                raise SettingInvalid(
                    sentence(
                        "%(label)s: “%(given)s” is not one of %(choices)s",
                        label=Sentence(item.label),
                        given=str(given),
                        choices=list(dict(item.choices)),
                    ),
                    field=item.key,
                )
            if item.kind == "url" and given:
                _refuse_secret(item, str(given))
            if item.kind != "secret":
                values[item.key] = given
        return values

    @classmethod
    def stream(cls, name: str) -> Stream:
        for stream in cls.streams:
            if stream.name == name:
                return stream
        raise NotSupported(sentence("%(label)s has no stream “%(name)s”", label=cls.label, name=name))

    @classmethod
    def target(cls, name: str) -> Target:
        for target in cls.targets:
            if target.name == name:
                return target
        raise NotSupported(sentence("%(label)s has no target “%(name)s”", label=cls.label, name=name))

    @classmethod
    def beside(cls, settings: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
        """What a target also holds for a person beyond mapped fields: `cohorts` (sorted list), `manager` (a person's public id).

        Written by operations of their own (`cohorts`, `set_manager`) after the account. Empty where the settings ask for none.
        """
        return {}

    @classmethod
    def mails_newcomers(cls, settings: Mapping[str, Any]) -> bool:
        """Whether this target, as configured, sends a mail of its own to everybody who gets an account. Told before a plan is approved."""
        return False

    def check(self) -> Health:
        """Test the connection in named steps. Raises nothing: an error is a step that failed."""
        raise NotSupported(sentence("%(label)s: check", label=self.label))

    def fetch(self, stream: str, window: Window, cursor: Json = None) -> Iterator[Page]:
        """Read a stream page by page, from `cursor` on (None = the first page). Lazy: one page in memory."""
        raise NotSupported(sentence("%(label)s: read %(stream)s", label=self.label, stream=stream))

    def arrived_at(self) -> datetime | None:
        """From when on (UTC) what lies there now may be read, where the settings ask to watch for it and looking costs nothing.

        None where there is nothing to see: most systems have to be asked, which a timetable does.
        """
        return None

    def push(self, target: str, changes: Sequence[Change]) -> list[Receipt]:
        """Carry out a batch (at most `target.bulk`); one receipt per change, same order, an error only for the row it hit.

        Raises RetryLater or Reconnect when nothing of the batch can be known to have been tried.
        """
        raise NotSupported(sentence("%(label)s: write %(target)s", label=self.label, target=target))

    def find(self, target: str, by: str, values: Sequence[str]) -> dict[str, list[Record]]:
        """Who is there already? `by` is "id", "idnumber", "username" or "email"; value → records that carry it."""
        raise NotSupported(sentence("%(label)s: find in %(target)s", label=self.label, target=target))

    def read_back(self, target: str, remote_ids: Sequence[str]) -> Iterable[Record]:
        """What the system holds now for these, to compare with what was sent. Missing ones are left out."""
        raise NotSupported(sentence("%(label)s: read back %(target)s", label=self.label, target=target))

    def memberships(self, target: str, asked: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
        """Of the groups asked about (remote id → names as in `cohorts`), those each account is in now. Somebody in none has an empty set.

        The number of calls must not grow with the number of accounts.
        """
        raise NotSupported(f"{self.label}: read memberships of {target}")

    def explain(self, response: Response) -> RollcallError | None:
        """What this answer means: an error of the catalogue, or None when it is good.

        Called by the line for every answer. The default goes by status code (wire.http.explain_status).
        """
        return explain_status(response)
