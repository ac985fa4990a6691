"""Staff and roles: who may look, who may change, and that every change stands in the trail."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from config.audit.models import AuditDetail, AuditEntry
from config.roles.catalogue import ROLES
from config.roles.models import User
from tests.rows import staff

pytestmark = pytest.mark.django_db
LIST = "admin:config_user_changelist"
PASSWORD = "a long enough password"


@pytest.fixture
def boss(client):
    boss = staff("administrator")
    client.force_login(boss)
    return boss


@pytest.fixture
def lea():
    return User.objects.create(username="lea", first_name="Lea", last_name="Winter", is_staff=True, time_zone="Asia/Tokyo", language="de")


def form_of(user, **changes):
    known = {name: getattr(user, name) for name in ("username", "first_name", "last_name", "email", "time_zone", "language")}
    return known | {"groups": list(user.groups.values_list("pk", flat=True))} | changes


def change(user):
    return reverse("admin:config_user_change", args=[user.pk])


@pytest.mark.parametrize(("role", "status"), [("Integration engineer", 200), ("Auditor", 200), ("L&D admin", 403)])
def test_whoever_may_see_logins_sees_them_and_what_each_role_may_do(client, role, status):
    client.force_login(staff(role))
    group = Group.objects.get(name="Approver")
    addresses = [reverse(LIST), reverse("admin:auth_group_changelist"), reverse("admin:auth_group_change", args=[group.pk])]
    assert [client.get(address).status_code for address in addresses] == [status] * 3


def test_the_menu_leads_there(client, boss):
    assert f'href="{reverse(LIST)}"' in client.get(reverse("system")).text


def test_a_line_says_who_as_what_when_and_how_they_read(client, boss, lea):
    lea.groups.set(Group.objects.filter(name__in=["Auditor", "Approver"]))
    page = client.get(reverse(LIST)).text
    for text in ("Lea Winter", "Approver, Auditor", "Asia/<wbr>Tokyo", "German", "never", "active"):
        assert text in page


def test_the_list_asks_no_more_for_more_logins(client, boss, django_assert_max_num_queries):
    for number in range(30):
        User.objects.create(username=f"user{number}").groups.add(Group.objects.get(name="Auditor"))
    with django_assert_max_num_queries(22):
        client.get(reverse(LIST))


def test_roles_are_boxes_that_say_what_they_are_for(client, boss, lea):
    page = client.get(change(lea)).text
    assert page.count('type="checkbox" name="groups"') == Group.objects.count()
    assert "selectfilter" not in page
    for role in ROLES:
        assert role.purpose.replace("&", "&amp;") in page


def test_a_person_is_added_with_a_role_and_stands_in_the_trail(client, boss):
    role = Group.objects.get(name="Auditor")
    given = {"username": "nora", "first_name": "Nora", "last_name": "Lind", "email": "nora@meridian.example", "groups": [role.pk]}
    signing_in = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse("admin:config_user_add"), given | signing_in)
    nora = User.objects.get(username="nora")
    assert (nora.is_staff, nora.is_superuser, [group.name for group in nora.groups.all()]) == (True, False, ["Auditor"])
    entry = AuditEntry.objects.select_related("detail", "cause").get(action="user.added")
    assert entry.cause.actor == boss
    assert entry.detail.after["roles"] == ["Auditor"]
    assert client.login(username="nora", password=PASSWORD)


def test_a_change_of_roles_keeps_before_and_after(client, boss, lea):
    lea.groups.set([Group.objects.get(name="Auditor")])
    client.post(change(lea), form_of(lea, groups=[Group.objects.get(name="Approver").pk], time_zone="Europe/Paris"))
    detail = AuditDetail.objects.get(entry__action="user.changed")
    assert (detail.before["roles"], detail.after["roles"]) == (["Auditor"], ["Approver"])
    assert (detail.before["time_zone"], detail.after["time_zone"]) == ("Asia/Tokyo", "Europe/Paris")


def test_saving_without_a_change_leaves_nothing_in_the_trail(client, boss, lea):
    client.post(change(lea), form_of(lea))
    assert not AuditEntry.objects.filter(object_type="user").exists()


def test_a_new_password_stands_in_the_trail_and_is_not_kept_there(client, boss, lea):
    address = reverse("admin:auth_user_password_change", args=[lea.pk])
    client.post(address, {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD})
    detail = AuditDetail.objects.get(entry__action="user.password_set")
    lea.refresh_from_db()
    assert lea.check_password(PASSWORD)
    assert PASSWORD not in str(detail.after)
    assert lea.password not in str(detail.after)


def test_a_zone_nobody_knows_is_refused(client, boss, lea):
    assert client.post(change(lea), form_of(lea, time_zone="Europe/Atlantis")).status_code == 200
    lea.refresh_from_db()
    assert lea.time_zone == "Asia/Tokyo"


def test_a_login_is_closed_with_a_reason_and_opened_again(client, boss, lea):
    client.post(reverse("admin:config_user_decide", args=[lea.pk, "deactivate"]), {"reason": "left the team"})
    lea.refresh_from_db()
    assert not lea.is_active
    page = client.get(change(lea)).text
    assert "Activate again" in page
    assert ">Deactivate<" not in page
    client.post(reverse("admin:config_user_decide", args=[lea.pk, "activate"]), {"reason": "came back"})
    lea.refresh_from_db()
    assert lea.is_active


def test_nobody_is_deleted(client, boss, lea):
    assert client.post(reverse("admin:config_user_delete", args=[lea.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("name", ["change", "password"])
def test_whoever_is_no_administrator_changes_no_login_whatever_a_group_says(client, lea, name):
    helper = staff("Integration engineer")
    helper.user_permissions.set(Permission.objects.filter(codename__in=("add_user", "change_user", "delete_user")))
    client.force_login(helper)
    address = change(lea) if name == "change" else reverse("admin:auth_user_password_change", args=[lea.pk])
    answer = client.post(address, form_of(lea, is_superuser="on") | {"password1": PASSWORD, "password2": PASSWORD})
    assert answer.status_code == 403
    assert client.get(reverse("admin:config_user_add")).status_code == 403
    lea.refresh_from_db()
    assert not lea.is_superuser


def test_whoever_may_only_look_sees_nothing_of_a_password(client, lea):
    lea.set_password(PASSWORD)
    lea.save()
    client.force_login(staff("Auditor"))
    page = client.get(change(lea)).text
    assert "Asia/Tokyo" in page
    assert "pbkdf2" not in page


def test_a_role_says_in_words_what_it_may(client, boss):
    page = client.get(reverse("admin:auth_group_change", args=[Group.objects.get(name="Approver").pk])).text
    assert "Approve or refuse a plan that a guard holds" in page
    assert re.search(r"see: [^<]*Connectors", page)
    assert 'name="_save"' not in page


def test_logins_are_found_by_role_and_state(client, boss, lea):
    lea.groups.set([Group.objects.get(name="Auditor")])
    auditor = Group.objects.get(name="Auditor")

    def shown(asked: str) -> set[str]:
        return {user.username for user in client.get(f"/admin/config/user/?{asked}").context["cl"].result_list}

    assert shown(f"role={auditor.pk}") == {lea.username}
    assert shown("role=administrator") == {boss.username}
    assert shown("role=none") == set()
    assert shown("state=deactivated") == set()
    assert shown("state=active") == shown("") == {lea.username, boss.username}
    assert shown("role=99999999999999999999") == shown(""), "what is no role narrows nothing"


def test_the_list_says_first_how_many_may_sign_in(client, boss, lea):
    body = client.get("/admin/config/user/").content.decode()
    assert "2 people can sign in, 1 of them as administrator." in " ".join(body.split())
