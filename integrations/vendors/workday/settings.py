"""The connector's form, and what cannot be right in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from config.errors import SettingInvalid, SettingMissing
from config.sentences import Sentence, sentence
from integrations.vendors.base import Setting

SOAP, RAAS = "soap", "raas"
SECURITY, OAUTH = "ws_security", "oauth"

FIELDS = (
    Setting(
        "base_url",
        "Web services address",
        "url",
        required=True,
        help="As on Workday's page “View API Clients”, for instance https://services1.myworkday.com.",
    ),
    Setting("tenant", "Tenant", required=True, help="The short name in your Workday address, for instance acme or acme_preview."),
    Setting(
        "source",
        "Read from",
        "choice",
        default=SOAP,
        choices=((SOAP, "Web service (complete, with changes and managers)"), (RAAS, "A custom report")),
    ),
    Setting("version", "Web service version", default="v44.2", help="Two come out a year and stay for years. Change it only after a test."),
    Setting(
        "auth",
        "Sign-in",
        "choice",
        default=SECURITY,
        choices=((SECURITY, "User name and password of an integration user"), (OAUTH, "API client with refresh token")),
        is_manner=True,
    ),
    Setting("username", "Integration user", help="The name alone; @tenant is added for the web service."),
    Setting("password", "Password", "secret"),
    Setting("client_id", "Client ID", help="From “Register API Client for Integrations”."),
    Setting("client_secret", "Client secret", "secret"),
    Setting("refresh_token", "Refresh token", "secret", help="“Manage Refresh Tokens for Integrations”, non-expiring."),
    Setting(
        "page_size", "Workers a page", "integer", default=200, help="100 to 999. Lower it when Workday gives up on a page.", is_manner=True
    ),
    Setting(
        "overlap_minutes",
        "Overlap, minutes",
        "integer",
        default=15,
        help="Each delta reads this much of the last one again.",
        is_manner=True,
    ),
    Setting(
        "effective_overlap_hours",
        "Overlap of dated changes, hours",
        "integer",
        default=48,
        help="Nobody says at which hour, in which zone, a dated change begins: two days cover all of them. 0: the same span.",
        is_manner=True,
    ),
    Setting(
        "wait_seconds",
        "Longest wait for an answer, seconds",
        "integer",
        default=80,
        help="Workday computes the first page and whole reports before it sends anything.",
        is_manner=True,
    ),
    Setting("email_usage", "E-mail usage", default="WORK", help="The usage whose address is the work e-mail: WORK in most tenants."),
    Setting(
        "name_preference",
        "Name to use",
        "choice",
        default="preferred",
        choices=(("preferred", "Preferred name where there is one"), ("legal", "Legal name")),
    ),
    Setting("include_contingent", "Include contingent workers", "boolean", default=True),
    Setting(
        "all_managers", "All managers of an organisation", "boolean", default=True, help="Off: Workday names one manager for each level."
    ),
    Setting(
        "throttle_words",
        "Words of a throttling fault",
        "list",
        default=(),
        help="Parts of the text with which your tenant asks to slow down, one a line.",
        is_manner=True,
    ),
    Setting("report_owner", "Report owner", help="The account name of the report's owner."),
    Setting("report_name", "Report name", help="As in the report's web service address, with underscores."),
    Setting("report_url", "Report address", "url", help="Instead of owner and name: the address without its query, on the same host."),
    Setting("report_format", "Report format", "choice", default="json", choices=(("json", "JSON"), ("xml", "XML"))),
    Setting("report_id_column", "Column with the id", default="Workday_ID", help="The XML alias of the column with the Workday ID."),
    Setting(
        "report_columns", "Columns to take", "list", default=(), help="XML aliases, one a line. What is not listed is dropped at once."
    ),
    Setting(
        "report_prompt",
        "Prompt for a worker",
        help="The alias of a prompt on worker, if the report has one: single people are then read without the rest.",
    ),
)

BOUNDS = {"page_size": (100, 999), "overlap_minutes": (0, 1440), "effective_overlap_hours": (0, 168), "wait_seconds": (10, 2400)}
NEEDED = {SECURITY: ("username", "password"), OAUTH: ("client_id", "client_secret", "refresh_token")}


def check(values: dict[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    """The settings with numbers as numbers. Raises SettingMissing or SettingInvalid, naming the field."""
    labels = {field.key: field.label for field in FIELDS}
    for field in FIELDS:
        if values.get(field.key) in (None, "") and field.default is not None:
            values[field.key] = field.default  # an emptied field of the form means “as usual”
    for key, (low, high) in BOUNDS.items():
        values[key] = _number(values[key], key, labels[key], low, high)
    values["base_url"] = str(values["base_url"]).rstrip("/")
    for key in (*NEEDED[values["auth"]], *_needed_for(values)):
        if not (secrets.get(key) or values.get(key)):
            raise SettingMissing(Sentence(labels[key]), field=key)
    if values["report_url"] and _host(values["report_url"]) != _host(values["base_url"]):
        raise SettingInvalid(
            sentence("The report's address has another host than the web services; it would be sent the password"), field="report_url"
        )
    return values


def _needed_for(values: Mapping[str, Any]) -> tuple[str, ...]:
    if values["source"] != RAAS:
        return ()
    return ("report_columns", "report_id_column", *(() if values["report_url"] else ("report_owner", "report_name")))


def _number(given: Any, key: str, label: str, low: int, high: int) -> int:
    try:
        number = int(given)
    except (TypeError, ValueError):
        number = low - 1
    if not low <= number <= high:
        raise SettingInvalid(
            sentence(
                "%(label)s: “%(given)s” is not a number from %(low)s to %(high)s",
                label=Sentence(label),
                given=str(given),
                low=low,
                high=high,
            ),
            field=key,
        )
    return number


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()
