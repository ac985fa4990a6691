"""The connector's form, and what the writing makes of it. What depends on the site is a setting: docs/vendors/moodle.md §2, §9."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from config.errors import SettingInvalid, SettingMissing
from config.sentences import sentence
from integrations.vendors.base import Setting
from integrations.vendors.moodle.accounts import Terms
from integrations.vendors.moodle.cohorts import rules, wanted
from integrations.vendors.moodle.fields import PROFILE, Rules, pack_for
from integrations.vendors.moodle.managers import NONE, PROFILE_FIELD, ROLE

LARGEST_BATCH = 50  # with 13 fields an account, 650 of PHP's 1,000 form fields; a longer batch would be cut without a word
INTERNAL_AUTH = ("manual", "email", "none")  # these plugins keep passwords in Moodle and want one for every new account
NAME, EMAIL = "manager_name", "manager_email"  # attributes of the person whose account is written
PUBLIC_ID, EMPLOYEE_NUMBER = "public_id", "employee_number"
ON_DAY_ONE, CREATE_SUSPENDED = "on_day_one", "create_suspended"

SETTINGS: tuple[Setting, ...] = (
    Setting("base_url", "Address of the site", "url", required=True, help="As in your browser, without /login: https://learn.example.com."),
    Setting(
        "token",
        "Token",
        "secret",
        required=True,
        help="Site administration, Server, Web services, Manage tokens. Its service must hold the functions the connection test names.",
    ),
    Setting(
        "auth",
        "Sign-in method of new accounts",
        default="oauth2",
        help="The short name of the authentication plugin your people sign in with: oauth2, oidc, saml2, ldap … "
        "With manual, Moodle needs a password for each account and mails it (see below).",
    ),
    Setting(
        "send_mails",
        "Let Moodle mail a first password",
        "boolean",
        default=False,
        help="Only for manual and other methods that keep passwords in Moodle. With single sign-on nobody needs a password.",
    ),
    Setting(
        "idnumber",
        "ID number of accounts",
        "choice",
        default=PUBLIC_ID,
        choices=(
            (PUBLIC_ID, "as the mapping says: our number"),
            (EMPLOYEE_NUMBER, "the employee number, where there is one"),
        ),
        help="By it an account that is there already is recognised. Choose the employee number if your site carries it already.",
    ),
    Setting(
        "preboarding",
        "People who start later",
        "choice",
        default=ON_DAY_ONE,
        choices=((ON_DAY_ONE, "get their account on the first day"), (CREATE_SUSPENDED, "get a suspended account at once")),
    ),
    Setting(
        "managers",
        "Managers",
        "choice",
        default=NONE,
        choices=((NONE, "are not written"), (PROFILE_FIELD, "into a custom profile field"), (ROLE, "as a role over the person")),
    ),
    Setting(
        "manager_field", "Profile field for the manager", help="Its short name, as in manager. Only for “into a custom profile field”."
    ),
    Setting(
        "manager_shown",
        "What the profile field shows",
        "choice",
        default=NAME,
        choices=((NAME, "the manager's name"), (EMAIL, "the manager's work e-mail")),
    ),
    Setting("manager_role", "Role of managers", "integer", help="The role's number. Only for “as a role over the person”."),
    Setting(
        "cohorts",
        "Cohorts",
        "list",
        help="One a line, attribute = prefix: with department = dept- somebody of Sales joins the cohort with the ID number dept-sales.",
    ),
    Setting("create_cohorts", "Make missing cohorts", "boolean", default=False, help="Otherwise a missing cohort is reported."),
    Setting(
        "languages",
        "Installed languages",
        "list",
        default=["en"],
        help="Codes of the language packs on your site, one a line, as in de or pt_br. Moodle refuses accounts in others, so these "
        "are created in the site's own.",
    ),
    Setting(
        "extended_usernames", "Extended characters in user names", "boolean", default=False, help="As set under Site security settings."
    ),
    Setting(
        "full_listing",
        "Read all accounts",
        "boolean",
        default=False,
        help="One call that answers with everybody who has an e-mail address. Moodle has no pages for it: for up to some 20,000 accounts.",
    ),
    Setting("batch_size", "Accounts in one call", "integer", default=LARGEST_BATCH, help=f"At most {LARGEST_BATCH}."),
    Setting("max_input_vars", "max_input_vars of the site's PHP", "integer", default=1000, help="Calls are kept below it."),
)


def beside(settings: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What an account holds beyond mapped fields: ID number, language, manager and cohorts, as far as the settings ask for them.

    A manager in a profile field and the language are ordinary fields; `cohorts` and `manager` (the role) are written by
    operations of their own.
    """
    also: dict[str, Any] = {}
    if settings.get("idnumber") == EMPLOYEE_NUMBER and attributes.get("employee_number"):
        also["idnumber"] = attributes["employee_number"]
    language = pack_for(str(attributes.get("language") or ""), [one.lower() for one in lines(settings.get("languages", ["en"]))])
    if language:
        also["lang"] = language
    if settings.get("managers") == PROFILE_FIELD and settings.get("manager_field"):
        also[PROFILE + str(settings["manager_field"]).strip()] = attributes.get(str(settings.get("manager_shown") or NAME)) or ""
    if settings.get("managers") == ROLE:
        also["manager"] = attributes.get("manager_public_id")
    prefixes = rules(lines(settings.get("cohorts")))
    if prefixes:
        also["cohorts"] = sorted(wanted(attributes, prefixes))
    return also


def terms(config: Mapping[str, Any]) -> Terms:
    """Raises SettingInvalid or SettingMissing, naming the field."""
    auth = str(config["auth"] or "").strip()
    sends = bool(config["send_mails"])
    if not auth:
        raise SettingMissing(sentence("Sign-in method of new accounts"), field="auth")
    if auth in INTERNAL_AUTH and not sends:
        raise SettingInvalid(
            sentence("Sign-in method: with “%(auth)s” Moodle needs to mail a first password; allow that or choose another", auth=auth),
            field="auth",
        )
    if config["managers"] == PROFILE_FIELD and not str(config["manager_field"] or "").strip():
        raise SettingMissing(sentence("Profile field for the manager"), field="manager_field")
    if config["managers"] == ROLE:
        whole(config, "manager_role", 1, 10**9)
    return Terms(
        auth=auth,
        creates_password=auth in INTERNAL_AUTH and sends,
        batch=whole(config, "batch_size", 1, LARGEST_BATCH),
        most_fields=whole(config, "max_input_vars", 100, 1_000_000),
        rules=Rules(
            extended_usernames=bool(config["extended_usernames"]),
            languages=frozenset(one.lower() for one in lines(config["languages"])),
        ),
    )


def whole(config: Mapping[str, Any], key: str, least: int, most: int) -> int:
    """A setting that is a whole number within bounds. Raises SettingInvalid."""
    try:
        number = int(config[key])
    except (TypeError, ValueError) as error:
        raise SettingInvalid(sentence("%(key)s: a whole number is expected", key=key), field=key) from error
    if not least <= number <= most:
        raise SettingInvalid(sentence("%(key)s: between %(least)s and %(most)s", key=key, least=least, most=most), field=key)
    return number


def lines(value: Any) -> tuple[str, ...]:
    """A setting of kind "list": its entries, trimmed, without empty ones."""
    entries: Sequence[Any] = value.splitlines() if isinstance(value, str) else (value or ())
    return tuple(text for text in (str(entry).strip() for entry in entries) if text)
