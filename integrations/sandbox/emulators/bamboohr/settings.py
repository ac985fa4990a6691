"""The account, its key, and every point on which the vendor's behaviour is not confirmed or differs by account, as a switch."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

THROTTLE_BECOMES_429_ON = date(2026, 9, 16)


@dataclass
class Settings:
    """Of one sandbox account. The first two are what a connector has to be given; the rest is behaviour."""

    company: str = "meridian"
    api_key: str = "sandbox-bamboohr-key"
    client_id: str = "rollcall-sandbox-client"
    client_secret: str = "sandbox-client-secret"  # noqa: S105  opens the sandbox only
    token_seconds: int = 3600

    lockout_after: int = 5  # unknown keys in a row; then 403 for everybody, the right key included
    lockout_seconds: int = 300
    throttle: str = "auto"  # 503 until 16 September 2026, 429 from then on; or always "503" or "429"
    own_employee: str = ""  # id of the person behind the key; "": an integration account, which is nobody

    # Rights: what the key's user may not see. Fields by name, for everybody or for single people (by id).
    hidden_fields: tuple[str, ...] = ()
    hidden_fields_of: dict[str, list[str]] = field(default_factory=dict)
    hidden_employees: tuple[str, ...] = ()
    directory: str = "on"  # "off": 403; "org_chart": fewer fields, no supervisor
    dataset_hidden: str = "empty"  # a hidden field in a dataset comes empty and is named; "error": 403

    empty_date: str | None = None  # or "" or "0000-00-00"
    empty_text: str | None = None  # of no manager and the like; or ""
    empty_map: str = "object"  # "array": a map without entries is written [], as PHP does
    supervisor_ids_swapped: bool = False  # one source says supervisorId and supervisorEId are the other way round
    future_termination_always: bool = False  # show a termination date still to come without onlyCurrent=false
    termination_lingers: bool = True  # a rehire keeps the old termination date
    date_reached_is_a_change: bool = False  # does a future-dated row that takes effect move lastChanged?
    list_has_future_hires: bool = True  # in GET /employees
    cursor_seconds: int = 1800
    tables_ignore_accept: bool = False  # an old client expects XML from tables although it asks for JSON
