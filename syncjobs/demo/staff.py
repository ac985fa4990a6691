"""One login per role, so that a visitor can look at everything with everybody's eyes. Only in a demo."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group

from config.roles.models import User

PASSWORD = "rollcall-demo"  # noqa: S105  loopback only; the demo prints it


@dataclass(frozen=True)
class Login:
    username: str
    first_name: str
    last_name: str
    role: str


LOGINS = (
    Login("lea", "Lea", "Adler", "L&D admin"),
    Login("ivan", "Ivan", "Petrov", "Integration engineer"),
    Login("audrey", "Audrey", "Okafor", "Auditor"),
    Login("paul", "Paul", "Costa", "Partner manager"),
    Login("ada", "Ada", "Lindqvist", "Approver"),
)


def make_logins() -> list[User]:
    """The logins above, each in its role; those that exist stay as they are."""
    made = []
    for login in LOGINS:
        user, is_new = User.objects.get_or_create(
            username=login.username,
            defaults={
                "first_name": login.first_name,
                "last_name": login.last_name,
                "email": f"{login.username}@meridian.example",
                "is_staff": True,
            },
        )
        if is_new:
            user.set_password(PASSWORD)
            user.save()
        user.groups.add(Group.objects.get(name=login.role))
        made.append(user)
    return made
