"""The quick way of checking addresses agrees with the library in everything."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config.errors import ValueInvalid
from integrations.mapping.addresses import email_address

LOCAL = st.text("abzAZ09._+-'\"@ ü\u200b", max_size=70)
DOMAIN = st.sampled_from(
    ["meridian.example", "Client-Company.example", "münchen.example", "localhost", "x.local", "a..b", "", "xn--mnchen-3ya.example"]
)


def by_library(text: str) -> str | None:
    try:
        return validate_email(text.strip().lower(), check_deliverability=False).normalized.lower()
    except (EmailNotValidError, UnicodeError):
        return None


def by_us(text: str) -> str | None:
    try:
        return email_address(text)
    except ValueInvalid:
        return None


@settings(max_examples=400, deadline=None)
@given(LOCAL, DOMAIN)
@example("a" * 64, "meridian.example")
@example("a" * 65, "meridian.example")
@example(".a", "meridian.example")
@example("a.", "meridian.example")
def test_both_accept_and_write_the_same(local: str, domain: str) -> None:
    text = f"{local}@{domain}"
    by_us(f"warm@{domain}")  # so that the quick way is taken where there is one
    assert by_us(text) == by_library(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    assert by_us(text) == by_library(text)


def test_domains_in_other_scripts_are_written_in_their_own() -> None:
    assert email_address("Jane@XN--MNCHEN-3YA.example") == email_address("jane@münchen.example") == "jane@münchen.example"


def test_the_message_names_the_address() -> None:
    with pytest.raises(ValueInvalid, match="jane at home"):
        email_address("jane at home")
