from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.utils import timezone

from config.notices.models import Notice
from config.roles.catalogue import IT, PARTNER
from config.roles.models import User
from config.roles.scopes import ScopedQuerySet, scoped_for

pytestmark = pytest.mark.django_db


class OwnNotices(ScopedQuerySet[Notice]):
    def within(self, user: object) -> ScopedQuerySet[Notice]:
        return self.filter(owner="it")


@pytest.fixture
def notices() -> None:
    now = timezone.now()
    for owner in ("it", "lnd"):
        Notice.objects.create(key=owner, severity="warn", title=owner, owner=owner, first_at=now, last_at=now)


def signed_in(role: object, **fields: object) -> User:
    user = User.objects.create(username="someone", **fields)
    user.groups.add(Group.objects.get(name=role.name))  # type: ignore[attr-defined]
    return user


@pytest.mark.usefixtures("notices")
def test_a_list_is_empty_without_the_view_permission() -> None:
    assert scoped_for(signed_in(IT), Notice.objects.all()).count() == 2
    assert scoped_for(AnonymousUser(), Notice.objects.all()).count() == 0
    User.objects.all().delete()
    assert scoped_for(signed_in(PARTNER), Notice.objects.all()).count() == 0


@pytest.mark.usefixtures("notices")
def test_a_login_that_was_switched_off_sees_nothing() -> None:
    assert scoped_for(signed_in(IT, is_active=False), Notice.objects.all()).count() == 0


@pytest.mark.usefixtures("notices")
def test_a_model_with_scopes_of_its_own_narrows_further() -> None:
    rows = OwnNotices(Notice)

    assert [notice.owner for notice in scoped_for(signed_in(IT), rows)] == ["it"]
    assert rows.scoped_for(AnonymousUser()).count() == 0
