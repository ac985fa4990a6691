"""The tenant, its integration user, and every point on which the vendor's behaviour is not confirmed, as a switch."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Settings:
    """Of one sandbox tenant. The first five are what a connector has to be given; the rest is behaviour."""

    tenant: str = "meridian"
    users: dict[str, str] = field(default_factory=lambda: {"isu_rollcall": "sandbox-isu-password"})  # signs in as isu_rollcall@meridian
    client_id: str = "rollcall-sandbox-client"
    client_secret: str = "sandbox-client-secret"  # noqa: S105  opens the sandbox only
    refresh_token: str = "sandbox-refresh-token"  # noqa: S105  opens the sandbox only

    versions: tuple[str, ...] = ("v43.0", "v44.2", "v45.2")
    services: tuple[str, ...] = ("Human_Resources",)
    strict_order: bool = True  # False: children may come in any order, as two well-known clients send them
    version_clash: str = "url"  # the version in the address wins over wd:version; "fault": a difference is refused
    zero_match_pages: int = 0  # Total_Pages of an answer without a match; 1 is as thinkable
    past_end: str = "empty"  # a page past the end is empty; "fault": it is refused
    future_hires_in_full_read: bool = False
    wsdl_needs_auth: bool = False
    hidden_sections: tuple[str, ...] = ()  # security domains the user lacks: personal, contact, identification, employment,
    # compensation, organizations, roles, management_chain, user_account. They are missing without a word.
    visible_units: tuple[str, ...] = ()  # keys of units; with any, a constrained user who sees nobody else
    forbidden_tasks: tuple[str, ...] = ()  # operations the user may not call
    not_authorized_code: str = "Client.processingError"
    lock_after: int = 0  # wrong passwords in a row after which a user is locked; 0: never

    token_seconds: int = 3600
    says_expires_in: bool = False
    refused_bearer: str = "401"  # SOAP with a dead token: 401; "fault": an authentication fault

    report_owner: str = "isu_rollcall"
    report: str = "Rollcall_Workers"
    empty_report: str = "list"  # {"Report_Entry": []}; "absent": {}
    refused_report_status: int = 400  # unknown prompt or format
    longest_address: int = 2000  # characters of a report's address; longer ones are refused with 414
    unknown_report_status: int = 404
