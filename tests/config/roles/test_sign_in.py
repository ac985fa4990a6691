from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisGone

from config.roles.models import User
from config.roles.sign_in import FROM_HERE, OF_ADDRESS, address_of

pytestmark = pytest.mark.django_db
RIGHT, WRONG = "a-long-and-right-one", "a-long-and-wrong-one"


@pytest.fixture(autouse=True)
def _lea() -> None:
    cache.clear()
    user = User.objects.create_user("lea", password=RIGHT, is_staff=True)
    user.groups.add(Group.objects.get(name="L&D admin"))


def sign_in(password: str, username: str = "lea", address: str = "198.51.100.7") -> tuple[Client, str]:
    client = Client(REMOTE_ADDR=address)
    answer = client.post(reverse("admin:login"), {"username": username, "password": password})
    return client, "" if answer.status_code == 302 else answer.content.decode()


def test_a_wrong_password_is_told_in_words_of_ours() -> None:
    said = sign_in(WRONG)[1]
    assert "This user name and password do not fit together." in said and "staff account" not in said


def test_the_right_password_is_not_looked_at_after_too_many_wrong_ones() -> None:
    for _try in range(FROM_HERE):
        assert "Too many" not in sign_in(WRONG)[1]
    client, said = sign_in(RIGHT)
    assert "Too many wrong passwords" in said and "_auth_user_id" not in client.session
    assert "Too many" in sign_in(RIGHT, username="LEA")[1]


def test_the_owner_still_signs_in_from_another_address() -> None:
    for _try in range(FROM_HERE):
        sign_in(WRONG)
    assert sign_in(RIGHT, address="198.51.100.8")[1] == ""


def test_one_address_cannot_try_a_password_on_everybody() -> None:
    for number in range(OF_ADDRESS):
        sign_in(WRONG, username=f"somebody-{number}")
    assert "Too many" in sign_in(RIGHT)[1]


def test_a_right_password_ends_the_count() -> None:
    for _try in range(FROM_HERE - 1):
        sign_in(WRONG)
    assert sign_in(RIGHT)[1] == ""
    assert "Too many" not in sign_in(WRONG)[1]


def test_a_cache_that_is_gone_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise RedisGone

    for verb in ("get", "add", "incr", "delete"):
        monkeypatch.setattr(cache, verb, gone)
    assert "Too many" not in sign_in(WRONG)[1]
    assert sign_in(RIGHT)[1] == ""


def test_an_address_behind_a_proxy_is_what_the_proxy_wrote_and_otherwise_nobodys_claim(settings: Any) -> None:
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.1, 198.51.100.9"}, REMOTE_ADDR="10.0.0.1")
    assert address_of(request) == "10.0.0.1"
    settings.BEHIND_PROXY = True
    assert address_of(request) == "198.51.100.9"


def test_the_session_changes_at_sign_in_ends_at_sign_out_and_sign_out_wants_a_post() -> None:
    client, _said = sign_in(RIGHT)
    key = client.session.session_key
    assert client.get(reverse("admin:logout")).status_code == 405
    client.post(reverse("admin:logout"))
    assert client.session.session_key != key and "_auth_user_id" not in client.session


def test_a_password_can_be_changed_and_the_old_one_is_of_no_use() -> None:
    client, _said = sign_in(RIGHT)
    fresh = "another-long-one-7"
    said = {"old_password": RIGHT, "new_password1": fresh, "new_password2": fresh}
    assert client.get(reverse("admin:password_change")).status_code == 200
    assert client.post(reverse("admin:password_change"), said).status_code == 302
    assert sign_in(RIGHT)[1] != "" and sign_in(fresh)[1] == ""


def test_sign_in_leads_to_no_other_site() -> None:
    answer = Client().post(reverse("admin:login"), {"username": "lea", "password": RIGHT, "next": "https://elsewhere.example/"})
    assert answer["Location"].startswith("/admin/")
