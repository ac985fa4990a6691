"""One login per role and an administrator, so that a visitor can look at everything with everybody's eyes. Only in a demo."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group

from config.roles.models import User
from syncjobs.demo.models import PieceKind, mark

PASSWORD = "rollcall-demo"  # noqa: S105  loopback only; the demo prints it


@dataclass(frozen=True)
class Login:
    username: str
    first_name: str
    last_name: str
    role: str
    is_administrator: bool = False


LOGINS = (
    Login("lea", "Lea", "Adler", "L&D admin"),
    Login("ivan", "Ivan", "Petrov", "Integration engineer"),
    Login("audrey", "Audrey", "Okafor", "Auditor"),
    Login("paul", "Paul", "Costa", "Partner manager"),
    Login("ada", "Ada", "Lindqvist", "Approver"),
    Login("otto", "Otto", "Brandt", "Administrator", is_administrator=True),
)


def make_logins() -> dict[str, User]:
    """The logins above by name, each in its role. Whoever had such a name before stays as they are, and is not the demo's."""
    made = [_login(login) for login in LOGINS if not User.objects.filter(username=login.username).exists()]
    mark(PieceKind.LOGIN, made)
    return {user.username: user for user in made}


def _login(login: Login) -> User:
    user = User.objects.create_user(
        login.username,
        f"{login.username}@meridian.example",
        PASSWORD,
        first_name=login.first_name,
        last_name=login.last_name,
        is_staff=True,
        is_superuser=login.is_administrator,
    )
    if not login.is_administrator:  # no group: they may do everything
        user.groups.add(Group.objects.get(name=login.role))
    return user
