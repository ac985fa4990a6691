"""Who is in this Moodle before anybody synchronises anything: the site's own accounts and a few learners of old.

The learners make matching work for its living: three carry the employee number of one of the cast, one shares only a user
name with somebody else, one only an e-mail address.
"""

from __future__ import annotations

from integrations.sandbox.cast import ANA_RUIZ, CHEN_WEI_SHANGHAI, JANE_DOE, NOOR_VAN_DEN_BERG, Member
from integrations.sandbox.emulators.moodle.store import Row, Store

SITE: tuple[Row, ...] = (
    {"username": "guest", "firstname": "Guest user", "lastname": "", "email": "root@localhost", "auth": "manual"},
    {"username": "admin", "firstname": "Admin", "lastname": "User", "email": "admin@academy.meridian.example", "siteadmin": 1},
    {"username": "rollcall-ws", "firstname": "Rollcall", "lastname": "Service", "email": "rollcall@academy.meridian.example"},
)


def _by_number(member: Member, **more: object) -> Row:
    return {
        "username": member.email.partition("@")[0],
        "firstname": member.given,
        "lastname": member.family,
        "email": member.email,
        "idnumber": member.employee_number,
        **more,
    }


LEARNERS: tuple[Row, ...] = (
    _by_number(JANE_DOE, department="Sales"),
    _by_number(ANA_RUIZ, suspended=1, city="Madrid"),  # from before she left
    _by_number(CHEN_WEI_SHANGHAI, lang="zh_cn"),
    {  # another Marco, who took the short name first
        "username": "marco.rossi",
        "firstname": "Marco Antonio",
        "lastname": "Rossi",
        "email": "marco.antonio@alumni.example",
        "idnumber": "",
    },
    {  # Noor made herself an account years ago
        "username": "nvdberg",
        "firstname": "Noor",
        "lastname": "v.d. Berg",
        "email": NOOR_VAN_DEN_BERG.email.upper().replace("MERIDIAN.EXAMPLE", "meridian.example"),
        "idnumber": "",
        "auth": "email",
    },
)


def move_in(store: Store, now: int, with_learners: bool) -> None:
    """Fill an empty site; does nothing where somebody lives already."""
    if store.row("SELECT id FROM user LIMIT 1"):
        return
    with store.transaction():
        for row in (*SITE, *(LEARNERS if with_learners else ())):
            store.insert("user", {"auth": "manual", "lang": "en", "timecreated": now, "timemodified": now, **row})
