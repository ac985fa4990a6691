from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.reference import all_permissions
from config.roles.catalogue import APPROVER, AUDITOR, IT, LND, PARTNER, ROLES, SPECIAL, Role
from config.roles.models import User
from config.roles.sync_roles import granted, sync_roles


def member_of(role: Role) -> User:
    user = User.objects.create(username=role.name, is_staff=True)
    user.groups.add(Group.objects.get(name=role.name))
    return user


@pytest.mark.django_db
def test_migrating_makes_the_five_roles_with_their_permissions() -> None:
    for role in ROLES:
        held = {
            f"{permission.content_type.app_label}.{permission.codename}"
            for permission in Group.objects.get(name=role.name).permissions.select_related("content_type")
        }
        assert held == granted(role, all_permissions()), role.name


@pytest.mark.django_db
def test_every_special_permission_exists_once_and_says_what_it_allows() -> None:
    for name, (model, sentence) in SPECIAL.items():
        app, codename = name.split(".")
        permission = Permission.objects.get(content_type__app_label=app, codename=codename)
        assert (permission.content_type.model, permission.name) == (model, sentence)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_every_pattern_of_a_role_names_at_least_one_permission(role: Role) -> None:
    known = all_permissions()

    for pattern in role.permissions:
        assert granted(Role("", "", (pattern,)), known), pattern


@pytest.mark.django_db
def test_syncing_twice_writes_nothing_the_second_time() -> None:
    sync_roles()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        sync_roles()

    writes = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert writes == []


@pytest.mark.django_db
def test_a_permission_given_or_taken_by_hand_is_set_back_by_migrate() -> None:
    auditors = Group.objects.get(name=AUDITOR.name)
    auditors.permissions.clear()
    auditors.permissions.add(Permission.objects.get(codename="delete_person"))

    sync_roles()

    names = set(auditors.permissions.values_list("codename", flat=True))
    assert "delete_person" not in names
    assert "view_person" in names


@pytest.mark.django_db
def test_the_auditor_sees_everything_and_changes_nothing() -> None:
    auditor = member_of(AUDITOR)

    views = {name for name in all_permissions() if ".view_" in name}
    assert auditor.has_perms(views)
    changes = {name for name in all_permissions() if any(verb in name for verb in (".add_", ".change_", ".delete_"))}
    assert not any(auditor.has_perm(name) for name in changes)


@pytest.mark.django_db
def test_nobody_but_the_approver_approves_and_the_approver_starts_nothing() -> None:
    for role in (LND, IT, AUDITOR, PARTNER):
        assert not member_of(role).has_perm("syncjobs.approve_plan")
    approver = member_of(APPROVER)
    assert approver.has_perm("syncjobs.approve_plan")
    assert not approver.has_perm("syncjobs.start_run")


@pytest.mark.django_db
def test_no_role_may_delete_people_records_or_the_trail() -> None:
    for role in ROLES:
        user = member_of(role)
        for name in ("identity.delete_person", "integrations.delete_sourcerecord", "config.delete_auditentry", "config.change_auditentry"):
            assert not user.has_perm(name), (role.name, name)


@pytest.mark.django_db
def test_migrating_again_changes_no_role(django_assert_num_queries: object) -> None:
    before = set(Group.permissions.through.objects.values_list("group_id", "permission_id"))

    call_command("migrate", verbosity=0)

    assert set(Group.permissions.through.objects.values_list("group_id", "permission_id")) == before
