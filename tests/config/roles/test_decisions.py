"""Closing a login: at once, with a reason, by an administrator, never one's own."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from config.errors import PlanStale
from config.roles.models import User
from config.staff.decisions import CloseLogin, OpenLogin
from tests.contracts.decision import DecisionContract
from tests.rows import staff

pytestmark = pytest.mark.django_db


class TestCloseLogin(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        return CloseLogin(entitled, staff())


class TestOpenLogin(DecisionContract):
    @pytest.fixture
    def decision(self, entitled):
        login = staff()
        User.objects.filter(pk=login.pk).update(is_active=False)
        return OpenLogin(entitled, login)


def test_whoever_is_closed_out_is_out_with_the_next_click(client):
    lea = staff()
    client.force_login(lea)
    assert client.get(reverse("help")).status_code == 200
    CloseLogin(staff("administrator"), lea).execute("left the team")
    assert client.get(reverse("help")).status_code == 302


def test_nobody_closes_their_own_login():
    boss = staff("administrator")
    with pytest.raises(PermissionDenied, match="your own"):
        CloseLogin(boss, boss).execute("tired")


def test_an_administrator_is_closed_out_by_administrators_only():
    helper = staff("Integration engineer")
    helper.user_permissions.add(Permission.objects.get(codename="change_user"))
    helper = User.objects.get(pk=helper.pk)
    assert CloseLogin(helper, staff()).may()
    assert not CloseLogin(helper, staff("administrator")).may()


def test_closing_what_is_closed_says_that_somebody_was_first():
    lea, boss = staff(), staff("administrator")
    CloseLogin(boss, lea).execute("left")
    with pytest.raises(PlanStale):
        CloseLogin(boss, lea).execute("left")
