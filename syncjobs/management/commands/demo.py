"""The invented company, loaded.

manage.py demo load      logins, connectors, and the first night; a second time it changes nothing
manage.py demo banner    address, logins and what to try first
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrations.management.commands.sandbox import HR_FOLDER
from syncjobs.demo.company import is_loaded, make_company
from syncjobs.demo.first_night import first_night
from syncjobs.demo.staff import LOGINS, PASSWORD, make_logins

TRY_FIRST = (  # in the words of the pages (tested)
    "Open “Needs a decision” as lea: somebody exists in Moodle already. Say who it is.",
    "In the sandbox, open somebody in Workday; under “Leaves” enter yesterday as last day. “Sync now” in Rollcall suspends the account.",
    "In the sandbox, under “Break something”, switch on “The last page is missing” for Workday. “Read everything”: nobody is deactivated.",
)


class Command(BaseCommand):
    help = "Load the sandbox company into this installation, or say how to look at it. Never in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["load", "banner"])

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("the demo does not run in production")
        if options["verb"] == "banner":
            self._banner()
        elif is_loaded():
            self.stdout.write("The demo is loaded already; going on with its data.")
        else:
            self._load()

    def _load(self) -> None:
        logins = {user.username: user for user in make_logins()}
        make_company(logins["ivan"], settings.SANDBOX_URL, str(settings.SANDBOX_DIR / HR_FOLDER))
        self.stdout.write("Reading Meridian Works for the first time …")
        first_night(logins["ada"], lambda line: self.stdout.write(f"  {line}"))

    def _banner(self) -> None:
        lines = [
            "",
            f"Rollcall runs at {settings.PUBLIC_URL}",
            f"The sandbox is at {settings.SANDBOX_URL}",
            "",
            f"Password of every login: {PASSWORD}",
        ]
        lines += [f"  {login.username:<8} {login.role}" for login in LOGINS]
        lines += ["", "Try first:", *[f"  {number}. {text}" for number, text in enumerate(TRY_FIRST, 1)], "", "Stop with Ctrl-C.", ""]
        self.stdout.write("\n".join(lines))
