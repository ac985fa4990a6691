"""Words for what went wrong, with and without somebody signed in."""

from __future__ import annotations

import pytest
from django.test import Client

from config.roles.models import User

pytestmark = pytest.mark.django_db


def test_an_old_link_outside_the_admin_says_so_without_a_menu(client):
    answer = client.get("/nothing/here/")
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "There is nothing at this address." in page
    assert "rc-nav" not in page


def test_a_form_that_did_not_come_from_here_changes_nothing_and_says_so():
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create(username="lea", is_staff=True))
    answer = client.post("/admin/language/", {"language": "de"})
    assert answer.status_code == 403
    assert "Nothing has been changed." in answer.content.decode()
    assert User.objects.get(username="lea").language == ""


def test_what_cannot_be_understood_is_answered_in_the_frame_of_the_other_pages(client):
    answer = client.get("/admin/login/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "This address or form cannot be read." in answer.content.decode()
