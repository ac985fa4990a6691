"""Somebody in front of a browser: signed in or not, wide or narrow screen, light or dark, with or without scripts."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import Browser, Page

from config.roles.models import User

LAUNCH = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = 1440, 390
RECORD_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
    window.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
});
"""


def member_of(role: str) -> User:
    """A member of staff in the group of that name; “administrator” may do everything."""
    user, _is_new = User.objects.get_or_create(
        username=role.lower().replace(" ", "-").replace("&", "n"),
        defaults={"first_name": "Lea", "last_name": "Adler", "is_staff": True, "is_superuser": role == "administrator"},
    )
    if not user.is_superuser:
        user.groups.set([Group.objects.get(name=role)])
    return user


class Visitor:
    """One browser context. `complaints` is what the browser wrote to its console as an error or warning, and scripts that broke."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        user: User | None,
        *,
        width: int = WIDE,
        theme: str = "light",
        scripts: bool = True,
        height: int = 900,
        locale: str = "en-GB",
    ) -> None:
        self.url = url
        self.complaints: list[str] = []
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            java_script_enabled=scripts,
            locale=locale,
            reduced_motion="reduce",
        )
        self.context.add_init_script(RECORD_VIOLATIONS)
        self.context.set_default_timeout(10_000)
        if user is not None:
            self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": url}])
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str, status: int = 200) -> Page:
        """Go there; the answer must have that status."""
        answer = self.page.goto(self.url + path)
        assert answer is not None and answer.status == status, f"{path} answered {answer and answer.status}"
        return self.page

    def leave(self) -> None:
        self.context.close()


def session_of(user: User) -> str:
    """The key of a fresh session of this user."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value
