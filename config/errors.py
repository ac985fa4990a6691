"""The catalogue of everything that can go wrong, grouped by who acts next.

Plain Python, so that vendors and wire may raise from it too. Each class carries what a screen, a log
line, a mail and the API need: a stable `code`, the `owner` who can mend it, whether trying again can
help (`retry`), and the next step in words. The docstring is the sentence people read; `detail` says
what happened this time (which field, which row, which answer): a sentence of config/sentences.py where the
words are ours, another system's answer as it came. Never put a secret or a whole record into it.

A class without a code is a group: catch it, do not raise it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from config.sentences import Sentence, english, quoted, sentence


class Owner(StrEnum):
    """Who can mend it."""

    WE = "rollcall"  # the hub tries again by itself
    IT = "it"  # credentials, permissions, network, installation
    LND = "lnd"  # mappings, value maps, decisions
    SOURCE = "source"  # whoever keeps the record in the source system


class RollcallError(Exception):
    """Something went wrong that Rollcall knows by name."""

    code: ClassVar[str] = ""
    owner: ClassVar[Owner] = Owner.WE
    retry: ClassVar[bool] = False
    next_step: ClassVar[str] = ""

    def __init__(self, detail: str = "", *, field: str = "", retry_at: datetime | None = None) -> None:
        self.detail = detail
        self.field = field
        self.retry_at = retry_at  # UTC; when the other side told us when to come back
        self.connector = ""  # key of the connector that was being asked, where one was
        super().__init__(f"{self.sentence} {english(detail)}".strip())

    @property
    def sentence(self) -> str:
        return (self.__doc__ or "").strip().split("\n")[0]

    @property
    def kept(self) -> Sentence:
        """What happened and what about, as it can be stored. Another system's words are quoted as they came."""
        happened = Sentence(self.sentence)
        return sentence("%(happened)s %(detail)s", happened=happened, detail=quoted(self.detail)) if self.detail else happened


# ── we do: wait and try again ───────────────────────────────────────────────────────────────────────


class RetryLater(RollcallError):
    """The other side cannot answer now."""

    retry = True
    next_step = "Nothing to do: Rollcall tries again by itself and tells you when it gives up."


class RateLimited(RetryLater):
    """The other side asks us to slow down."""

    code = "rate_limited"


class Unavailable(RetryLater):
    """The other side is down or under maintenance."""

    code = "unavailable"


class TimedOut(RetryLater):
    """The other side took too long to answer."""

    code = "timed_out"


class ConnectionFailed(RetryLater):
    """No connection to the other side could be made."""

    code = "connection_failed"
    next_step = "Rollcall tries again by itself. If it lasts, check the address and the network path."


class AnswerCutOff(RetryLater):
    """The answer ended before it was complete."""

    code = "answer_cut_off"
    next_step = "Rollcall reads again. Nobody is treated as gone because of an answer that was cut off."


class UnexpectedAnswer(RetryLater):
    """The other side answered with something that is not its own format."""

    code = "unexpected_answer"
    next_step = "Often a sign-in or maintenance page. Rollcall tries again; if it lasts, open the address in a browser."


class CursorExpired(RetryLater):
    """The place where the reading stopped is no longer known to the other side."""

    code = "cursor_expired"
    next_step = "Rollcall starts the reading again from the first page."


class DatabaseAway(RetryLater):
    """The database of Rollcall itself was away for a moment."""

    code = "database_away"


class Busy(RetryLater):
    """Another run of the same connector is at work."""

    code = "busy"


# ── IT, at the vendor: sign-in and permissions ──────────────────────────────────────────────────────


class Reconnect(RollcallError):
    """The other side no longer lets us in."""

    owner = Owner.IT


class CredentialRejected(Reconnect):
    """The other side refused our key, token or password."""

    code = "credential_rejected"
    next_step = "Open the connector, replace the secret and press “Test connection”."


class CredentialExpired(Reconnect):
    """The token ran out and could not be renewed."""

    code = "credential_expired"
    next_step = "Open the connector, enter a new secret and press “Test connection”."


class PermissionMissing(Reconnect):
    """The key is valid but may not do this."""

    code = "permission_missing"
    next_step = "Ask the administrator of that system for the permission named in the detail, then test again."


class HostKeyChanged(Reconnect):
    """The file server does not show the host key that was pinned."""

    code = "host_key_changed"
    next_step = "Ask the server's owner whether its key was replaced. Only then enter the new key in the connector."


# ── L&D or IT, here: settings and mappings ──────────────────────────────────────────────────────────


class FixSetup(RollcallError):
    """Something in Rollcall's own settings needs a change."""

    owner = Owner.IT


class SettingMissing(FixSetup):
    """A setting that this connector needs is empty."""

    code = "setting_missing"
    next_step = "Open the connector, fill in the field named in the detail and save."


class SettingInvalid(FixSetup):
    """A setting of this connector cannot be right."""

    code = "setting_invalid"
    next_step = "Open the connector and correct the field named in the detail."


class AddressRefused(FixSetup):
    """This address may not be called from here."""

    code = "address_refused"
    next_step = "Use a public https address, or ask the operator to allow this private network (ROLLCALL_ALLOWED_NETWORKS)."


class TlsFailed(FixSetup):
    """The other side's certificate does not match its name, or is not trusted."""

    code = "tls_failed"
    next_step = "Check the host name in the connector; if it is right, ask the other side to mend its certificate."


class NotFound(FixSetup):
    """The address answers, but what we asked for does not exist there."""

    code = "not_found"
    next_step = "Check the company, tenant, report or path in the connector's settings."


class AccountMissing(NotFound):
    """The account is not in the learning system any more."""

    code = "account_missing"
    next_step = "It was deleted there, not by Rollcall. Bring it back there and send the write again, or give the write up."


class RequestRefused(FixSetup):
    """The other side understood us and said no."""

    code = "request_refused"
    next_step = "Read the answer in the detail; usually a field or setting in the connector has to change."


class SourceFieldMissing(FixSetup):
    """A column or field that the mapping needs is not in the data."""

    code = "source_field_missing"
    owner = Owner.LND
    next_step = "Check the file or report, or point the mapping at the new name. Nothing was changed."


class FileUnreadable(FixSetup):
    """The file cannot be read as a table."""

    code = "file_unreadable"
    owner = Owner.LND
    next_step = "Check encoding, delimiter and sheet in the connector, or export the file again. Nothing was changed."


class MappingInvalid(FixSetup):
    """A mapping row cannot be understood."""

    code = "mapping_invalid"
    owner = Owner.LND
    next_step = "Open the mapping, correct the row named in the detail and publish again."


class BundleInvalid(FixSetup):
    """The configuration file cannot be used as it is."""

    code = "bundle_invalid"
    next_step = "Correct the place named in the detail; nothing was imported."


class KeyRingUnusable(FixSetup):
    """A secret cannot be opened with the keys of this installation."""

    code = "key_ring_unusable"
    next_step = "Add the old key to ROLLCALL_FIELD_KEYS (newest first) and restart, or enter the secret again."


# ── the owner of the source data ────────────────────────────────────────────────────────────────────


class FixData(RollcallError):
    """This record cannot be used as it is."""

    owner = Owner.SOURCE


class RecordRejected(FixData):
    """A value in this record is not of the kind it should be."""

    code = "record_rejected"
    next_step = "Correct the record in the source system; yesterday's values stand until then."


class ValueMissing(FixData):
    """A required value is missing in this record."""

    code = "value_missing"
    next_step = "Fill the value in the source system; the person keeps what they had until then."


class ValueInvalid(FixData):
    """A value in this record cannot be read."""

    code = "value_invalid"
    next_step = "Correct the value in the source system; the person keeps what they had until then."


class ValueTooLarge(FixData):
    """A value in this record is far larger than it can be."""

    code = "value_too_large"
    next_step = "Check what the source put into this field. The record waits, the others went on."


class DuplicateId(FixData):
    """Two records of this source carry the same id but say different things."""

    code = "duplicate_id"
    next_step = "Mend the double entry in the source system. Neither of the two was used."


class RowUnreadable(FixData):
    """A line of the file has more or fewer cells than its header."""

    code = "row_unreadable"
    next_step = "Correct the line named in the detail; usually a missing quote or a stray delimiter."


class ManagerCycle(FixData):
    """These people report to each other in a circle."""

    code = "manager_cycle"
    next_step = "Correct the reporting lines in the source system; nobody in the circle gets a manager until then."


class ValueTaken(FixData):
    """Somebody else in the learning system has the sign-in name, e-mail or number that this account needs."""

    code = "value_taken"
    next_step = (
        "Give this person another one at the source, and the next run makes the account; "
        "or have the other account changed in the learning system, and send the write again."
    )


class TargetRefused(FixData):
    """The learning system refused this person's data."""

    code = "target_refused"
    next_step = "Read the answer in the detail, correct the value at its source or in the mapping, then retry."


# ── a person decides here ───────────────────────────────────────────────────────────────────────────


class NeedsDecision(RollcallError):
    """This waits for a decision."""

    owner = Owner.LND


class ValueUnmapped(NeedsDecision):
    """A code has no name in its value map yet."""

    code = "value_unmapped"
    next_step = "Add the code to the value map; the people waiting for it go on by themselves."


class AlreadyExists(NeedsDecision):
    """The learning system already has someone who may be this person."""

    code = "already_exists"
    next_step = "Open the case and say whether it is the same person. If there is none, look in the learning system who has the value."
    remote_ids: tuple[str, ...] = ()  # who is there, where the other side let us find out


class Ambiguous(NeedsDecision):
    """This record may belong to more than one person."""

    code = "ambiguous"
    next_step = "Open the case, compare the records and decide. The rest of the run goes on."


class PlanHeld(NeedsDecision):
    """The plan would change more people than this connector may change alone."""

    code = "plan_held"
    next_step = "Open the run, look at the people and approve all, some or none. It lapses without changing anything."


class SourceEmpty(NeedsDecision):
    """The source answered with nobody, or with far fewer people than before."""

    code = "source_empty"
    next_step = "Check the source. If it is right, approve the run; otherwise let it lapse."


class PlanStale(NeedsDecision):
    """Something changed since the plan was made."""

    code = "plan_stale"
    next_step = "Nothing was written for these people; the next run plans them again."


class Overtaken(NeedsDecision):
    """Somebody else has changed this in the meantime."""

    code = "overtaken"
    next_step = "Nothing was changed. Look at it as it is now, and decide again."


# ── other ───────────────────────────────────────────────────────────────────────────────────────────


class NotSupported(RollcallError):
    """This system cannot do that."""

    code = "not_supported"
    owner = Owner.IT
    next_step = "See the vendor's page in the documentation for what it can do."


class WorkerLost(RetryLater):
    """The process that was doing this died."""

    code = "worker_lost"


class Unexpected(RollcallError):
    """Something went wrong inside Rollcall."""

    code = "unexpected"
    owner = Owner.IT
    next_step = "This is our mistake. The log line with the same reference says where; please report it."


def _walk(cls: type[RollcallError]) -> list[type[RollcallError]]:
    found = [cls] if cls.code else []
    for sub in cls.__subclasses__():
        found += _walk(sub)
    return found


def catalogue() -> dict[str, type[RollcallError]]:
    """Every error that can be raised, by code, in the order of this page."""
    return {cls.code: cls for cls in _walk(RollcallError)}


def by_code(code: str) -> type[RollcallError]:
    """The class behind a stored code; `Unexpected` for a code of another version."""
    return catalogue().get(code, Unexpected)
