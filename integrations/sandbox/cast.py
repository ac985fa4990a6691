"""The people every test and every story knows by name. Keys and numbers are the same in every world, whatever its size.

All of them sit in Workday; Marco is also in BambooHR, under the same employee number and another e-mail address.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any


@dataclass(frozen=True)
class Member:
    """`values` are the fields in which this person differs from what the seed would have made.

    `unit` is an index into places.NAMED_UNITS; so are `matrix_units`, whose leaders become matrix managers.
    """

    key: str
    employee_number: str
    given: str
    family: str
    email: str
    location: str
    unit: int
    title: str
    values: dict[str, Any] = field(default_factory=dict)
    matrix_units: tuple[int, ...] = ()
    hr: str = "workday"


def _wid(number: int) -> str:
    return f"3aa5550b7fe348b98d7b5741a000{number:04x}"


JANE_DOE = Member(_wid(1), "10001", "Jane", "Doe", "jane.doe@meridian.example", "AUS", 22, "Account Manager III")
JANE_DOE_AT_THE_CLIENT = "jane.doe@client-company.example"  # the same human as a customer's contact

MARCO_ROSSI = Member(
    _wid(2), "10002", "Marco", "Rossi", "marco.rossi@meridian.example", "MIL", 21, "Sales Engineer II", matrix_units=(19,)
)  # two managers in two supervisory organisations
MARCO_ROSSI_BAMBOO = Member("402", "10002", "Marco", "Rossi", "m.rossi@meridian.example", "MIL", 21, "Sales Engineer", hr="bamboohr")

ANA_RUIZ = Member(_wid(3), "10003", "Ana", "Ruiz", "ana.ruiz@meridian.example", "MAD", 35, "Partner Manager II")  # a rehire

# The two Chens: same name, different people. One in Shanghai, one in Berlin.
CHEN_WEI_SHANGHAI = Member(_wid(4), "10004", "Wei", "Chen", "wei.chen@meridian.example", "SHA", 20, "Analyst III")
CHEN_WEI_BERLIN = Member(_wid(5), "10005", "Wei", "Chen", "wei.chen2@meridian.example", "BER", 27, "Logistics Planner I")

HARUTO_SATO = Member(_wid(6), "10006", "Haruto", "Sato", "haruto.sato@meridian.example", "TYO", 38, "Account Manager II")
LENA_VOGT = Member(_wid(7), "10007", "Lena", "Vogt", "lena.vogt@meridian.example", "BER", 31, "Software Engineer II")

# A contractor until somebody converts him: the new employee record has another WID and another number.
OMAR_HADDAD = Member(
    _wid(8), "C10008", "Omar", "Haddad", "omar.haddad@meridian.example", "LON", 25, "Support Engineer II", {"kind": "contingent"}
)

NOOR_VAN_DEN_BERG = Member(_wid(9), "10009", "Noor", "van den Berg", "noor.vandenberg@meridian.example", "AMS", 20, "Analyst II")
NOOR_NEW_TITLE = "Senior Analyst"

# Two people who share an address because it was handed on: same e-mail, different numbers, different humans.
SOFIA_LINDGREN = Member(_wid(10), "10010", "Sofia", "Lindgren", "s.lindgren@meridian.example", "LON", 24, "Content Editor II")
STELLAN_LINDGREN_BAMBOO = Member(
    "403", "B1403", "Stellan", "Lindgren", "s.lindgren@meridian.example", "BER", 24, "Brand Designer II", hr="bamboohr"
)

WORKDAY = (
    JANE_DOE,
    MARCO_ROSSI,
    ANA_RUIZ,
    CHEN_WEI_SHANGHAI,
    CHEN_WEI_BERLIN,
    HARUTO_SATO,
    LENA_VOGT,
    OMAR_HADDAD,
    NOOR_VAN_DEN_BERG,
    SOFIA_LINDGREN,
)
BAMBOOHR = (MARCO_ROSSI_BAMBOO, STELLAN_LINDGREN_BAMBOO)

ANA_FIRST_HIRED_ON = date(2019, 3, 4)
ANA_LEFT_ON = date(2023, 6, 30)


def dated_values(member: Member, created_on: date) -> dict[str, Any]:
    """The dates that hang on the day the world was made."""
    if member is ANA_RUIZ:
        return {"original_hire_on": ANA_FIRST_HIRED_ON, "hire_on": created_on - timedelta(days=40)}
    if member is HARUTO_SATO:
        last_day_on = created_on + timedelta(days=1)
        return {"last_day_on": last_day_on, "termination_on": last_day_on, "termination_reason": "Resignation"}
    if member is LENA_VOGT:
        monday = created_on + timedelta(days=7 - created_on.weekday())
        return {"hire_on": monday, "original_hire_on": monday}
    return {}
