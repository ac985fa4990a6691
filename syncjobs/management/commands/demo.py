"""The invented company, loaded and removed.

manage.py demo                    the same as load
manage.py demo load               logins, connectors, and the first night; a second time it changes nothing
manage.py demo banner             address, logins and what to try first
manage.py demo purge --dry-run    how much would go
manage.py demo purge --yes        removes what the demo loaded and what came of it, and nothing else
"""

from __future__ import annotations

import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from config.errors import Busy
from config.management.answer import AnsweringCommand, Exit
from integrations.connectors.models import Connector
from integrations.connectors.uploads import forget_all
from integrations.management.commands.sandbox import HR_FOLDER
from syncjobs.demo.company import is_loaded, make_company
from syncjobs.demo.first_night import first_night
from syncjobs.demo.purge import PurgeDemo
from syncjobs.demo.sandbox_state import reset
from syncjobs.demo.staff import LOGINS, PASSWORD, make_logins

TRY_FIRST = (  # in the words of the pages (tested)
    "Open “Needs a decision” as lea: somebody exists in Moodle already. Say who it is.",
    "In the sandbox, open somebody in Workday; under “Leaves” enter yesterday as last day. “Sync now” in Rollcall suspends the account.",
    "In the sandbox, under “Break something”, switch on “The last page is missing” for Workday. “Read everything”: nobody is deactivated.",
)


PATIENCE_SECONDS, NAP_SECONDS = 60.0, 0.5  # for a worker that is at a run of the demo: a slice takes up to half a minute


class Command(AnsweringCommand):
    help = "Load the sandbox company into this installation, say how to look at it, or remove it again. Never in production."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("verb", nargs="?", choices=["load", "banner", "purge"], default="load")
        parser.add_argument("--dry-run", action="store_true", help="purge: only count")
        parser.add_argument("--yes", action="store_true", help="purge: do not ask; needed where there is no terminal")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("the demo does not run in production")
        {"load": self._load, "banner": self._banner, "purge": self._purge}[options["verb"]](options)

    def _load(self, options: dict[str, Any]) -> None:
        if is_loaded():
            self.answer(options, ["The demo is loaded already; going on with its data."], {"runs": []})
            return
        say = self.stderr if options["json"] else self.stdout
        logins = make_logins()
        make_company(logins.get("ivan"), settings.SANDBOX_URL, str(settings.SANDBOX_DIR / HR_FOLDER))
        say.write("Reading Meridian Works for the first time …")
        runs = first_night(logins.get("ada"), lambda line: say.write(f"  {line}"))
        self.answer(options, [], {"runs": [run.pk for run in runs]})

    def _banner(self, options: dict[str, Any]) -> None:
        lines = [
            "",
            f"Rollcall runs at {settings.PUBLIC_URL}",
            f"The sandbox is at {settings.SANDBOX_URL}",
            "",
            f"Password of every login: {PASSWORD}",
        ]
        lines += [f"  {login.username:<8} {login.role}" for login in LOGINS]
        lines += ["", "Try first:", *[f"  {number}. {text}" for number, text in enumerate(TRY_FIRST, 1)], "", "Stop with Ctrl-C.", ""]
        self.answer(options, ["\n".join(lines)], {"url": settings.PUBLIC_URL, "logins": [login.username for login in LOGINS]})

    def _purge(self, options: dict[str, Any]) -> None:
        effect = (decision := PurgeDemo()).preview()
        sentences = [*map(str, effect.sentences), *(f"{count:>9} {name}" for name, count in effect.counts.items())]
        if options["dry_run"] or decision.reach.is_empty:
            self.answer(options, sentences, dict(effect.counts))
            return
        if not options["yes"]:
            self._ask(sentences)
        keys = list(Connector.objects.filter(pk__in=decision.reach.connectors).values_list("key", flat=True))
        self._at_rest()
        for key in keys:
            forget_all(key)
        runs = reset()
        done = "The running sandbox begins again at its first day." if runs else "The sandbox has forgotten everything."
        self.answer(options, [*sentences, f"Gone. {done}"], dict(effect.counts))

    def _ask(self, sentences: list[str]) -> None:
        if not sys.stdin.isatty():
            raise CommandError("nothing was removed: there is no terminal to ask at, so say --yes", returncode=int(Exit.INVALID))
        self.stderr.write("\n".join(sentences))
        if input("Remove it? Type yes: ").strip().lower() != "yes":
            raise CommandError("nothing was removed", returncode=int(Exit.INVALID))

    def _at_rest(self) -> None:
        """Carry out between two turns of a worker."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                PurgeDemo().execute()
            except Busy as busy:
                if time.monotonic() > ends:
                    raise CommandError(f"nothing was removed: {busy.detail}") from busy
                time.sleep(NAP_SECONDS)
            else:
                return
