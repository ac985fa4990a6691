"""The table of countries against the list that comes with the time zones."""

from __future__ import annotations

from importlib.resources import files

import pytest

from config.errors import ValueInvalid
from integrations.mapping.countries import ALPHA_2, country_code


def test_the_table_holds_exactly_the_codes_of_the_standard() -> None:
    lines = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text().splitlines()
    assert {line[:2] for line in lines if not line.startswith("#")} == ALPHA_2


def test_names_codes_and_other_spellings_agree() -> None:
    assert [country_code(name) for name in ("GERMANY", "germany", "DEU", "de", "Deutschland", "Federal Republic of Germany")] == ["DE"] * 6
    assert country_code("St. Lucia") == country_code("Saint Lucia") == "LC"
    assert country_code("The Netherlands") == country_code("Holland") == "NL"
    assert country_code("Congo") == "CG"
    assert country_code("Niger") == "NE"


@pytest.mark.parametrize("name", ["Republic of", "the", "X", "Deutschlan", "a" * 5000, "–"])
def test_what_is_no_country_is_refused(name: str) -> None:
    with pytest.raises(ValueInvalid):
        country_code(name)
