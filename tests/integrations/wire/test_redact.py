from __future__ import annotations

import pytest

from integrations.wire.redact import Redactor, is_secret_name


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pw@hr.example.com:8443/a?b=1#frag", "https://hr.example.com:8443/a?b=1"),
        ("https://hr.example.com/?access_token=abc&page=2", "https://hr.example.com/?access_token=•••&page=2"),
        ("https://hr.example.com/?X-Amz-Signature=abc&x", "https://hr.example.com/?X-Amz-Signature=•••&x"),
        ("https://hr.example.com/?email=a%40b.example", "https://hr.example.com/?email=•••"),
        ("https://hr.example.com/users/jane.doe@client-company.example", "https://hr.example.com/users/•••"),
        ("https://[2606:4700::1111]:8443/x", "https://[2606:4700::1111]:8443/x"),
        ("https://hr.example.com:notaport/", "•••"),
    ],
)
def test_a_url_is_shown_without_what_opens_doors_or_names_people(url: str, shown: str) -> None:
    assert Redactor().url(url) == shown


def test_known_secrets_are_hidden_wherever_they_stand_and_however_written() -> None:
    redactor = Redactor(["s3cr3t/+ value"])
    assert redactor.url("https://hr.example.com/s3cr3t%2F%2B%20value/x?q=s3cr3t%2F%2B+value") == "https://hr.example.com/•••/x?q=•••"
    assert redactor.text("your key s3cr3t/+ value is wrong") == "your key ••• is wrong"


def test_a_secret_that_contains_another_is_hidden_whole() -> None:
    assert Redactor(["abcd", "abcdefgh"]).text("abcdefgh abcd") == "••• •••"


def test_a_secret_learned_later_is_hidden_from_then_on() -> None:
    redactor = Redactor()
    redactor.add("tok-123456")
    assert redactor.text("token tok-123456") == "token •••"


def test_very_short_secrets_do_not_blot_out_the_text() -> None:
    assert Redactor(["a", ""]).text("a banana") == "a banana"


@pytest.mark.parametrize("name", ["wstoken", "api_key", "API-Key", "client_secret", "Password", "sig", "access_token", "id_token", "code"])
def test_names_of_keys_are_known(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["page", "keyword", "codec", "limit", "fields", "country_code", "company", "since", "monkey"])
def test_ordinary_names_are_not_taken_for_keys(name: str) -> None:
    assert not is_secret_name(name)
