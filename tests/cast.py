"""The people every test knows. They live in the sandbox's world; see there for what is special about each."""

from __future__ import annotations

from integrations.sandbox.cast import (
    ANA_FIRST_HIRED_ON,
    ANA_LEFT_ON,
    ANA_RUIZ,
    CHEN_WEI_BERLIN,
    CHEN_WEI_SHANGHAI,
    HARUTO_SATO,
    JANE_DOE,
    JANE_DOE_AT_THE_CLIENT,
    LENA_VOGT,
    MARCO_ROSSI,
    MARCO_ROSSI_BAMBOO,
    NOOR_NEW_TITLE,
    NOOR_VAN_DEN_BERG,
    OMAR_HADDAD,
    SOFIA_LINDGREN,
    STELLAN_LINDGREN_BAMBOO,
    Member,
)

__all__ = [
    "ANA_FIRST_HIRED_ON",
    "ANA_LEFT_ON",
    "ANA_RUIZ",
    "CHEN_WEI_BERLIN",
    "CHEN_WEI_SHANGHAI",
    "HARUTO_SATO",
    "JANE_DOE",
    "JANE_DOE_AT_THE_CLIENT",
    "LENA_VOGT",
    "MARCO_ROSSI",
    "MARCO_ROSSI_BAMBOO",
    "NOOR_NEW_TITLE",
    "NOOR_VAN_DEN_BERG",
    "OMAR_HADDAD",
    "SOFIA_LINDGREN",
    "STELLAN_LINDGREN_BAMBOO",
    "Member",
]
